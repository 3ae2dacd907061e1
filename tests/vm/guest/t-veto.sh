# SPDX-License-Identifier: GPL-2.0-only
# Suite for kernels with their own checkers: the module and a veto, again and again, with nothing of daxguard's command in between.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

# dgprobe gives up waiting after 300 s, and a veto takes half a second here
ROUNDS=100

figures()
{
	for _b in $(dax_blocks dax0.0); do
		echo "$_b $(block_state "$_b") $(cat "$MEMORY/memory$_b/valid_zones")"
	done
	sed -n "/^Node $(cat $DAX/devices/dax0.0/target_node),/,\$p" /proc/zoneinfo | grep -E '^Node|spanned|present|managed|nr_isolate'
}

same()
{
	figures >/tmp/after
	diff /tmp/before /tmp/after >&2
}

# vetoed BLOCK online|offline
vetoed()
{
	deny_block "$1" "$2" || return 2
	figures >/tmp/before
	dgprobe veto $ROUNDS "$MEMORY/memory$1/state" "$2" "$MEMORY/memory$1/state" "$2"
	_status=$?
	allow_block
	[ $_status -eq 0 ] && same
}

if ! dax_load || ! ready_device; then
	not_ok 'a dax device' 'there is none'
	exit 0
fi
check 'the module loads' insmod /lib/daxguard_hook.ko
check "$((2 * ROUNDS)) vetoed offlines with memory in use change nothing" vetoed "$spare" offline
offline_block "$spare"
check "$((2 * ROUNDS)) vetoed onlines change nothing" vetoed "$spare" online
check 'the block goes online after that' dgprobe attempt write "$spare_file" online_movable
check 'the module goes' rmmod daxguard_hook
check_leaks
