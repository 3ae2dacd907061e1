# SPDX-License-Identifier: GPL-2.0-only
# Functions for suites about the whole-device verbs: what a device is like, by sysfs and /proc/iomem alone; sourced after guard.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables for the suites and of lib.sh

STATE=$DAX/devices/dax0.0/state

# dg WORD...: daxguard without its progress. On a slow machine a line of progress may come before what is said at the end.
dg()
{
	daxguard "$@" 2>/tmp/progress
	_rc=$?
	grep -Ev ' blocks, .*/s, .* left$| s so far$' /tmp/progress >&2
	return $_rc
}

# zones_are DEV ZONE: every block is online in that zone; if not, says on stderr which one is what.
zones_are()
{
	for _b in $(dax_blocks "$1"); do
		if [ "$(block_state "$_b")" != online ] || [ "$(zone_of "$_b")" != "$2" ]; then
			echo "memory$_b is $(block_state "$_b") $(zone_of "$_b")" >&2
			return 1
		fi
	done
}

# all_are DEV STATE: every block is in that state.
all_are()
{
	[ "$(count_blocks "$1" "$2")" -eq "$(dax_blocks "$1" | wc -l)" ]
}

# no_blocks DEV: none of its blocks is there.
no_blocks()
{
	for _b in $(dax_blocks "$1"); do
		[ ! -e "$MEMORY/memory$_b" ] || return 1
	done
}

# ram_blocks: prints for how many blocks /proc/iomem has memory of kmem.
ram_blocks()
{
	_sum=0
	sed -n 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\) : System RAM (kmem)$/0x\1 0x\2/p' /proc/iomem >/tmp/iomem
	while read -r _from _to; do
		_sum=$((_sum + _to - _from + 1))
	done </tmp/iomem
	echo $((_sum / $(block_size)))
}

# is_unplugged DEV: it has no driver and no blocks.
is_unplugged()
{
	[ "$(dax_driver "$1")" = none ] && no_blocks "$1"
}

# is_plugged DEV ZONE: it is in kmem, every block online in that zone.
is_plugged()
{
	[ "$(dax_driver "$1")" = kmem ] && zones_are "$1" "$2"
}

# snapshot DEV: prints driver, states and zones, to be compared. A block that is offline is in no zone: what valid_zones says of it is where
# it could go, which depends on the blocks around it.
snapshot()
{
	dax_driver "$1"
	for _b in $(dax_blocks "$1"); do
		if [ ! -e "$MEMORY/memory$_b" ]; then
			echo "$_b absent"
		elif state_is "$_b" online; then
			echo "$_b online $(zone_of "$_b")"
		else
			echo "$_b $(block_state "$_b")"
		fi
	done
}

# as_before DEV WHAT: a snapshot of now is WHAT; if not, says both on stderr.
as_before()
{
	_now=$(snapshot "$1")
	[ "$_now" = "$2" ] || {
		echo "it was: $2; it is: $_now" >&2
		return 1
	}
}

# add_range DEV: asks, by its file "mapping", for a range of one block after the last that it has. Returns dgprobe's exit status.
add_range()
{
	_end=$(line_of "$(find "$DAX/devices/$1"/mapping[0-9]*/ -name end | sort | tail -n 1)")
	dgprobe attempt write "$DAX/devices/$1/mapping" "$(printf '%x-%x' $((_end + 1)) $((_end + $(block_size))))"
}
