# SPDX-License-Identifier: GPL-2.0-only
# Suite: the other knobs: unbind while a block is online, bind and new_id of a held device, size, mapping, align, auto_online_blocks, rmmod.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

DEVICES=$DAX/devices
KMEM=$DAX/drivers/kmem
UNBIND=$KMEM/unbind

# A 64-bit program can call as a 32-bit one on x86-64 alone.
case $(uname -m) in
x86_64) BY_32_BIT='dgprobe delete-module ia32' ;;
*) BY_32_BIT='dgprobe32 delete-module' ;;
esac

# Two devices of two blocks each in kmem, all offline.
ready_two()
{
	for _d in dax0.0 dax0.1; do
		kmem_offline $_d || return 1
	done
}

# The device is in kmem with all its blocks, and the first one is as said.
still_there()
{
	[ "$(dax_driver "$1")" = kmem ] && state_is "$(first_of "$1")" "$2" && [ "$(dax_blocks "$1" | wc -l)" -eq 2 ] &&
		[ -e "$MEMORY/memory$(dax_blocks "$1" | tail -n 1)" ]
}

# The kernel may have an answer of its own, such as that it knows the name already.
not_busy()
{
	"$@"
	_status=$?
	[ $_status -eq 0 ] || [ $_status -eq 3 ]
}

refused_unbind()
{
	busy dgprobe attempt "$1" "$2" "$3" && still_there "$3" online
}

unbinds()
{
	dgprobe attempt "$1" "$2" "$3" && [ "$(dax_driver "$3")" = none ]
}

# The same from a shell's echo, with the newline that it adds.
echo_is_refused()
{
	! sh -c "echo $1 >$2" 2>/tmp/echo && grep -q 'Device or resource busy' /tmp/echo && still_there "$1" online
}

# Busybox says in words what errno was.
rmmod_is_refused()
{
	! rmmod kmem 2>/tmp/rmmod && grep -q 'Operation not permitted' /tmp/rmmod && [ -e /sys/module/kmem ]
}

# Forgets what was reported until now.
fresh_events()
{
	take_events >/dev/null
	: >/tmp/events
}

# --- what loses memory is refused, whoever asks ---

unbind_is_guarded()
{
	online_block "$(first_of dax0.0)"
	for method in write writev-one; do
		check "$mode: one block online: unbind by $method is refused" refused_unbind $method $UNBIND dax0.0
		check "$mode: one block online: the other device is unbound by $method" unbinds $method $UNBIND dax0.1
		dax_to_kmem dax0.1
		offline_all dax0.1
	done
	for method in writev splice iouring iouring-sqpoll; do
		check "$mode: one block online: unbind by $method is refused" refused_unbind $method $UNBIND dax0.0
		offline_all dax0.0
		check "$mode: all offline: unbind by $method works" unbinds $method $UNBIND dax0.0
		dax_to_kmem dax0.0
		online_block "$(first_of dax0.0)"
		expect_status 1 "$mode: another's block online: unbind by $method cannot be read, and is refused" \
			dgprobe attempt $method $UNBIND dax0.1
	done
	check "$mode: one block online: driver/unbind is refused" refused_unbind write $DEVICES/dax0.0/driver/unbind dax0.0
	check "$mode: one block online: echo DEV > unbind is refused" echo_is_refused dax0.0 $UNBIND
	fresh_events
	expect_status 1 "$mode: one block online: remove_id is refused" dgprobe attempt write $KMEM/remove_id dax0.0
	collect_events
	check "$mode: the event names device and file" event_seen refused dax0.0 unbind '*' remove_id lsm '*' dgprobe -16
	check "$mode: one block online: rmmod kmem is refused" rmmod_is_refused
	expect_status 1 "$mode: one block online: delete_module(2) of kmem is refused" dgprobe delete-module 64 kmem
	if patched; then
		skip "$mode: one block online: the 32-bit delete_module(2) is refused" 'tests/kernel builds without 32-bit calls'
	else
		expect_status 1 "$mode: one block online: the 32-bit delete_module(2) is refused" $BY_32_BIT kmem
		expect_status 3 "$mode: of another module it is answered as ever" $BY_32_BIT no_such_module
	fi
	if grep -q 'syscall.x32=y' /proc/cmdline; then
		expect_status 1 "$mode: one block online: that of x32 is refused" dgprobe delete-module x32 kmem
	fi
	check "$mode: nothing is lost" still_there dax0.0 online
	expect_status 3 "$mode: a name that is no device is answered as ever" dgprobe attempt write $UNBIND dax7.7

	offline_all dax0.0
	check "$mode: all offline: remove_id works" dgprobe attempt write $KMEM/remove_id dax0.0
	check "$mode: all offline: unbind by write works" unbinds write $DEVICES/dax0.0/driver/unbind dax0.0
	check "$mode: all offline: rmmod kmem works" rmmod kmem
	check "$mode: kmem comes again" modprobe kmem
	check "$mode: both devices are in kmem again" ready_two
	check "$mode: nothing has leaked" test "$(counter leaked)" = 0
}

