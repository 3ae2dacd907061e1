# SPDX-License-Identifier: GPL-2.0-only
# Suite: the write that is on its way when a transition begins: with the kernel hook none lands once begin is back.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

# daxguard.rounds=N on the kernel's command line for a longer run
ROUNDS=$(boot_number daxguard.rounds 24)

# late HOW WORD: the block never changes while held; and the begin came both before and after the write.
late()
{
	stranger dgprobe late $ROUNDS "$1" dax0.0 "$spare_file" "$2" >/tmp/late
	_status=$?
	note "$mode: $1 $2: $(cat /tmp/late)"
	return $_status
}

both_sides()
{
	! grep -q ' before 0 \| refused 0 ' /tmp/late
}

column()
{
	mode=$1
	says 0 "$mode: load" '' daxguard load --hooks="$mode"
	for how in uffd splice sendfile write; do
		check "$mode: $how: no online lands in $ROUNDS transitions" late $how online
		check "$mode: $how: some were refused, some came before" both_sides
	done
	check "$mode: write: no offline lands in $ROUNDS transitions" late write offline
	check "$mode: write: some offlines were refused, some came before" both_sides
	check "$mode: slipped is 0" test "$(counter slipped)" = 0
	check "$mode: undecided is 0" test "$(counter undecided)" = 0
	check "$mode: unload" daxguard unload
}

# The hook has been asked by then: the kernel tries to move the page that is kept.
offline_goes_on()
{
	state_is "$spare" going-offline && [ "$(failed_migrations)" -gt "$failed_before" ]
}

begin_in_background()
{
	rm -f /tmp/begun
	(
		daxguard begin --timeout=120 --owner=$$ dax0.0
		echo "$? $(block_state "$spare")" >/tmp/begun.new
		mv /tmp/begun.new /tmp/begun
	) &
	beginner=$!
}

# under_the_lock HOW NAME STATUS: an offline that nobody had to refuse, and that goes on under the lock for as long
# as a page of the block is kept; STATUS is how the writer HOW starts ends.
under_the_lock()
{
	online_block "$spare"
	pin_block "$MEMORY/memory$spare"
	failed_before=$(failed_migrations)
	$1
	check "$mode: $2: an offline is under way" wait_for 60 offline_goes_on
	begin_in_background
	# long enough for a begin that does not wait
	wait_for 3 test -e /tmp/begun
	let_go
	check "$mode: $2: it ends with $3" ended_with "$3"
	wait $beginner
	check "$mode: $2: begin is back, and after the offline" grep -qx '0 offline' /tmp/begun
	check "$mode: $2: the block stays as it was then" state_is "$spare" offline
	check "$mode: $2: it has not slipped" test "$(counter slipped)" = 0
	daxguard end dax0.0
}

one_writer()
{
	dgprobe ask $AGENT dgprobe attempt write "$spare_file" offline &
	writer=$!
}

# An offline, and an online that waits for the lock of their common open file.
two_writers()
{
	start_from $AGENT slow mutex "$spare_file" online
}

if ! dax_load || ! ready_device; then
	not_ok 'a dax device' 'there is none'
	exit 0
fi
stranger true
check 'there is a refusal point' hook_ready
mode=kernel
says 0 "$mode: load" '' daxguard load --hooks=$mode
under_the_lock one_writer 'an offline under the lock' 0
under_the_lock two_writers 'a write behind it' 1
check "$mode: unload" daxguard unload
column kernel
