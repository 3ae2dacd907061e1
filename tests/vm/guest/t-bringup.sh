# SPDX-License-Identifier: GPL-2.0-only
# Suite: policy online=movable. At boot, after plug, bind, daxctl and coldplug all blocks of a device are online and movable, whatever
# the kernel's own policy and a udev rule have made of them before. In a root of boot-root, or where udev alone runs; each machine.
# memhp_default_state=online belongs on the kernel's command line. daxguard.leave=1: the control. module_blacklist=daxguard_hook: LSM alone,
# where the kernel may have put something unmovable into a block before it can be moved; then that is said, and the suite ends.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./systemd.sh
. ./machines.sh
. ./udev.sh

UNIT=daxguard-online@dax0.0.service
AUTO=$MEMORY/auto_online_blocks
without_hook=
! grep -q module_blacklist=daxguard_hook /proc/cmdline || without_hook=yes
leave=
! grep -q daxguard.leave=1 /proc/cmdline || leave=yes

with_systemd()
{
	[ -d /run/systemd/system ]
}

# zones: prints how many blocks there are of each state and zone, on one line.
zones()
{
	for _b in $(dax_blocks dax0.0); do
		_s=$(block_state "$_b" 2>/dev/null || echo absent)
		[ "$_s" != online ] || _s=$(zone_of "$_b")
		echo "$_s"
	done | sort | uniq -c | tr -s ' \n' '  '
}

all_movable()
{
	_zones=$(zones)
	[ "$_zones" = " $(dax_blocks dax0.0 | wc -l) Movable " ] && [ "$_zones" != ' 0 Movable ' ]
}

all_offline()
{
	[ "$(zones)" = " $(dax_blocks dax0.0 | wc -l) offline " ]
}

# The command is there.
waiting()
{
	grep -qs 'by[-]policy' /proc/[0-9]*/cmdline
}

# What is still to come: events in udev, and the command for a device.
settled()
{
	udevadm settle --timeout=60 || return 1
	if with_systemd; then
		[ -z "$(systemctl list-jobs --no-legend 'daxguard-online@*')" ]
	else
		! waiting
	fi
}

# said_which: without the hook the kernel itself has brought blocks online in its own zone and used them: what could be moved is in the
# movable zone, as it is for a block that a page keeps; the unit has failed, and the journal names the block.
said_which()
{
	[ -n "$without_hook" ] && with_systemd || return 1
	case $(property "$UNIT" ExecMainStatus) in
	5) _end='as it was before' ;;
	6) _end='could not be rolled back' ;;
	*) return 1 ;;
	esac
	journalctl --sync
	journalctl -b -u "$UNIT" -o cat | grep -E "'memory[0-9]+' of 'dax0.0' cannot be taken offline .*$_end" >&2
}

ended_well()
{
	all_movable || said_which
}

# brought_up NAME: the check NAME passes if in the end all of it is movable.
brought_up()
{
	wait_for 240 ended_well && wait_for 120 settled
	note "$1: $(zones)"
	if ! all_movable && said_which 2>/tmp/told; then
		note_lines /tmp/told
		check 'without the hook: which block cannot be moved is said, and all are online' \
			test "$(count_blocks dax0.0 online)" = "$(dax_blocks dax0.0 | wc -l)"
		exit 0
	fi
	check "$1" all_movable || tell
}

tell()
{
	if with_systemd; then
		systemctl status "$UNIT" 2>&1 | tail -n 12 >/tmp/told
	else
		dmesg | grep daxguard | tail -n 12 >/tmp/told
	fi
	note_lines /tmp/told
}

# --- without systemd what systemd does at boot ---

boot_by_hand()
{
	sh ./before-bringup.sh
	cp /lib/80-daxguard.rules /run/udev/rules.d/
	[ -n "$leave" ] || [ -n "$without_hook" ] || hook_ready || return 1
	daxguard load || return 1
	start_udev
}

up()
{
	if with_systemd; then
		booted running || said_which
	else
		boot_by_hand
	fi
}

# in_kmem: the machine's first dax device is bound to it, by itself, or by whoever is asked here.
in_kmem()
{
	udevadm settle
	load_machine && make_memory && wait_for 60 test -e $DAX/devices/dax0.0 || return 1
	[ "$(dax_driver dax0.0)" = kmem ] || dax_to_kmem dax0.0
}

# --- the ways into kmem ---

# There, by anybody, after it was away.
bound_again()
{
	daxguard unplug dax0.0 && dax_bind dax0.0 kmem && [ "$(dax_driver dax0.0)" = kmem ]
}