# refused_layout FILE WORD: EBUSY, and it was us who said so: for size and align the kernel says the same.
refused_layout()
{
	_before=$(counter refused)
	busy dgprobe attempt write "$DEVICES/dax0.0/$1" "$2" && [ "$(counter refused)" -eq $((_before + 1)) ]
}

layout_is_guarded()
{
	for file in size mapping align; do
		check "$mode: $file of a bound device is refused" refused_layout $file 0
	done
	dax_unbind dax0.0
	refused=$(counter refused)
	check "$mode: size of an unbound device can be written" \
		dgprobe attempt write $DEVICES/dax0.0/size "$(cat $DEVICES/dax0.0/size)"
	expect_status 3 "$mode: mapping of an unbound device answers EINVAL to nonsense" \
		dgprobe attempt write $DEVICES/dax0.0/mapping nonsense
	check "$mode: that was not refused" test "$(counter refused)" -eq "$refused"
	dax_to_kmem dax0.0
	offline_all dax0.0
}

# --- what belongs to the owner while a device is held ---

auto_online_is_guarded()
{
	_auto=$(cat $MEMORY/auto_online_blocks)
	by_stranger="stranger dgprobe attempt write $MEMORY/auto_online_blocks $_auto"
	check "$mode: auto_online_blocks can be written" $by_stranger
	daxguard begin dax0.0
	check "$mode: held: auto_online_blocks can be written by default" $by_stranger
	daxguard policy set '*' auto_online=refuse
	expect_status 1 "$mode: held, auto_online=refuse: refused" $by_stranger
	check "$mode: held, auto_online=refuse: the owner can" dgprobe attempt write $MEMORY/auto_online_blocks "$_auto"
	daxguard end dax0.0
	check "$mode: free, auto_online=refuse: anyone can" $by_stranger
	daxguard policy set '*' auto_online=allow
}

binding_is_guarded()
{
	dax_unbind dax0.1
	daxguard begin dax0.1
	expect_status 1 "$mode: held: bind by a stranger is refused" stranger dgprobe attempt write $KMEM/bind dax0.1
	expect_status 1 "$mode: held: new_id by a stranger is refused" stranger dgprobe attempt write $KMEM/new_id dax0.1
	check "$mode: held: it is bound to nothing" test "$(dax_driver dax0.1)" = none
	dax_bind dax0.1 kmem
	check "$mode: held: bind by the owner works" test "$(dax_driver dax0.1)" = kmem
	offline_all dax0.1
	expect_status 1 "$mode: held: unbind by a stranger is refused" stranger dgprobe attempt write $UNBIND dax0.1
	expect_status 1 "$mode: held: remove_id by a stranger is refused" \
		stranger dgprobe attempt write $KMEM/remove_id dax0.1
	check "$mode: held: it is still bound" test "$(dax_driver dax0.1)" = kmem
	check "$mode: held: unbind by the owner works" unbinds write $UNBIND dax0.1
	daxguard end dax0.1
	dax_to_kmem dax0.1
	offline_all dax0.1
	check "$mode: free: unbind by a stranger works" stranger dgprobe attempt write $UNBIND dax0.1
	check "$mode: free: bind by a stranger works" stranger dgprobe attempt write $KMEM/bind dax0.1
	offline_all dax0.1
}

