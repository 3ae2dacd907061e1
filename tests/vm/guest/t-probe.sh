# SPDX-License-Identifier: GPL-2.0-only
# Suite: on a kernel without a guard every writer of dgprobe really changes a block; what the other suites' refusals rest on.
# shellcheck shell=sh disable=SC1091,SC2154 # lib.sh and writers.sh are beside it
. ./lib.sh
. ./writers.sh

if ! dax_load || ! ready_device; then
	not_ok 'a device in kmem with all blocks online' "driver $(dax_driver dax0.0)"
	exit 0
fi

# changes_block COMMAND...: the block is offline, the command lets it be online.
changes_block()
{
	offline_block "$spare" && "$@" && state_is "$spare" online
}

for method in $METHODS; do
	check "$method changes a block" changes_block dgprobe attempt "$method" "$spare_file" online
	check "$method to online, not state, changes a block" \
		changes_block dgprobe attempt "$method" "$MEMORY/memory$spare/online" 1
done

for who in $TREE; do
	check "writer $who changes a block" changes_block dgprobe tree "$who" "$spare_file" online
done

# after_go: what was started before the block went offline now lands.
after_go()
{
	state_is "$spare" offline && go && ended_with 0 && state_is "$spare" online
}

for method in $METHODS; do
	offline_block "$spare"
	start attempt-held "$method" "$spare_file" online
	check "$method by a file opened before changes a block" after_go
done

for method in $SLOW_METHODS; do
	offline_block "$spare"
	start slow "$method" "$spare_file" online
	check "slow $method changes a block, and only when told to" after_go
done

# A refusal that is the kernel's own is told apart: neither EINVAL nor ENOENT is EBUSY.
expect_status 3 'EINVAL is another error' dgprobe attempt write "$spare_file" nonsense
expect_status 2 'no such file is no attempt' dgprobe attempt write "$MEMORY/memory99999/state" online

offline_block "$spare"
dgprobe pass /tmp/passed "$spare_file" &
wait_for 30 test -S /tmp/passed
check 'a file passed to a stranger changes a block' changes_block dgprobe receive /tmp/passed online

# Taking a block offline goes on for as long as one of its pages is kept.
pin_block "$MEMORY/memory$spare"
dgprobe attempt write "$spare_file" offline &
writer=$!
check 'a block with a kept page is going offline' wait_for 30 state_is "$spare" going-offline
let_go
check 'the block is offline once the page is let go' ended_with 0
check 'the block says so' state_is "$spare" offline

dgprobe agent /tmp/agent
expect_status 7 'the agent gives the exit status back' dgprobe ask /tmp/agent sh -c 'exit 7'
# shellcheck disable=SC2016 # for the agent's shell
check 'its commands are not below this shell' dgprobe ask /tmp/agent sh -c 'p=$PPID; while [ "$p" -gt 1 ]; do
	[ "$p" != '$$' ] || exit 1
	p=$(sed -n "s/^PPid:[^0-9]*//p" "/proc/$p/status")
done'
dgprobe ask /tmp/agent dgprobe rivals 2 online "$spare_file" >/tmp/rivals &
writer=$!
check 'rivals change the block' wait_for 30 state_is "$spare" online
kill $writer
check 'rivals end when told' ended_with 0
check 'rivals tell what they did' grep -qx 'ok [1-9][0-9]* busy 0 other [0-9]*' /tmp/rivals
dgprobe ask /tmp/agent
