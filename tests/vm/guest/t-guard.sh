# SPDX-License-Identifier: GPL-2.0-only
# Suite: what the LSM layer refuses during a declared transition, by every path to a block, and that all else is as without it.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

# --- load, with or without a dax device ---

have_dax=yes
if ! dax_load || ! ready_device; then
	have_dax=
fi
stranger true
load_or_quit
installed >/tmp/before
check 'a second load exits 0' daxguard load --hooks=lsm
daxguard load --hooks=lsm >/tmp/second 2>&1
check 'a second load says that it is loaded' grep -q 'already loaded' /tmp/second
installed >/tmp/after
check 'programs and pins are there' grep -q 'name daxguard_' /tmp/before
check 'a second load changes nothing' cmp /tmp/before /tmp/after
check 'nothing is held after load' nothing_held

if [ -z "$have_dax" ]; then
	skip 'the rest of the guard' "kernel $(uname -r) has no dax device"
	check 'a write that has nothing to do with dax works' dgprobe attempt write /dev/null x
	says 1 'begin on a device that is not there' 'dax0\.0' daxguard begin dax0.0
	check 'unload' daxguard unload
	exit 0
fi

# --- outside a transition: everybody may do what he could before ---

for method in $METHODS; do
	check "free: $method changes a block" changes_block stranger dgprobe attempt "$method" "$spare_file" online
	check "free: $method to online changes a block" \
		changes_block stranger dgprobe attempt "$method" "$MEMORY/memory$spare/online" 1
done

# What is not of the device in transition, before and during one: same answers.
others_are_let_be()
{
	expect_status 3 "$1: an online block of no dax device answers EINVAL as ever" \
		stranger dgprobe attempt write "$(first_block)/state" online
	expect_status 0 "$1: auto_online_blocks can be written" \
		stranger dgprobe attempt write "$MEMORY/auto_online_blocks" "$(cat $MEMORY/auto_online_blocks)"
	expect_status 0 "$1: a file of another kernfs can be written" \
		stranger dgprobe attempt write /tmp/cgroup/some/cgroup.max.depth 7
	expect_status 0 "$1: /dev/null can be written" stranger dgprobe attempt write /dev/null x
	check "$1: a block's state can be read" stranger cat "$spare_file"
}

mkdir /tmp/cgroup
mount -t cgroup2 none /tmp/cgroup && mkdir /tmp/cgroup/some
others_are_let_be free
check 'free: nothing was refused' test "$(counter refused)" = 0

# --- held ---

offline_block "$spare"
refused_before=$(counter refused)
says 0 'begin' '' daxguard begin dax0.0
check 'status shows the transition and its owner' holder_is dax0.0 declared $$
check 'status from another process shows the same' test "$(stranger daxguard status -j | dgprobe json transitions.0.owner.pid)" = $$
says 4 'begin by a stranger fails and says who holds it' "'sh' \(pid $$\)" stranger daxguard begin dax0.0
says 4 'end by a stranger fails and says who holds it' "'sh' \(pid $$\)" stranger daxguard end dax0.0
check 'the transition is still the same' holder_is dax0.0 declared $$

refusals=0
for method in $METHODS; do
	for file in state online; do
		word=online
		[ $file = state ] || word=1
		check "held: $method to $file is refused" \
			refused_block stranger dgprobe attempt "$method" "$MEMORY/memory$spare/$file" $word
		refusals=$((refusals + 1))
	done
done
check "status counts $refusals refusals" test "$(counter refused)" -eq $((refused_before + refusals))
check "the transition counts $refusals refusals" test "$(field transitions.0.refused)" -eq $refusals

online_block "$spare"
expect_status 1 'held: a block is not taken offline either' stranger dgprobe attempt write "$spare_file" offline
check 'held: it stays online' state_is "$spare" online
others_are_let_be held
for method in $METHODS; do
	check "held: $method by the owner's child changes a block" changes_block dgprobe attempt "$method" "$spare_file" online
done

# A file is judged by who writes, not by who opened it.
offline_block "$spare"
dgprobe pass /tmp/from-owner "$spare_file" &
wait_for 30 test -S /tmp/from-owner
check 'held: a file that the owner opened is refused to a stranger' \
	refused_block stranger dgprobe receive /tmp/from-owner online
