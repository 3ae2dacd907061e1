# SPDX-License-Identifier: GPL-2.0-only
# Suite: load, unload, half an installation and foreign pins: the documented exit status, one sentence, and nothing changed.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

V1=$PINS/v1
have_dax=yes
if ! dax_load || ! ready_device; then
	have_dax=
fi
stranger true

# unchanged_by NAME COMMAND...
unchanged_by()
{
	_unchanged=$1
	shift
	installed >/tmp/pins-before
	"$@"
	installed >/tmp/pins-after
	cmp -s /tmp/pins-before /tmp/pins-after ||
		not_ok "$_unchanged: nothing is changed" "$(diff /tmp/pins-before /tmp/pins-after | grep '^[-+]' | head -n 8 | tr '\n' ' ')"
}

# wrong N NAME REGEX COMMAND...: says, and nothing is changed by it.
wrong()
{
	unchanged_by "$2" says "$@"
}

# refuses_all WHEN N REGEX: every verb that needs the guard.
refuses_all()
{
	unchanged_by "$1" refuse_all "$@"
}

refuse_all()
{
	says "$2" "$1: begin" "$3" daxguard begin dax0.0
	says "$2" "$1: end" "$3" daxguard end dax0.0
	says "$2" "$1: run" "$3" daxguard run dax0.0 -- true
	says "$2" "$1: release" "$3" daxguard release --force dax0.0
	says "$2" "$1: events" "$3" daxguard events
	says "$2" "$1: policy list" "$3" daxguard policy list
	says "$2" "$1: policy set" "$3" daxguard policy set '*' mode=audit
}

# --- what is wrong in itself, loaded or not ---

