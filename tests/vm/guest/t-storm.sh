# SPDX-License-Identifier: GPL-2.0-only
# Suite: whole-device changes in a storm end as asked or rolled back, and lose nothing. The storm: writers that online and offline single
# blocks, and udev with a rule that onlines what is offline, fed with "add" events.
# The same with daxctl alone, for comparison. DAXGUARD_STORM on the kernel's command line sets the number of changes.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

WRITERS=32
changes=$(boot_number DAXGUARD_STORM 16)
seed=7

if ! dax_load; then
	skip 'a storm' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi

# A rule as distributions have it: what is added and offline goes online, in the zone that the kernel chooses.
start_udevd()
{
	mkdir -p /etc/udev/rules.d
	echo 'SUBSYSTEM=="memory", ACTION=="add", TEST=="state", ATTR{state}=="offline", ATTR{state}="online"' >/etc/udev/rules.d/80-memory.rules
	# by the name that makes it the daemon
	ln -s /usr/bin/udevadm /usr/sbin/systemd-udevd
	stranger systemd-udevd --daemon && udevadm control --ping
}

# Coldplug again and again: every block is "added" to udev once it is done with the last time, and after a pause, as without one it
# would keep the lock of memory hotplug to itself.
feed_udev()
{
	_n=0
	while [ ! -e /tmp/enough ]; do
		udevadm trigger --action=add --subsystem-match=memory && _n=$((_n + 1))
		udevadm settle
		sleep 1
	done
	echo $_n >/tmp/fed
}

# Writers on every block of every device, and udev, until end_storm.
start_storm()
{
	# shellcheck disable=SC2086 # words
	_files=$(state_files $devices | tr '\n' ' ')
	# what the suite starts itself would belong to the owner
	dgprobe ask $AGENT sh -c "echo \$\$ >/tmp/storm && exec dgprobe flippers $WRITERS 1 $_files" >/tmp/flips &
	storm=$!
	rm -f /tmp/enough
	feed_udev &
	feeder=$!
}

end_storm()
{
	kill "$(cat /tmp/storm)"
	wait "$storm"
	: >/tmp/enough
	wait "$feeder"
	note "$1: the writers: $(cat /tmp/flips); $(cat /tmp/fed) times an add of every block to udev"
}

# Blocks that are memory without a driver: lost until reboot. By device, as others may be bound.
count_lost()
{
	_lost=0
	for _dev in $devices; do
		[ "$(dax_driver "$_dev")" = kmem ] || no_blocks "$_dev" || _lost=$((_lost + 1))
	done
	echo $_lost
}

# Refusals of udev's workers among the events since the last look that the history still has.
by_udev()
{
	take_events | grep '"refused"' | dgprobe json comm | grep -c '^(udev-worker)'
}

# The whole of the device is what the verb says, at the moment when it is said. A writer is free to change a block
# again as soon as the device is let go: so the device is held around the verb and the look.
as_asked()
{
	case $2 in
	online | plug) is_plugged "$1" Movable ;;
	kernel) is_plugged "$1" Normal ;;
	offline) [ "$(dax_driver "$1")" = kmem ] && all_are "$1" offline ;;
	unplug) is_unplugged "$1" ;;
	esac 2>/tmp/as_asked
}

# One change under a hold, and what became of it. A writer's plain "online" puts blocks into the Normal zone, where the
# kernel keeps pages of its own that never move: such a change is rolled back, soon.
one_change()
{
	before=$(snapshot "$1")
	case $2 in
	kernel) daxguard online --zone=kernel --timeout=5 "$1" ;;
	online) daxguard online --zone=movable --timeout=5 "$1" ;;
	*) daxguard "$2" --timeout=5 "$1" ;;
	esac >/dev/null 2>/tmp/said
	status=$?
	if [ $status -eq 0 ] && as_asked "$1" "$2"; then
		done=$((done + 1))
	elif [ $status -eq 5 ] && as_before "$1" "$before" 2>/tmp/as_asked; then
		rolled=$((rolled + 1))
		note "$2 $1 rolled back: $(cat /tmp/said)"
	else
		wrong=$((wrong + 1))
		note "$2 $1: exit $status: $(cat /tmp/said) $(cat /tmp/as_asked)"
	fi
}