others_are_seen()
{
	_b=$(first_of dax0.0)
	fresh_events
	check "$mode: free: a synthetic uevent" stranger dgprobe attempt write "$MEMORY/memory$_b/uevent" change
	collect_events
	check "$mode: free: nothing to report" test ! -s /tmp/events
	daxguard begin dax0.0
	check "$mode: held: a synthetic uevent is let through" stranger dgprobe attempt write "$MEMORY/memory$_b/uevent" change
	collect_events
	check "$mode: held: and reported" event_seen seen dax0.0 declared "$_b" uevent lsm '*' dgprobe 0
	# the page lies in an offline block, so that the kernel refuses it itself
	expect_status 3 "$mode: held: soft_offline_page is answered as ever" \
		stranger dgprobe attempt write $MEMORY/soft_offline_page "$((_b * $(block_size)))"
	collect_events
	check "$mode: held: soft_offline_page is reported" event_seen seen dax0.0 declared '*' soft_offline_page lsm '*' dgprobe 0
	daxguard end dax0.0
}

# --- where no program sees the write, the open is refused ---

open_is_guarded()
{
	online_block "$(first_of dax0.0)"
	online_block "$(first_of dax0.1)"
	expect_status 1 'kernel: every device has a block online: unbind does not open' dgprobe attempt write $UNBIND dax0.0
	check 'kernel: nothing is lost' still_there dax0.0 online
	check 'kernel: rmmod kmem is refused' rmmod_is_refused
	offline_all dax0.1
	check 'kernel: one device has none: it can be unbound' unbinds write $UNBIND dax0.1
	dax_to_kmem dax0.1
	offline_all dax0.1
	offline_all dax0.0
	daxguard begin dax0.1
	for file in unbind remove_id; do
		expect_status 1 "kernel: held: $file does not open for a stranger" stranger dgprobe attempt write $KMEM/$file dax0.0
	done
	if [ -e $DEVICES/dax0.1/state ]; then
		expect_status 1 'kernel: held: its state does not open for a stranger' \
			stranger dgprobe attempt write $DEVICES/dax0.1/state unplugged
	else
		skip 'kernel: held: its state does not open for a stranger' "no daxX.Y/state before 7.3: this is $(uname -r)"
	fi
	check 'kernel: held: the owner unbinds it' unbinds write $UNBIND dax0.1
	# EBUSY, but before 7.3 the kernel makes ENOMEM of it
	stranger dgprobe attempt write $KMEM/bind dax0.1
	check 'kernel: held: a stranger does not bind it' test "$(dax_driver dax0.1)" = none
	stranger dgprobe attempt write $KMEM/new_id dax0.1
	check 'kernel: held: nor by new_id' test "$(dax_driver dax0.1)" = none
	dax_to_kmem dax0.1
	daxguard end dax0.1
	offline_all dax0.1
	check 'kernel: free: a stranger unbinds' stranger dgprobe attempt write $UNBIND dax0.1
	check 'kernel: free: a stranger binds' stranger dgprobe attempt write $KMEM/bind dax0.1
	offline_all dax0.1
}

# --- and where the operator wants it so, memory is lost; said aloud ---

# leaves_memory DEV: an unbind with its first block online.
leaves_memory()
{
	online_block "$(first_of "$1")"
	fresh_events
	dgprobe attempt write $UNBIND "$1" && [ "$(dax_driver "$1")" = none ] && [ -e "$MEMORY/memory$(first_of "$1")" ]
}

# Where one write takes several devices along, one whose policy is to refuse is enough.
strictest_decides()
{
	online_block "$(first_of dax0.0)"
	online_block "$(first_of dax0.1)"
	for lax in dax0.0 dax0.1; do
		for word in audit off; do
			daxguard policy set $lax mode=$word
			expect_status 1 "$mode: $lax is $word: what takes both along is refused" \
				dgprobe attempt write /sys/bus/platform/drivers/hmem/unbind hmem.0
			check "$mode: $lax is $word: rmmod kmem is refused" rmmod_is_refused
			check "$mode: $lax is $word: both are as before" still_there dax0.0 online
		done
		daxguard policy unset $lax
	done
	offline_all dax0.0
	offline_all dax0.1
	daxguard begin dax0.0
	daxguard begin dax0.1
	for lax in dax0.0 dax0.1; do
		daxguard policy set $lax mode=audit
		expect_status 1 "$mode: $lax is audit: unbind that cannot be read is refused while both are held" \
			stranger dgprobe attempt writev $UNBIND dax0.0
		daxguard policy unset $lax
	done
	daxguard end dax0.0
	daxguard end dax0.1
	check "$mode: both devices are in kmem" ready_two
}