stranger dgprobe pass /tmp/from-stranger "$spare_file" &
wait_for 30 test -S /tmp/from-stranger
check 'held: a file that a stranger opened is let through to the owner' changes_block dgprobe receive /tmp/from-stranger online

# Another user has no right to open the file, but may be given it.
given_to_user()
{
	stranger dgprobe pass /tmp/for-user "$spare_file" &
	wait_for 30 test -S /tmp/for-user
	chmod 777 /tmp/for-user
	stranger dgprobe as-uid 1000 dgprobe receive /tmp/for-user online
}
offline_block "$spare"
check 'held: another user with an open file is refused' refused_block given_to_user

says 0 'end' '' daxguard end dax0.0
check 'nothing is held after end' nothing_held
check 'free again: a stranger changes a block' changes_block stranger dgprobe attempt write "$spare_file" online
rm /tmp/for-user
check 'free again: another user with an open file changes a block' changes_block given_to_user
says 1 'end of what is not held' 'not held' daxguard end dax0.0

# --- a file that was opened before the transition began ---

for method in $METHODS; do
	offline_block "$spare"
	start_from $AGENT attempt-held "$method" "$spare_file" online
	daxguard begin --timeout=60 dax0.0 || not_ok "begin with a file of $method open" "$?"
	go
	check "opened before: $method is refused" refused_block ended_with_status
	daxguard end dax0.0
done

# --- what was said about it ---

collect_events
: >/tmp/events
offline_block "$spare"
daxguard begin dax0.0
start_from $AGENT attempt-held write "$spare_file" online
go
check 'a refusal to report' refused_block ended_with_status
daxguard end dax0.0
collect_events
check 'the event of the begin names the owner' event_seen begin dax0.0 declared '* * *' $$ sh '*'
check 'the event of the refusal names writer, block and file' \
	event_seen refused dax0.0 declared "$spare" state lsm "$writer_pid" dgprobe -16
check 'the event of the end' event_seen end dax0.0 declared '* * *' $$ sh 0

# --- bind and unbind are seen; a rule that onlines blocks after a bind still works ---

offline_all dax0.0
: >/tmp/events
dax_unbind dax0.0
collect_events
check 'an unbind is seen to begin' event_seen begin dax0.0 unbind '* * * * * *'
check 'an unbind is seen to end' event_seen end dax0.0 unbind '* * * * * *'
check 'nothing is held after the unbind' nothing_held
files=$(state_files dax0.0)
# shellcheck disable=SC2086 # words
dgprobe ask $AGENT dgprobe rivals 2 online_movable $files >/tmp/rivals &
writer=$!
dax_bind dax0.0 kmem
all_online()
{
	[ "$(count_blocks dax0.0 online)" -eq "$(dax_blocks dax0.0 | wc -l)" ]
}
check 'rules online all blocks during and after a bind' wait_for 60 all_online
kill $writer
check 'the rules end when told' ended_with 0
check 'no rule was refused' grep -q ' busy 0 ' /tmp/rivals
check 'nothing is held after the bind' nothing_held

# Learnt at this bind, where the first time it was the loader that looked.
offline_block "$spare"
daxguard begin dax0.0
check 'held after a bind under guard: refused' refused_block stranger dgprobe attempt write "$spare_file" online
daxguard end dax0.0
check 'free after a bind under guard: a stranger changes a block' \
	changes_block stranger dgprobe attempt write "$spare_file" online

# --- a device that comes to kmem while it is held is guarded from its first block on ---

offline_all dax0.0
dax_unbind dax0.0
check 'begin for a device without a driver' daxguard begin dax0.0
dax_bind dax0.0 kmem
check 'the owner has bound it' test "$(dax_driver dax0.0)" = kmem
check 'held while it came: a stranger is refused' refused_block stranger dgprobe attempt write "$spare_file" online
check 'held while it came: the owner is let through' changes_block dgprobe attempt write "$spare_file" online
check 'it is still the same transition' holder_is dax0.0 declared $$
daxguard end dax0.0

check 'nothing is armed while nothing is held and no file is open' wait_for 60 nothing_armed
check 'no change has slipped' test "$(counter slipped)" = 0
check 'nothing was left undecided' test "$(counter undecided)" = 0