# What may come next for the device as it is.
choose()
{
	if [ "$(dax_driver "$1")" != kmem ]; then
		verb=plug
		return
	fi
	random 5
	case $drawn in
	0) verb=online ;;
	1) verb=kernel ;;
	2) verb=offline ;;
	*) verb=unplug ;;
	esac
}

with_daxguard()
{
	done=0 rolled=0 wrong=0 i=0
	start_storm
	while [ $i -lt "$changes" ]; do
		for dev in $devices; do
			daxguard begin --timeout=60 "$dev" >/dev/null || note "begin $dev failed"
			choose "$dev"
			one_change "$dev" "$verb"
			daxguard end "$dev" >/dev/null || note "end $dev failed"
			i=$((i + 1))
		done
	done
	end_storm daxguard
}

# Back to a plugged device; by hand, as daxctl is what is tried. The kernel offlines a block until it has moved every page or a signal comes:
# one that a rival has put into the Normal zone can keep daxctl for ever (the log then ends in "page: refcount:1").
daxctl_one()
{
	if [ "$(dax_driver "$1")" = kmem ]; then
		timeout 30 daxctl reconfigure-device -m devdax -f "$1" >/dev/null 2>&1
		[ "$(dax_driver "$1")" = device_dax ] && no_blocks "$1"
	else
		timeout 30 daxctl reconfigure-device -m system-ram "$1" >/dev/null 2>&1
		[ "$(dax_driver "$1")" = kmem ] && zones_are "$1" Movable 2>/dev/null
	fi
}

with_daxctl()
{
	done=0 wrong=0 i=0
	start_storm
	while [ $i -lt "$changes" ]; do
		for dev in $devices; do
			if daxctl_one "$dev"; then
				done=$((done + 1))
			else
				wrong=$((wrong + 1))
			fi
			i=$((i + 1))
		done
	done
	end_storm daxctl
}

stranger true
dax_split 4 2 || not_ok 'four devices' 'the device cannot be divided'
devices='dax0.0 dax0.1 dax0.2 dax0.3'
check 'udev runs' start_udevd
load_or_quit
started=$(uptime_s)
with_daxguard
took=$(($(uptime_s) - started))
lost=$(count_lost)
table="$(printf '%-9s %7s %9s %11s %6s %5s %7s' '' changes 'as asked' 'rolled back' other lost seconds)
$(printf '%-9s %7d %9d %11d %6d %5d %7d' daxguard $i $done $rolled $wrong "$lost" $took)"
check "every change ended as asked or rolled back" test $wrong -eq 0 -a $((done + rolled)) -eq $i
check 'most of them ended as asked' test $((2 * done)) -gt $i
check 'no range is lost' test "$lost" -eq 0
check 'nothing has leaked' test "$(counter leaked)" = 0
check 'nothing has slipped' test "$(counter slipped)" = 0
check 'nothing is held' nothing_held
check "udev's rule was among those refused" test "$(by_udev)" -gt 0
bound=0
for dev in $devices; do
	[ "$(dax_driver $dev)" != kmem ] || bound=$((bound + $(dax_blocks $dev | wc -l)))
done
check '/proc/iomem has the blocks of what is in kmem, and no others' test "$(ram_blocks)" -eq $bound

# --- daxctl alone ---

says 0 'unload' '' daxguard unload >/dev/null
for dev in $devices; do
	dax_bind $dev kmem
	online_all $dev online_movable
done
started=$(uptime_s)
with_daxctl
took=$(($(uptime_s) - started))
echo "$table
$(printf '%-9s %7d %9d %11s %6d %5d %7d' daxctl $i $done - $wrong "$(count_lost)" $took)" >/tmp/table
note_lines /tmp/table
