# SPDX-License-Identifier: GPL-2.0-only
# Suite for patched kernels: the whole-device attribute: every state, every word, with and without something in the way.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh
. ./attribute.sh

HOTPLUG=$DAX/devices/dax0.0/hotplug
WORDS="unplugged online $KERNEL online_movable"

states()
{
	echo unplugged offline online $KERNEL online_movable
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
	for state in online_movable $KERNEL; do
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

# --- the kernel's own parts object: a notifier ---

VETO=/sys/kernel/debug/notifier-error-inject/memory/actions

# veto online|offline ERRNO: what the kernel's notifiers are asked first is answered with that, for every block, until ERRNO is 0.
veto()
{
	case $1 in
	online) echo "$2" >$VETO/MEM_GOING_ONLINE/error ;;
	offline) echo "$2" >$VETO/MEM_GOING_OFFLINE/error ;;
	esac
}

# vetoed STATE WORD online|offline
vetoed()
{
	to_state "$1" || return 1
	picture >/tmp/before
	veto "$3" -12
	put $STATE "$2"
	veto "$3" 0
	[ "$said" = ENOMEM ] && [ "$(reads)" = "$1" ] && unchanged
}

# The last block does not go offline, and those before it may not come back: it says so, and can be mended.
no_way_back()
{
	to_state online_movable || return 1
	deny_block "$(last)" offline || return 1
	veto online -12
	put $STATE unplugged
	veto online 0
	allow_block
	[ "$said" = EPROTO ] && [ "$(reads)" = mixed ] && state_is "$(last)" online && state_is "$(first)" offline || return 1
	put $STATE unplugged
	[ "$said" = ok ] && blocks_agree unplugged
}

notifiers()
{
	for state in online online_movable $KERNEL; do
		check "$kind: $state, a notifier objects to unplugged" vetoed $state unplugged offline
		for from in $(starts); do
			check "$kind: $from, a notifier objects to $state" vetoed "$from" $state online
		done
	done
	[ "$(echo "$blocks" | wc -l)" -eq 1 ] ||
		check "$kind: taking back is refused: the device reads mixed, and unplugged mends it" no_way_back
}

# --- the other file, the other ways ---

hotplug_words()
{
	check 'hotplug: unplug' row_hotplug online_movable unplug unplugged
	check 'hotplug: online_movable' row_hotplug unplugged online_movable online_movable
	[ -z "$KERNEL" ] || check 'hotplug: online_kernel' row_hotplug unplugged online_kernel online_kernel
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
		echo "${KERNEL:-online_movable}" >"$MEMORY/memory$_b/state"
	done
	[ "$(reads)" = "${KERNEL:-online_movable}" ]
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
	notifiers
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

# A range of the device is memory already, without a driver: the driver cannot take it, and nothing is left of the attempt.
all_lost()
{
	dax_bind "$1" kmem
	online_all "$1" online_movable
	dax_unbind "$1" && ! no_blocks "$1" || return 1
	_was=$(snapshot "$1")
	dax_bind "$1" kmem && return 1
	[ "$(dax_driver "$1")" = none ] && [ ! -e "$DAX/devices/$1/state" ] && as_before "$1" "$_was"
}

# Somebody else adds one of an unplugged device's blocks as memory, and no device of ours: nothing takes that away again.
taken()
{
	to_state unplugged && printf '0x%x\n' $(($(first) * bs)) >$MEMORY/probe || return 1
	picture >/tmp/before
	grep -q "^$(first) offline" /tmp/before && [ "$(reads)" = unplugged ]
}

# taken_stays WORD SAID
taken_stays()
{
	put $STATE "$1"
	[ "$said" = "$2" ] && [ "$(reads)" = unplugged ] && unchanged
}

mem_total()
{
	sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

# The device's memory has the descriptions of its pages, 64 bytes each, in itself: that much less of it can be used.
memmap_inside()
{
	[ "$(cat $DAX/devices/dax0.0/memmap_on_memory)" = 1 ] && to_state unplugged || return 1
	_without=$(mem_total)
	to_state online_movable || return 1
	[ $(($(mem_total) - _without)) -eq $((2 * bs * 63 / 64 / 1024)) ]
}

if ! dax_load || ! [ -e $STATE ]; then
	not_ok 'a whole-device attribute' "$(uname -r) has none, or no dax device"
	exit 0
fi
modprobe memory-notifier-error-inject
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
echo 1 >$DAX/devices/dax0.0/memmap_on_memory
device 'memmap on memory'
check 'memmap on memory: it is' memmap_inside
to_state offline
dax_free dax0.0
echo 0 >$DAX/devices/dax0.0/memmap_on_memory
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
check 'one range, lost: it cannot be bound again, and nothing is left of the attempt' all_lost dax0.1
check 'a device of a block and a half' dax_create
dax_resize dax0.2 $((bs + bs / 2))
dax_unbind dax0.2
check 'a block and a half, lost: it cannot be bound again, and nothing is left of the attempt' all_lost dax0.2
check 'a device of two blocks' dax_create
dax_resize dax0.3 $((2 * bs))
dax_to_kmem dax0.3
STATE=$DAX/devices/dax0.3/state
blocks=$(dax_blocks dax0.3)
check 'unplugged, and a block of it is added by somebody else: the device is still unplugged' taken
for word in online $KERNEL online_movable; do
	check "unplugged, a block of it is somebody else's, $word: refused" taken_stays $word EBUSY
done
check "unplugged, a block of it is somebody else's, unplugged: ok, and that one stays" taken_stays unplugged ok