leaks_are_reported()
{
	block=$(first_of dax0.1)
	daxguard policy set dax0.1 unbind=allow
	check "$mode: unbind=allow: the unbind is let through, memory stays behind" leaves_memory dax0.1
	collect_events
	check "$mode: unbind=allow: it is reported as a leak" event_seen leak dax0.1 unbind "$block" '* observer * * *'
	check "$mode: unbind=allow: and counted" test "$(counter leaked)" = 1

	daxguard policy set '*' mode=audit
	spare=$(first_of dax0.0)
	daxguard begin dax0.0
	audited=$(counter audited)
	check "$mode: audit: a stranger's write is let through" \
		changes_block stranger dgprobe attempt write "$MEMORY/memory$spare/state" online
	check "$mode: audit: new_id is let through" not_busy stranger dgprobe attempt write $KMEM/new_id dax0.0
	check "$mode: audit: both are counted" test "$(counter audited)" -eq $((audited + 2))
	daxguard end dax0.0
	block=$(first_of dax0.0)
	check "$mode: audit: an unbind with a block online is let through" leaves_memory dax0.0
	collect_events
	check "$mode: audit: it is reported as what would have been refused" \
		event_seen audited dax0.0 unbind '*' unbind lsm '*' dgprobe 0
	check "$mode: audit: and as a leak" event_seen leak dax0.0 unbind "$block" '* observer * * *' || note_lines /tmp/events
	check "$mode: audit: nothing has slipped" test "$(counter slipped)" = 0
}

# word_for PATH: what is written to a knob, of its kind and without harm where it gets through. None for a file that is new to the list.
word_for()
{
	case $1 in
	*/state | */hotplug) echo online ;;
	*/online) echo 1 ;;
	*/uevent) echo change ;;
	*/mapping) echo 0-0 ;;
	*/size | */align | */auto_online_blocks) line_of "$1" ;;
	/sys/bus/platform/drivers/*/unbind) echo hmem.0 ;;
	*/unbind | */remove_id | */bind | */new_id | */drivers_probe | */delete) echo dax0.0 ;;
	*_offline_page | */probe) echo 0xffffffffff000 ;;
	esac
}

# knob_is PATH WORD: the guard refuses a stranger's write, or has nothing against it; the kernel may have.
knob_is()
{
	_refused=$(counter refused)
	stranger dgprobe attempt write "$1" "$(word_for "$1")"
	_status=$?
	_refused=$(($(counter refused) - _refused))
	if [ "$2" = refused ]; then
		[ $_status -eq 1 ] && [ $_refused -eq 1 ]
	else
		[ $_refused -eq 0 ]
	fi
}

# Each row of the table, as it says, with the device held by another.
every_knob()
{
	check "$mode: dax0.0 is held" daxguard begin dax0.0
	daxguard --list-knobs >/tmp/knobs
	while IFS='	' read -r path held rest; do
		path=$(echo "$path" | sed "s,/memoryN/,/memory$(first_of dax0.0)/,; s,/daxX.Y/,/dax0.0/,
			s,/BUS/drivers/DRIVER/,/platform/drivers/hmem/,; s,/BUS/devices/PARENT/,/platform/devices/hmem.0/,; s,/DRIVER/,/kmem/,")
		if [ ! -e "$path" ]; then
			note "$path: there is none here"
			continue
		fi
		check "$mode: every knob: $path has a word to write" test -n "$(word_for "$path")"
		check "$mode: every knob: $path is $held" knob_is "$path" "$held" </dev/null
	done </tmp/knobs
	check "$mode: there are knobs" test -s /tmp/knobs
	daxguard end dax0.0
	check "$mode: both devices are as before" ready_two
}

if ! dax_load || ! dax_split 2 2 || ! ready_two; then
	not_ok 'two dax devices' 'there are none'
	exit 0
fi
stranger true
check 'there is a refusal point' hook_ready

mode=kernel
says 0 "$mode: load" '' daxguard load --hooks=$mode
open_is_guarded
layout_is_guarded
auto_online_is_guarded
check "$mode: unload" daxguard unload

mode=lsm
says 0 "$mode: load" '' daxguard load --hooks=$mode
unbind_is_guarded
layout_is_guarded
auto_online_is_guarded
binding_is_guarded
others_are_seen
every_knob
strictest_decides
check "$mode: nothing was left undecided" test "$(counter undecided)" = 0
leaks_are_reported
check "$mode: unload" daxguard unload
