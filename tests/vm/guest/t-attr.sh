# SPDX-License-Identifier: GPL-2.0-only
# Suite for patched kernels: the whole-device attribute: every state, every word, with and without something in the way.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

STATE=$DAX/devices/dax0.0/state
HOTPLUG=$DAX/devices/dax0.0/hotplug
WORDS='unplugged online online_kernel online_movable'

# put FILE WORD: sets $said to ok or the errno's name.
put()
{
	dgprobe attempt write "$1" "$2" 2>/tmp/put
	case $? in
	0) said=ok ;;
	1) said=EBUSY ;;
	*) said=$(sed -n 's/.*: \(E[A-Z]*\) (.*/\1/p' /tmp/put | tail -n 1) ;;
	esac
	cat /tmp/put >&2
}

reads()
{
	cat $STATE
}

# The device as the rest of the system sees it: blocks, states, zones, and what is reserved in its ranges.
picture()
{
	for _b in $blocks; do
		if [ -e "$MEMORY/memory$_b" ]; then
			echo "$_b $(block_state "$_b") $(cat "$MEMORY/memory$_b/valid_zones")"
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

states()
{
	echo unplugged offline online online_kernel online_movable
	# one block cannot disagree with itself
	[ "$(echo "$blocks" | wc -l)" -eq 1 ] || echo mixed
}

# The states that a device can go online from: 7.3, which has no file "hotplug", lets none but an unplugged one.
starts()
{
	echo unplugged
	[ ! -e $HOTPLUG ] || echo offline
}

# rule STATE WORD: what is answered when nothing is in the way.
rule()
{
	case $1-$2 in
	"$2-$1" | *-unplugged) echo ok ;;
	*)
		if starts | grep -qx "$1"; then
			echo ok
		else
			echo EBUSY
		fi
		;;
	esac
}

# row STATE WORD: as the rule says; refused, nothing has changed.
row()
{
	to_state "$1" || return 1
	picture >/tmp/before
	wanted=$(rule "$1" "$2")
	put $STATE "$2"
	[ "$said" = "$wanted" ] || {
		echo "answered $said, not $wanted" >&2
		return 1
	}
	if [ "$said" = ok ]; then
		[ "$(reads)" = "$2" ] && blocks_agree "$2"
	else
		[ "$(reads)" = "$1" ] && unchanged
	fi
}

unchanged()
{
	picture >/tmp/after
	diff /tmp/before /tmp/after >&2
}

table()
{
	for state in $(states); do
		for word in $WORDS; do
			check "$kind: $state, '$word': $(rule "$state" "$word")" row "$state" "$word"
		done
		check "$kind: $state, 'offline' is no word to write" row_refused "$state" $STATE offline EINVAL
		check "$kind: $state, 'unplug' is for hotplug" row_refused "$state" $STATE unplug EINVAL
	done
}

# row_refused STATE FILE WORD ERRNO
row_refused()
{
	[ "$(reads)" = "$1" ] || to_state "$1" || return 1
	picture >/tmp/before
	put "$2" "$3"
	[ "$said" = "$4" ] && unchanged
}

# --- something in the way ---

# denied STATE WORD online|offline BLOCK: that step fails, and every step before it is taken back.
denied()
{
	to_state "$1" || return 1
	picture >/tmp/before
	deny_block "$4" "$3" || return 1
	put $STATE "$2"
	allow_block
	[ "$said" = EPROTO ] && [ "$(reads)" = "$1" ] && unchanged
}

stuck()
{
	[ "$(failed_migrations)" -gt "$failed_before" ]
}

# interrupted STATE BLOCK SIGNAL: an unplug that waits for a page of the block until a signal comes.
interrupted()
{
	to_state "$1" || return 1
	pin_block "$MEMORY/memory$2"
	picture >/tmp/before
	failed_before=$(failed_migrations)
	(exec dgprobe attempt write $STATE unplugged) &
	_writer=$!
	wait_for 60 stuck || echo 'no migration has failed' >&2
	kill -"$3" $_writer
	wait $_writer
	_status=$?
	let_go
	[ $_status -gt 128 ] && [ "$(reads)" = "$1" ] && unchanged
}

in_the_way()
{
	for state in online_movable online_kernel; do
		for block in $(first) $(last); do
			check "$kind: $state, memory$block does not go offline: taken back" denied $state unplugged offline "$block"
			for from in $(starts); do
				check "$kind: $from, memory$block does not go online ($state): taken back" \
					denied $from $state online "$block"
			done
		done
	done
	if [ "$(echo "$blocks" | wc -l)" -gt 1 ]; then
		check "$kind: mixed, the first block does not go offline: taken back" denied mixed unplugged offline "$(first)"
	fi
	# not INT: a shell has its background jobs ignore that
	for signal in HUP TERM KILL; do
		check "$kind: online_movable, a page is kept, SIG$signal: taken back" interrupted online_movable "$(last)" $signal
	done
}