try_usage_errors()
{
	says 2 "$1: no verb" 'verb' daxguard
	says 2 "$1: unknown verb" "'nonsense'" daxguard nonsense
	for verb in load unload status list check events 'policy list' 'run dax0.0 -- true' 'begin dax0.0' 'end dax0.0'; do
		# shellcheck disable=SC2086 # words
		says 2 "$1: unknown option of ${verb%% *}" "'--nonsense'" daxguard ${verb%% *} --nonsense ${verb#* }
	done
	says 2 "$1: mode without a meaning" "'loud'" daxguard load --mode=loud
	says 2 "$1: hooks without a meaning" "'loud'" daxguard load --hooks=loud
	says 2 "$1: an operand too many" "'too'" daxguard unload too
	says 2 "$1: begin without a device" 'begin' daxguard begin
	says 2 "$1: run without a command" "'run'|'--'" daxguard run dax0.0
	says 2 "$1: owner that is no number" "'sh'" daxguard begin --owner=sh dax0.0
	says 2 "$1: timeout that is no number" "'soon'" daxguard begin --timeout=soon dax0.0
	says 2 "$1: timeout below zero" "'-1'" daxguard begin --timeout=-1 dax0.0
	says 2 "$1: policy without a verb" 'policy' daxguard policy
	says 2 "$1: policy of no device" "'memory32'" daxguard policy set memory32 mode=off
	says 2 "$1: unknown policy" "'colour=red'" daxguard policy set dax0.0 colour=red
	says 2 "$1: unknown policy word" "'mode=loud'" daxguard policy set dax0.0 mode=loud
	says 2 "$1: one bad word of two" "'scope=loud'" daxguard policy set dax0.0 mode=audit scope=loud
	says 2 "$1: policy said twice" "'mode=off'" daxguard policy set dax0.0 mode=audit mode=off
}

usage_errors()
{
	unchanged_by "$1" try_usage_errors "$1"
}

usage_errors 'not loaded'
for verb in load unload 'begin dax0.0' 'end dax0.0' 'policy list' events status; do
	# shellcheck disable=SC2086 # words
	wrong 3 "not root: ${verb%% *}" 'root' dgprobe as-uid 1000 daxguard $verb
done
expect_status 3 'not root: check' dgprobe as-uid 1000 daxguard check
refuses_all 'not loaded' 3 "not loaded.*'daxguard load'"
check 'not loaded: status is an answer' test "$(field loaded)" = false
says 0 'not loaded: unload has nothing to do' '' daxguard unload
check 'not loaded: nothing is there' test ! -e $PINS

# --- the kernel refuses for a reason that is not among those of check ---

load_with_few_files()
{
	# shellcheck disable=SC3045 # busybox has it
	(ulimit -n 12 && exec daxguard load --hooks=lsm)
}

unchanged_by 'too few files' expect_status 3 'too few files: load exits 3' load_with_few_files
cp /tmp/stderr.$$ $SAID
check "too few files: libbpf's words are shown" grep -q '^libbpf: .*Too many open files' $SAID
check 'too few files: and a sentence' grep -q "^daxguard: the kernel does not accept .*'daxguard check' finds nothing missing" $SAID
check 'too few files: nothing is there' test ! -e $PINS

# --- no bpffs ---

umount /sys/fs/bpf
for verb in load unload 'begin dax0.0' 'policy list'; do
	# shellcheck disable=SC2086 # words
	says 3 "no bpffs: ${verb%% *}" 'mount -t bpf bpf /sys/fs/bpf' daxguard $verb
done
check 'no bpffs: status is an answer' test "$(field loaded)" = false
expect_status 3 'no bpffs: check' daxguard check
check 'no bpffs: nothing was made' test -z "$(ls -A /sys/fs/bpf)"
mount -t tmpfs none /sys/fs/bpf
says 3 'tmpfs instead of bpffs: load' 'mount -t bpf bpf /sys/fs/bpf' daxguard load
check 'tmpfs instead of bpffs: nothing was made' test -z "$(ls -A /sys/fs/bpf)"
umount /sys/fs/bpf
mount -t bpf bpf /sys/fs/bpf

# --- foreign things in the place of the pins ---

# foreign WHAT REGEX
foreign()
{
	wait_for 60 no_leftovers
	wrong 1 "$1: status" "$2" daxguard status
	wrong 1 "$1: begin" "$2" daxguard begin dax0.0
	expect_status 3 "$1: check" daxguard check
	wrong 1 "$1: load" "$2" daxguard load
	wrong 1 "$1: unload" 'remove' daxguard unload
}

# The kernel frees programs a while after the last pin is gone.
no_leftovers()
{
	[ -e $V1/progs ] || ! bpftool prog show | grep -q 'name daxguard'
}

mkdir -p $V1/maps/policy
foreign 'a directory for a pin' 'maps/policy'
rm -r $PINS
mkdir -p $PINS/else
foreign 'a directory of someone else' 'else'
rm -r $PINS
mkdir -p $V1/maps
bpftool map create $V1/maps/policy type hash key 4 value 4 entries 1 name policy
foreign 'a map of another size' 'maps/policy'
rm -r $PINS
mkdir -p $V1/links
bpftool map create $V1/links/daxguard_file_open type hash key 4 value 4 entries 1 name policy
foreign 'a map for a link' 'links/daxguard_file_open'
rm -r $PINS
mkdir -p $PINS
says 0 'an empty directory is nothing' '' daxguard load --hooks=lsm
bpftool map create $V1/maps/visitor type hash key 4 value 4 entries 1 name visitor
foreign 'a visitor beside the pins' 'maps/visitor'
rm $V1/maps/visitor
check 'without the visitor all is well' test "$(field loaded)" = true
says 0 'unload' '' daxguard unload

# --- load, and what unload leaves ---

check 'unload leaves nothing' wait_for 60 nothing_left
# Of five at once one loads and the others find it loaded.
loads=''
for i in 1 2 3 4 5; do
	daxguard load --hooks=lsm >/tmp/load.$i 2>&1 &
	loads="$loads $!"
done
for pid in $loads; do
	wait "$pid" || not_ok 'load, five at once' "exit status $?"
done
check 'of five loads at once one has loaded' test "$(grep -lx loaded /tmp/load.* | wc -l)" -eq 1
check 'the others say that it is loaded' test "$(grep -l 'already loaded' /tmp/load.* | wc -l)" -eq 4
check 'there is one set of programs' test "$(bpftool prog show | grep -c 'name daxguard_file_o')" -eq 1
check 'the directory is for root only' test "$(stat -c %a $PINS) $(stat -c %a $V1)" = '700 700'
usage_errors loaded
if [ -z "$have_dax" ]; then
	skip 'the rest of the loader' "kernel $(uname -r) has no dax device"
	says 0 'unload' '' daxguard unload
	check 'unload leaves nothing' wait_for 60 nothing_left
	exit 0
fi
wrong 1 'begin on a device that is not there' "'dax9\.9'" daxguard begin dax9.9
wrong 2 'begin on what is no device' "'memory32'" daxguard begin memory32
wrong 2 'begin on a path' "'\.\./dax0\.0'" daxguard begin ../dax0.0

# --- half an installation ---

works()
{
	offline_block "$spare" && daxguard begin dax0.0 && refused_block stranger dgprobe attempt write "$spare_file" online &&
		daxguard end dax0.0 && changes_block stranger dgprobe attempt write "$spare_file" online
}

check 'the guard works' works
for pin in links/daxguard_file_permission links/daxguard_dax_bus_remove progs/daxguard_ctl; do
	[ -e $V1/$pin ] || not_ok "$pin is a pin" "$(ls $V1/*)"
	refused=$(counter refused)
	daxguard begin dax0.0
	rm $V1/$pin
	refuses_all "without $pin" 1 "half loaded.*$pin.*'daxguard load'"
	wrong 1 "without $pin: status" "half loaded.*$pin" daxguard status
	expect_status 3 "without $pin: check" daxguard check
	daxguard load --hooks=lsm >/tmp/load 2>&1
	check "without $pin: load repairs" grep -qx repaired /tmp/load
	check "without $pin: the counters go on" test "$(counter refused)" -ge "$refused"
	check "without $pin: the transition goes on" holder_is dax0.0 declared $$
	offline_block "$spare"
	check "without $pin: it is still refused" refused_block stranger dgprobe attempt write "$spare_file" online
	says 0 "without $pin: it can be ended" '' daxguard end dax0.0
	check "without $pin: the repaired guard works" works
done

# A load that is killed on the way, here and there, is finished by the next one.
says 0 'unload' '' daxguard unload
for ms in 20 60 120 200 300 450 700; do
	daxguard load --hooks=lsm >/dev/null 2>&1 &
	pid=$!
	usleep ${ms}000
	kill -KILL $pid
	wait $pid
	says 0 "load after one killed after $ms ms" '' daxguard load --hooks=lsm
	check "it works after one killed after $ms ms" works
	[ $ms -gt 300 ] || daxguard unload
done

# As one leaves it that was killed when all was pinned, but not all looked at yet: the map "state" has no build in its last 40 bytes.
unsign()
{
	# shellcheck disable=SC2046 # bytes
	bpftool map update pinned $V1/maps/state key hex 00 00 00 00 value hex \
		$(bpftool -j map lookup pinned $V1/maps/state key hex 00 00 00 00 | grep -o '"value":\[[^]]*\]' |
			grep -o '0x[0-9a-f]*' | cut -c3- | head -n 32) $(printf '00 %.0s' $(seq 40))
}

check 'a load was killed at its very end' unsign
refuses_all 'killed at its end' 1 "half loaded.*not come to its end.*'daxguard load'"
daxguard load --hooks=lsm >/tmp/load 2>&1
check 'killed at its end: load repairs' grep -qx repaired /tmp/load
check 'killed at its end: the repaired guard works' works

# The same while nothing is loaded but the transition runs on: begin and status by a killed process.
offline_block "$spare"
daxguard begin dax0.0
daxguard unload
check 'unload ends what is held' changes_block stranger dgprobe attempt write "$spare_file" online
check 'unload leaves nothing' wait_for 60 nothing_left
