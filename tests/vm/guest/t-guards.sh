# SPDX-License-Identifier: GPL-2.0-only
# Suite: a guard whose pins are not to be seen: every verb says where it is, none loads a second one, and unload takes it away.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

FAR=/tmp/far
mkdir -p $FAR

running()
{
	bpftool prog show | grep -o '^[0-9]*: .* name daxguard[^ ]*'
	bpftool link show | grep -o '^[0-9]*: [a-z]*'
}

# sees WHERE REGEX [PREFIX...]: no verb takes it for unloaded, and none changes anything.
sees()
{
	_where=$1
	_regex="^daxguard: $2"
	shift 2
	running >/tmp/running
	says 1 "$_where: status" "$_regex" "$@" daxguard status
	"$@" daxguard status -j >/tmp/json
	check "$_where: status, in JSON" test "$(dgprobe json loaded status </tmp/json | tr '\t' ' ')" = 'false 1'
	says 1 "$_where: load" "$_regex" "$@" daxguard load --hooks=lsm
	says 1 "$_where: policy list" "$_regex" "$@" daxguard policy list
	says 1 "$_where: begin" "$_regex" "$@" daxguard begin dax0.0
	running | check "$_where: the guard is as it was" cmp /tmp/running -
}

# taken_away WHERE [PREFIX...]: by unload, at once.
taken_away()
{
	_where=$1
	shift
	says 0 "$_where: unload" '' "$@" daxguard unload
	check "$_where: no link is left" test -z "$(bpftool link show)"
	check "$_where: status says so" test "$(field loaded)" = false
}

hidden()
{
	echo "the guard is loaded, but another mount on '$1' hides its pins: umount $1,.*'daxguard unload'"
}

# With its program: the kernel frees the others a while after.
one_link_left()
{
	[ "$(running | wc -l)" -eq 2 ]
}

# may_not_look WHEN: nobody takes what he may not see for something else.
may_not_look()
{
	_regex="^daxguard: '.*' may not be looked at from here .*outside of the user namespace"
	for verb in status 'policy list' 'begin dax0.0' unload; do
		# shellcheck disable=SC2086 # words
		says 3 "$1: ${verb%% *}" "$_regex" dgprobe as-uid 1000 unshare -U -r daxguard $verb
	done
	dgprobe as-uid 1000 unshare -U -r daxguard status -j >/tmp/json
	check "$1: status, in JSON" test "$(dgprobe json loaded status </tmp/json | tr '\t' ' ')" = 'false 3'
}

# --- root of a user namespace ---

may_not_look 'as root of a user namespace, not loaded'
load_or_quit
may_not_look 'as root of a user namespace'
says 3 'as root of a user namespace: load' 'may not be looked at from here' dgprobe as-uid 1000 unshare -U -r daxguard load
expect_status 3 'as root of a user namespace: check' unshare -U -r daxguard check
unshare -U -r daxguard check >/tmp/check
check 'as root of a user namespace: check says so' grep -q '^missing *root .*user namespace' /tmp/check
check 'outside all is well' test "$(field loaded)" = true

# --- check names what keeps the guard from working, and nothing else ---

unshare -m sh -c 'mount -o remount,ro,bind /sys && daxguard check' >/tmp/check
check 'sysfs is read-only: check exits 0' test $? -eq 0
check 'sysfs is read-only: check warns' grep -q "^warning *sysfs *'/sys' is read-only" /tmp/check
check 'else check warns of the module that is not installed, and of nothing' sh -c "daxguard check >/tmp/check && ! grep -Ev '^ok|^warning +kernel hook +no module' /tmp/check"
umount /sys/kernel/security
check 'without securityfs: check exits 0' sh -c 'daxguard check >/tmp/check'
check 'without securityfs: check does not call it missing' sh -c "! grep '^missing' /tmp/check"
check 'without securityfs: check says that it cannot see the lockdown level' grep -q '^unknown *lockdown .*mount -t securityfs' /tmp/check
# shellcheck disable=SC2016 # for that shell
unshare -m -p -f --mount-proc sh -c 'daxguard check' >/tmp/check
check 'in a pid namespace, too: check exits 0' test $? -eq 0
check 'in a pid namespace, too: it says so' grep -q '^unknown *lockdown ' /tmp/check

# --- other mounts cover the pins ---

mount -t bpf bpf /sys/fs/bpf
sees 'a second bpffs' "$(hidden /sys/fs/bpf)"
check 'a second bpffs: nothing is in it' test -z "$(ls -A /sys/fs/bpf)"
umount /sys/fs/bpf
check 'without it all is well' test "$(field loaded)" = true
mount -t tmpfs none /sys
sees 'all of sysfs is covered' "$(hidden /sys)"
umount /sys

# --- the bpffs is somewhere else ---

mount --move /sys/fs/bpf $FAR
sees 'moved' "the guard is loaded, but its pins are below '$FAR'"
mount --move $FAR /sys/fs/bpf

