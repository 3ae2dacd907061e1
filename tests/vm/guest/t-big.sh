# SPDX-License-Identifier: GPL-2.0-only
# Suite: the verbs on a device of 512 memory blocks, 64 GiB of which the host has only what is touched. Not in the kernel zone: of so
# many blocks there one soon has pages of the kernel that never move.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

# seconds NAME COMMAND...: as check, and how long it took
seconds()
{
	_from=$(uptime_s)
	check "$@"
	note "$1: $(($(uptime_s) - _from)) s"
}

if ! dax_load; then
	not_ok 'a dax device' 'there is none'
	exit 0
fi
n=$(dax_blocks dax0.0 | wc -l)
check 'the device has 512 blocks' test "$n" -eq 512
stranger true
check 'the kernel has a refusal point' hook_ready
load_or_quit
seconds 'plug' daxguard plug dax0.0
check 'it is plugged in the movable zone' is_plugged dax0.0 Movable
check '/proc/iomem has all of it' test "$(ram_blocks)" -eq 512
daxguard begin dax0.0
expect_status 1 'its first block is refused to others' stranger dgprobe attempt write "$(state_files dax0.0 | head -n 1)" offline
expect_status 1 'its last block is refused to others' stranger dgprobe attempt write "$(state_files dax0.0 | tail -n 1)" offline
daxguard end dax0.0
snapshot dax0.0 >/tmp/before
dax_blocks dax0.0 >/tmp/blocks
lowest=$(sed -n 1p /tmp/blocks)
deny_block "$lowest" offline
from=$(uptime_s)
# what it says on the way goes to stderr, too
expect_status 5 'the last block in turn does not go offline: exit 5' daxguard offline --timeout=90 dax0.0
cp /tmp/stderr.$$ $SAID
check 'that block is named' grep -q "'memory$lowest' of 'dax0.0' cannot be taken offline.*everything is as it was before" $SAID
note "offline and back: $(($(uptime_s) - from)) s"
allow_block
check 'all blocks are as before' as_before dax0.0 "$(cat /tmp/before)"
seconds 'offline' daxguard offline dax0.0
check 'all blocks are offline' all_are dax0.0 offline
seconds 'online' daxguard online --zone=movable dax0.0
check 'all blocks are in the movable zone again' zones_are dax0.0 Movable
seconds 'unplug' daxguard unplug dax0.0
check 'it is unplugged' is_unplugged dax0.0
check '/proc/iomem has none of it' test "$(ram_blocks)" -eq 0
check 'nothing is held' nothing_held