# --- the other file, the other ways ---

hotplug_words()
{
	check 'hotplug: unplug' row_hotplug online_movable unplug unplugged
	check 'hotplug: online_movable' row_hotplug unplugged online_movable online_movable
	check 'hotplug: online_kernel' row_hotplug unplugged online_kernel online_kernel
	check 'hotplug: online' row_hotplug unplugged online online
	check "hotplug: 'unplugged' is for state" row_refused online $HOTPLUG unplugged EINVAL
	check 'hotplug: nonsense' row_refused online $HOTPLUG nonsense EINVAL
	check 'hotplug: an empty line' row_refused online $HOTPLUG '
' EINVAL
}

row_hotplug()
{
	to_state "$1" || return 1
	put $HOTPLUG "$2"
	[ "$said" = ok ] && [ "$(reads)" = "$3" ] && blocks_agree "$3"
}

# The blocks can be changed one by one as ever, and both files say how it is.
reads_true()
{
	to_state online_movable || return 1
	for _b in $blocks; do
		offline_block "$_b"
		wanted=mixed
		[ "$_b" != "$(last)" ] || wanted=offline
		[ "$(reads)" = $wanted ] || return 1
	done
	for _b in $blocks; do
		echo online_kernel >"$MEMORY/memory$_b/state"
	done
	[ "$(reads)" = online_kernel ]
}

# unbind and bind as ever; nothing is lost whatever the state, as long as no block is online.
rebinds()
{
	to_state "$1" || return 1
	[ "$1" != online_movable ] || offline_all dax0.0
	dax_unbind dax0.0 && [ "$(dax_driver dax0.0)" = none ] && blocks_agree unplugged || return 1
	dax_bind dax0.0 kmem && [ "$(reads)" = offline ]
}

no_mapping()
{
	_n=$(find $DAX/devices/dax0.0/ -name 'mapping[0-9]*' | wc -l)
	to_state "$1" || return 1
	put $DAX/devices/dax0.0/mapping "$free_range"
	[ "$said" = EBUSY ] && [ "$(find $DAX/devices/dax0.0/ -name 'mapping[0-9]*' | wc -l)" -eq "$_n" ]
}

# device KIND
device()
{
	kind=$1
	dax_to_kmem dax0.0
	blocks=$(dax_blocks dax0.0)
	note "$kind: $(echo "$blocks" | tr '\n' ' ')"
	check "$kind: bound, with the blocks offline as the default says" test "$(reads)" = offline
	table
	in_the_way
	check "$kind: the reads follow the blocks" reads_true
	for state in unplugged offline online_movable; do
		check "$kind: $state: unbind and bind" rebinds $state
	done
}

# --- a range that is lost ---

# The second range stays behind at an unbind (it is online), so that it cannot be reserved again.
half_lost()
{
	to_state online_movable || return 1
	offline_block "$(first)"
	for _b in $(echo "$blocks" | sed -n 2p); do
		offline_block "$_b"
	done
	dax_unbind dax0.0
	dmesg | grep -Eq 'mapping1: .* (cannot be hotremoved until the next|stuck online until) reboot' || return 1
	dax_bind dax0.0 kmem
}

conflict_leaves_nothing()
{
	put $STATE unplugged
	picture >/tmp/before
	put $STATE online_movable
	[ "$said" = EBUSY ] && unchanged
}

if ! dax_load || ! [ -e $STATE ]; then
	not_ok 'a whole-device attribute' "$(uname -r) has none, or no dax device"
	exit 0
fi
totals()
{
	grep -E '^(MemTotal|HardwareCorrupted)' /proc/meminfo
}

check 'a device of two blocks' dax_split 2 2
start=$(totals)
device 'one range'
[ ! -e $HOTPLUG ] || hotplug_words
dax_free dax0.0
bs=$(block_size)
dax_resize dax0.0 "$bs"
device 'one block'
dax_free dax0.0
dax_resize dax0.0 $((bs + bs / 2))
device 'a block and a half'
free_range=$(printf '%x-%x' $((0x$(cat $DAX/devices/dax0.1/mapping0/end | sed s/0x//) + 1)) \
	$((0x$(cat $DAX/devices/dax0.1/mapping0/end | sed s/0x//) + bs)))
for state in unplugged offline online_movable; do
	check "mapping is refused while $state" no_mapping $state
done
dax_free dax0.0
dax_resize dax0.0 $((2 * bs))
dax_resize dax0.0 $((4 * bs))
device 'two ranges'
to_state unplugged
check 'the totals are back to the start' test "$(totals)" = "$start"
check 'a range is lost: unbind says which' half_lost
check 'a range is lost: the device reads mixed' test "$(reads)" = mixed
check 'a range is lost: it cannot be plugged, and nothing is left of the attempt' conflict_leaves_nothing
