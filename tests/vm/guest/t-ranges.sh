# SPDX-License-Identifier: GPL-2.0-only
# Suite: a device with two separate ranges is guarded in both, and the device that lies between them is not.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

if ! dax_load; then
	skip 'two ranges' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true
check 'dax0.0 in two ranges with dax0.1 between them' dax_two_ranges
outer=$(dax_blocks dax0.0)
inner=$(dax_blocks dax0.1)
note "dax0.0: $(echo "$outer" | tr '\n' ' ') dax0.1: $(echo "$inner" | tr '\n' ' ')"
# shellcheck disable=SC2086 # words
check 'the ranges lie as they should' test "$(echo $outer $inner | wc -w) $(printf '%s\n' $outer $inner | sort -n | tail -n 1)" = \
	"6 $(echo "$outer" | tail -n 1)"

# try_all WHEN STATUS BLOCK...: a stranger's online, from offline, answers with STATUS.
try_all()
{
	_when=$1
	_status=$2
	shift 2
	for block in "$@"; do
		offline_block "$block"
		expect_status "$_status" "$_when: memory$block" stranger dgprobe attempt write "$MEMORY/memory$block/state" online_movable
		if [ "$_status" -eq 1 ]; then
			check "$_when: memory$block stays offline" state_is "$block" offline
		else
			check "$_when: memory$block is online" state_is "$block" online
		fi
	done
}

# shellcheck disable=SC2086 # words
round()
{
	try_all "$1, free" 0 $outer $inner
	check "$1: begin" daxguard begin dax0.0
	try_all "$1, a range of the held device" 1 $outer
	try_all "$1, the device between" 0 $inner
	check "$1: begin of the device between" daxguard begin dax0.1
	try_all "$1, both held" 1 $outer $inner
	check "$1: end of the first" daxguard end dax0.0
	try_all "$1, the second still held" 1 $inner
	try_all "$1, the first free" 0 $outer
	check "$1: end of the second" daxguard end dax0.1
	try_all "$1, free again" 0 $inner
}

load_or_quit
dax_to_kmem dax0.0
dax_to_kmem dax0.1
round 'learnt at bind'
check 'unload' daxguard unload
check 'load again' daxguard load --hooks=lsm
round 'learnt at load'

# Blocks that go over from one device to the other: it counts whose they are now.
offline_all dax0.0
offline_all dax0.1
dax_unbind dax0.0
dax_unbind dax0.1
check 'the device between gives up a block' dax_resize dax0.1 "$(block_size)"
check 'and the other takes it' dax_resize dax0.0 $((5 * $(block_size)))
outer=$(dax_blocks dax0.0)
inner=$(dax_blocks dax0.1)
note "dax0.0: $(echo "$outer" | tr '\n' ' ') dax0.1: $(echo "$inner" | tr '\n' ' ')"
# shellcheck disable=SC2086 # words
check 'there is such a block' test "$(echo $outer | wc -w) $(echo $inner | wc -w)" = '5 1'
dax_to_kmem dax0.0
dax_to_kmem dax0.1
round 'moved over'