only_in="the guard is loaded, but its pins are only in the mount namespace of .*nsenter --mount --target="
bare="unshare -m sh -c"
sees 'a container without bpffs' "$only_in" $bare 'umount /sys/fs/bpf && exec "$@"' -
sees 'a container with another' "$only_in" $bare 'umount /sys/fs/bpf && mount -t bpf bpf /sys/fs/bpf && exec "$@"' -
sees 'a container with its own processes' "the guard is loaded, but its pins cannot be seen from here" \
	unshare -m -p -f --mount-proc sh -c 'umount /sys/fs/bpf && "$@"' -
says 1 'a container with its own processes: unload' 'cannot be seen from here' \
	unshare -m -p -f --mount-proc sh -c 'umount /sys/fs/bpf && "$@"' - daxguard unload
taken_away 'a container without bpffs' $bare 'umount /sys/fs/bpf && exec "$@"' -
check 'a container without bpffs: the pins are gone' test -z "$(ls -A /sys/fs/bpf)"

# Elsewhere and twice covered; nobody's mounts change.
load_or_quit
mount --move /sys/fs/bpf $FAR
mount -t tmpfs none $FAR
mount -t tmpfs none $FAR
sees 'moved and covered' "$(hidden $FAR)"
taken_away 'moved and covered'
check 'moved and covered: the mounts are there still' test "$(grep -c " $FAR " /proc/self/mountinfo)" -eq 3
umount $FAR
umount $FAR
check 'moved and covered: the pins are gone' test -z "$(ls -A $FAR)"
mount --move $FAR /sys/fs/bpf

# --- no pin at all ---

umount /proc
expect_status 3 'without proc: check' daxguard check
says 3 'without proc: load says the same' 'mount -t proc proc /proc' daxguard load --hooks=lsm
mount -t proc proc /proc
says 0 'without securityfs: load' '' daxguard load --hooks=lsm
start keep-link $PINS/v1/links/daxguard_file_permission
rm -r $PINS
wait_for 60 one_link_left
sees 'kept by a process' "a guard runs without pins, and 'dgprobe' \($writer_pid\) keeps it: end that process"
says 1 'kept by a process: unload' "'dgprobe' \($writer_pid\)" daxguard unload
go
check 'the process ends' ended_with 0
check 'let go: nothing is loaded' test "$(field loaded)" = false

# Beside one that is as it should be.
load_or_quit
links=$(bpftool link show | grep -c '^[0-9]')
if hook_ready; then
	start keep-link $PINS/v1/links/daxguard_file_permission
	says 0 'another set takes the place of the first' '' daxguard load --hooks=kernel
	second="a guard runs without pins, and 'dgprobe' \($writer_pid\) keeps it: end that process"
	says 1 'beside a complete one: load finds the other' "^daxguard: $second" daxguard load --hooks=kernel
	expect_status 3 'beside a complete one: check exits 3' sh -c 'daxguard check >/tmp/check'
	check 'beside a complete one: check finds the other' grep -Eq "^missing *pins *$second" /tmp/check
	go
	check 'the process ends' ended_with 0
	says 0 'alone: load' '' daxguard load --hooks=kernel
else
	not_ok 'beside a complete one' 'the module is not let in'
fi
check 'unload' daxguard unload

# The kernel needs a while for what no one keeps: that is no guard.
load_or_quit
umount /sys/fs/bpf
mount -t bpf bpf /sys/fs/bpf
check 'nor is what goes with its bpffs' test "$(field loaded)" = false
check 'in the end there is nothing' wait_for 60 nothing_left

# --- two guards ---

# Loads in a mount namespace with a bpffs of its own, that stays until /tmp/stop; all at the same moment.
load_apart()
{
	# shellcheck disable=SC2016 # for that shell
	unshare -m sh -c '
		mount -t bpf bpf /sys/fs/bpf
		: >/tmp/up.$1
		until [ -e /tmp/start ]; do :; done
		daxguard load --hooks=lsm 2>/tmp/said.$1
		echo $? >/tmp/status.$1
		until [ -e /tmp/stop ]; do usleep 20000; done' - "$1" &
}

both_have()
{
	[ -s "$1.1" ] && [ -s "$1.2" ]
}

both_are_up()
{
	[ -e /tmp/up.1 ] && [ -e /tmp/up.2 ]
}

for round in 1 2 3; do
	rm -f /tmp/start /tmp/stop /tmp/up.* /tmp/status.* /tmp/said.*
	load_apart 1
	load_apart 2
	wait_for 60 both_are_up
	: >/tmp/start
	# both are verified at the same time, by one emulated processor that has another VM beside it
	check "round $round: two loads into two bpffs end" wait_for 300 both_have /tmp/status
	check "round $round: one of them has loaded" test "$(sort /tmp/status.* | tr '\n' ' ')" = '0 1 '
	check "round $round: the other one says why" sh -c "cat /tmp/said.* | wc -l | grep -qx 1 && cat /tmp/said.* |
		grep -Eq '^daxguard: the guard (was loaded at the same moment|is loaded, but its pins|is just being loaded)'"
	note "round $round: $(cat /tmp/said.*)"
	check "round $round: one set of links" test "$(bpftool link show | grep -c '^[0-9]')" -eq "$links"
	taken_away "round $round: the one that has loaded"
	: >/tmp/stop
	wait
done
