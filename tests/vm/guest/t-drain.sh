# SPDX-License-Identifier: GPL-2.0-only
# Suite: a write that was let through and is still on its way when begin is called: begin waits for it or fails, and never returns before it.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

if ! dax_load || ! ready_device; then
	skip 'writes under way' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true
load_or_quit

# A begin in the background; what the block says when it is back, and the exit status, go to /tmp/begun.
begin_and_look()
{
	rm -f /tmp/begun
	(
		daxguard begin --timeout=120 dax0.0
		echo "$? $(block_state "$spare")" >/tmp/begun.new
		mv /tmp/begun.new /tmp/begun
	) &
	beginner=$!
}

# Claimed, and looked at a few times more.
still_waiting()
{
	wait_for 30 something_held && something_held && something_held && [ ! -e /tmp/begun ]
}

# Linux 6.1 checks a splice once more for each piece: there the slow one is refused in the end.
let_through_or_refused()
{
	wait "$writer"
	case $? in
	0) landed=online ;;
	1) landed=offline ;;
	*) return 1 ;;
	esac
}

for method in $SLOW_METHODS; do
	offline_block "$spare"
	start_from $AGENT slow "$method" "$spare_file" online
	says 1 "$method: begin fails at its timeout and names the writer" "\(pid $writer_pid\)" \
		daxguard begin --timeout=2 dax0.0
	check "$method: the device is free after that" nothing_held
	check "$method: the write is still on its way" state_is "$spare" offline

	begin_and_look
	check "$method: begin waits" still_waiting
	check "$method: who comes later is refused while it waits" \
		refused_block stranger dgprobe attempt write "$spare_file" online
	says 4 "$method: who begins meanwhile is told who will have it" "\(pid $beginner\)" stranger daxguard begin dax0.0
	go
	check "$method: the write ends" let_through_or_refused
	wait $beginner
	check "$method: begin has returned after the write had landed, if it did" grep -qx "0 $landed" /tmp/begun
	check "$method: nothing lands after begin" state_is "$spare" "$landed"
	check "$method: free when its owner is gone" wait_for 30 nothing_held
done

# A writer that is killed is no longer on its way.
for method in $SLOW_METHODS; do
	offline_block "$spare"
	start_from $AGENT slow "$method" "$spare_file" online
	begin_and_look
	check "$method: begin waits for one that will be killed" still_waiting
	kill -KILL "$writer_pid"
	wait $beginner
	wait "$writer"
	check "$method: begin goes on when the writer is killed" grep -q '^0 ' /tmp/begun
	check "$method: nothing lands after begin" grep -q " $(block_state "$spare")\$" /tmp/begun
	wait_for 30 nothing_held
done

# A write that never got so far, or was answered long ago, is not waited for.
for method in $METHODS; do
	offline_block "$spare"
	start_from $AGENT attempt-held "$method" "$spare_file" online
	stranger dgprobe attempt "$method" "$spare_file" online
	says 0 "$method: nobody is waited for who has the file open only" '' daxguard begin --timeout=0 dax0.0
	daxguard end dax0.0
	go
	wait "$writer"
done

# Who writes without end through one open file: what of it was let through before is over when the next write is refused, or let
# through on purpose.
insists()
{
	dgprobe ask $AGENT dgprobe insist "$spare_file" online &
	writer=$!
}

begin_ten_times()
{
	for _i in 1 2 3 4 5 6 7 8 9 10; do
		daxguard begin --timeout=3 dax0.0 && daxguard end dax0.0 || return 1
	done
}

online_block "$spare"
for mode in enforce audit; do
	daxguard policy set dax0.0 mode=$mode
	insists
	check "$mode: begin does not wait for one who writes without end" begin_ten_times
	kill $writer
	wait $writer
done
daxguard policy set dax0.0 mode=enforce

check 'nothing is armed when all writers are gone' wait_for 60 nothing_armed

# Under way since before load.
check 'unload' daxguard unload
offline_block "$spare"
start_from $AGENT slow uffd "$spare_file" online
check 'load while a write is under way' daxguard load --hooks=lsm
says 1 'begin waits for a write from before load' "\(pid $writer_pid\)" daxguard begin --timeout=2 dax0.0
daxguard end dax0.0 2>/dev/null
go
check 'that write is let through' ended_with 0
check 'begin after it' daxguard begin --timeout=2 dax0.0
check 'nothing was left undecided' test "$(counter undecided)" = 0
