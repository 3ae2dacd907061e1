# SPDX-License-Identifier: GPL-2.0-only
# Suite: a block that has its own map on it (memmap_on_memory) is not called unmovable for that: it goes with the block.
# run-vm: --append memory_hotplug.memmap_on_memory=1
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

if ! dax_load || ! dax_split 2 3; then
	skip 'memmap_on_memory' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
own=$DAX/devices/dax0.0/memmap_on_memory
if [ ! -e "$own" ]; then
	skip 'memmap_on_memory' "a dax device of kernel $(uname -r) does not have it"
	ok 'nothing to do'
	exit 0
fi
echo 1 >"$own"
check 'the device is bound' ready_device
block=$(dax_blocks dax0.0 | head -n 1)
# As /proc/kpageflags shows it: its first pages are in use and of no process.
check "its blocks have their own map" test "$(dd if=/proc/kpageflags bs=8 skip=$((block * ($(block_size) / 4096))) count=1 2>/dev/null | od -An -v -t x8 | tr -d " 0")" != 4
check 'dry run' daxguard unplug --dry-run dax0.0 >/tmp/out
check 'no block looks unmovable' test "$(grep -c unmovable /tmp/out)" = 0
check 'as JSON, too' test "$(daxguard unplug --dry-run -j dax0.0 | dgprobe json steps.0.unmovable_pages)" = 0
check 'and it is unplugged' daxguard unplug dax0.0
check 'nothing of it is left' is_unplugged dax0.0
