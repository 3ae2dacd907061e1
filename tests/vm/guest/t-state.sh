# SPDX-License-Identifier: GPL-2.0-only
# Suite: a write to daxX.Y/state, the kernel's whole-device attribute, is a transition for as long as it runs, however it ends.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

whole=$DAX/devices/dax0.0/state
if ! dax_load || ! ready_device || [ ! -e $whole ]; then
	skip 'the attribute state' "kernel $(uname -r) has none"
	ok 'nothing to do'
	exit 0
fi
stranger true
load_or_quit

# Offline through the blocks is not what the attribute knows; from here on it is in step.
from_scratch()
{
	echo unplugged >$whole && echo online_movable >$whole && nothing_held
}

blocks()
{
	for b in $(dax_blocks dax0.0); do
		echo "$MEMORY/memory$b"
	done
}

# A writer of the attribute that does not come to its end: a page of the device is kept.
start_unplug()
{
	# shellcheck disable=SC2046 # words
	pin_block $(blocks)
	start_from $AGENT attempt-held write $whole unplugged
	go
	check "$1: it is a transition of kind state, held by its writer" wait_for 30 holder_is dax0.0 state "$writer_pid"
}

all_online()
{
	[ "$(count_blocks dax0.0 online)" -eq "$(dax_blocks dax0.0 | wc -l)" ]
}

check 'unplugged and plugged, nothing is held' from_scratch
check 'all blocks are online' all_online

start_unplug 'unplug'
for method in $METHODS; do
	expect_status 1 "unplug runs: $method to a block is refused" dgprobe attempt "$method" "$spare_file" online
done
expect_status 1 'unplug runs: a rival write to the attribute is refused' dgprobe attempt write $whole online_movable
says 4 'unplug runs: begin fails and says who' "'dgprobe' \(pid $writer_pid" daxguard begin dax0.0
check 'unplug runs: it is still the same transition' holder_is dax0.0 state "$writer_pid"
let_go
check 'unplug is done once the page is let go' ended_with 0
check 'the transition has ended with it' nothing_held
check 'the attribute says unplugged' grep -qx unplugged $whole
check 'the blocks are gone' test ! -e "$MEMORY/memory$spare"
collect_events
check 'its begin is reported' event_seen begin dax0.0 state '* * *' "$writer_pid" dgprobe '*'
check 'its end is reported' event_seen end dax0.0 state '* * *' "$writer_pid" dgprobe 0
check 'plug' stranger dgprobe attempt write $whole online_movable
check 'all blocks are online again' all_online
check 'nothing is held after the plug' nothing_held

# --- a write that fails ---

: >/tmp/events
expect_status 3 'a word that means nothing' stranger dgprobe attempt write $whole nonsense
check 'nothing is held after it' nothing_held
collect_events
check 'its end is reported with the error' event_seen end dax0.0 state '* * * * *' -22
expect_status 1 'another zone from online is EBUSY by the kernel itself' stranger dgprobe attempt write $whole online_kernel
check 'nothing is held after that either' nothing_held

# --- a writer that is killed ---

for signal in TERM KILL; do
	start_unplug "SIG$signal"
	expect_status 1 "SIG$signal: a block is refused before it" dgprobe attempt write "$spare_file" online
	kill -$signal "$writer_pid"
	check "SIG$signal to the writer ends the transition" wait_for 30 nothing_held
	wait "$writer"
	let_go
	check "SIG$signal: the kernel has put the blocks back" wait_for 30 all_online
done
check 'a killed writer leaves nothing behind: unplug works' stranger dgprobe attempt write $whole unplugged
check 'and plug' stranger dgprobe attempt write $whole online_movable

# --- inside a declared transition ---

daxguard begin dax0.0
expect_status 1 'held: the attribute is refused to a stranger' stranger dgprobe attempt write $whole unplugged
expect_status 0 'held: the owner unplugs' dgprobe attempt write $whole unplugged
check 'held: it is still the declared transition' holder_is dax0.0 declared $$
expect_status 0 'held: the owner plugs' dgprobe attempt write $whole online_movable
says 0 'held: end' '' daxguard end dax0.0

# --- a slow write to the attribute is waited for like one to a block ---

start_from $AGENT slow uffd $whole unplugged
says 1 'begin fails while a write to the attribute is on its way' "'dgprobe' \(pid $writer_pid\)" \
	daxguard begin --timeout=2 dax0.0
go
check 'that write is let through' ended_with 0
check 'begin after it' daxguard begin --timeout=2 dax0.0
daxguard end dax0.0
check 'plug at last' stranger dgprobe attempt write $whole online_movable
check 'nothing is armed when all writers are gone' wait_for 60 nothing_armed
check 'nothing was left undecided' test "$(counter undecided)" = 0
