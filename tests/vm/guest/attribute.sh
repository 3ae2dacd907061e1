# SPDX-License-Identifier: GPL-2.0-only
# Functions for suites about the whole-device attribute of dax0.0: writing it, reading it, and what the device's $blocks say; sourced after verbs.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of and for the suite

# KASAN's shadow of a memory block lies on the block's own node, in the kernel zone if there is memory of that, and never moves from
# there: with KASAN what is in the kernel zone stays in it. So that "online" does not mean that zone, suites.conf sets a policy.
if grep -qw kasan_mem_notifier /proc/kallsyms; then
	KERNEL=
	skip 'online_kernel' 'KASAN puts pages that never move into a kernel zone'
else
	KERNEL=online_kernel
fi

# put FILE WORD: sets $said to ok or the errno's name.
put()
{
	dgprobe attempt write "$1" "$2" 2>/tmp/put
	case $? in
	0) said=ok ;;
	1) said=EBUSY ;;
	*) said=$(sed -n 's/.*: \(E[A-Z]*\) (.*/\1/p' /tmp/put | tail -n 1) ;;
	esac
	[ ! -s /tmp/put ] || cat /tmp/put >&2
}

reads()
{
	line_of $STATE
}

# The device as the rest of the system sees it: blocks, states, zones, and what is reserved in its ranges.
picture()
{
	for _b in $blocks; do
		if [ -e "$MEMORY/memory$_b" ]; then
			echo "$_b $(block_state "$_b") $(line_of "$MEMORY/memory$_b/valid_zones")"
		else
			echo "$_b absent"
		fi
	done
	grep -E 'kmem|dax0' /proc/iomem
}

# All blocks of the device are as the word says.
blocks_agree()
{
	for _b in $blocks; do
		case $1 in
		unplugged) [ ! -e "$MEMORY/memory$_b" ] ;;
		offline) state_is "$_b" offline ;;
		online) state_is "$_b" online ;;
		online_kernel) state_is "$_b" online && [ "$(zone_of "$_b")" = Normal ] ;;
		online_movable) state_is "$_b" online && [ "$(zone_of "$_b")" = Movable ] ;;
		mixed) ! blocks_agree_on_state ;;
		esac || return 1
	done
}

blocks_agree_on_state()
{
	[ "$(for _b in $blocks; do block_state "$_b"; done | sort -u | wc -l)" -le 1 ]
}

first()
{
	echo "$blocks" | head -n 1
}

last()
{
	echo "$blocks" | tail -n 1
}

# to_state STATE: from wherever it is.
to_state()
{
	[ "$(reads)" = unplugged ] || put $STATE unplugged
	case $1 in
	unplugged) ;;
	offline)
		put $STATE online_movable
		offline_all dax0.0
		;;
	mixed)
		put $STATE online_movable
		offline_block "$(last)"
		;;
	*) put $STATE "$1" ;;
	esac
	if [ "$(reads)" != "$1" ] || ! blocks_agree "$1"; then
		echo "the device reads $(reads), not $1: $(picture | tr '\n' ';')" >&2
		return 1
	fi
}

# The device is as the picture in /tmp/before.
unchanged()
{
	picture >/tmp/after
	diff /tmp/before /tmp/after >&2
}