by_daxctl()
{
	daxctl reconfigure-device -m devdax -f dax0.0 >/dev/null && [ "$(dax_driver dax0.0)" = device_dax ] &&
		daxctl reconfigure-device -m system-ram --no-online -f dax0.0 >/dev/null
}

# Bound while somebody holds it: it is for him to say how its blocks are, as long as he holds it.
bind_and_look()
{
	daxguard unplug dax0.0 && dax_bind dax0.0 kmem && udevadm settle && wait_for 60 waiting && offline_all dax0.0 &&
		! wait_for 3 any_online
}

any_online()
{
	[ "$(count_blocks dax0.0 online)" != 0 ]
}

case ${1:-} in
'') ;;
*)
	"$1"
	exit
	;;
esac

made_again()
{
	daxguard unplug dax0.0 && unmake_memory && [ ! -e $DAX/devices/dax0.0 ] && in_kmem
}

coldplugged()
{
	daxguard offline dax0.0 && all_offline && udevadm trigger --subsystem-match=dax
}

the_ways()
{
	check 'unplug and plug' sh -c 'daxguard unplug dax0.0 && daxguard plug dax0.0'
	brought_up 'after plug: all are movable'
	check 'bound by anybody' bound_again
	brought_up 'after a bind: all are movable'
	check 'to devdax and back by daxctl, which is to online nothing' by_daxctl
	brought_up 'after daxctl: all are movable'
	check 'bound while held: nothing comes online' daxguard run dax0.0 -- sh ./t-bringup.sh bind_and_look
	brought_up 'after that: all are movable'
	check 'offline, and coldplug' coldplugged
	brought_up 'after coldplug: all are movable'
	case $MACHINE in
	cxl*)
		check 'the region goes and is made again' made_again
		brought_up 'after a region was made: all are movable'
		;;
	esac
}

# --- the command ---

left_is()
{
	[ "$(daxguard online --by-policy -j dax0.0 | dgprobe json event why)" = "$(printf 'left\t%s' "$1")" ]
}

the_command()
{
	says 2 'both --zone and --by-policy' "use one of them" daxguard online --by-policy --zone=kernel dax0.0
	says 1 'a device that is not there' 'no dax device' daxguard online --by-policy dax7.7
	says 2 'what is no device' 'not the name' daxguard online --by-policy nonsense
	check 'online=kernel in policy' daxguard policy set dax0.0 online=kernel
	says 1 'zone=movable and online=kernel' 'in the movable zone only' daxguard online --by-policy dax0.0
	check 'online=leave in policy' daxguard policy set dax0.0 online=leave
	check 'all offline' daxguard offline dax0.0
	check 'it is left' left_is 'its policy is online=leave'
	check 'nothing has changed' all_offline
	check 'no policy of its own any more' daxguard policy unset dax0.0
	check 'all devices by their policy' daxguard online --by-policy --all
	check 'they are online' all_movable
	check 'away from kmem' daxguard unplug dax0.0
	check 'it is left there' left_is 'it is not bound to kmem'
}

# --- the configuration, where the guard is not loaded ---

guard_away()
{
	if with_systemd; then
		systemctl stop daxguard.service
	else
		daxguard unload
	fi
}

guard_back()
{
	if with_systemd; then
		systemctl start daxguard.service
	else
		daxguard load && udevadm trigger --subsystem-match=dax --action=change
	fi
}

# What the kernel or the rule would bring online in a kernel zone, without the guard, might not leave it again.
nobody_else()
{
	echo offline >$AUTO && rm -f /etc/udev/rules.d/80-hotplug-memory.rules /run/udev/rules.d/80-hotplug-memory.rules &&
		udevadm control --reload
}

the_configuration()
{
	check 'nobody else brings anything online' nobody_else
	check 'without the guard' guard_away
	check 'bound by anybody, without the guard' dax_to_kmem dax0.0
	brought_up 'the configuration says so: all are movable'
	check 'offline before the guard is there' offline_all dax0.0
	check 'the guard is back' guard_back
	brought_up 'what was bound before: all are movable'
}

# --- the suite ---

check 'the boot is done' up
check 'its memory is in kmem' in_kmem || exit 0
note "auto_online_blocks is $(cat $AUTO), hooks: $(field hooks.lsm hooks.kernel)"
if [ -n "$leave" ]; then
	wait_for 60 settled
	note "left: $(zones)"
	check 'without our policy the same boot does not end so' sh -c "[ $(count_blocks dax0.0 online) -gt 0 ]"
	if all_movable; then
		not_ok 'left: not all are movable' 'they are'
	else
		ok 'left: not all are movable'
	fi
	exit 0
fi
brought_up 'after the boot: all are movable'
the_ways
the_command
the_configuration
check 'nothing is held' nothing_held
check 'no memory is left behind' test "$(counter leaked)" = 0
