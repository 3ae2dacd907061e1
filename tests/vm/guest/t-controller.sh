# SPDX-License-Identifier: GPL-2.0-only
# Suite: daxctl as it is, without a wrapper, takes eight devices from kmem and gives them back, with four rivals and a udev that is
# asked for coldplug again and again about: as a controller it does each at the first try, and without daxguard it does not.
# daxguard.rounds: how many; daxguard.mode=lsm|kernel: only that mode; daxguard.without=1: the control.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./udev.sh

ROUNDS=$(boot_number daxguard.rounds 1)
DEVICES='dax0.0 dax0.1 dax0.2 dax0.3 dax0.4 dax0.5 dax0.6 dax0.7'
DAXCTL=$(command -v daxctl)

set_up()
{
	dax_load && dax_split 8 4 || return 1
	for dev in $DEVICES; do
		dax_to_kmem "$dev" && online_all "$dev" online_movable || return 1
	done
}

coldplug()
{
	while :; do
		udevadm trigger --action=add --subsystem-match=memory
		udevadm settle --timeout=20
	done 2>/dev/null
}

# What an agent does that wants all memory online: without end.
rival()
{
	while :; do
		for _b in $blocks; do
			echo online >"$MEMORY/memory$_b/state"
		done
	done 2>/dev/null
}

# reconfigure MODE DEVICE: one try, and the device has the driver of that mode at the end.
reconfigure()
{
	_driver=device_dax
	[ "$1" = devdax ] || _driver=kmem
	timeout 120 daxctl reconfigure-device -m "$1" ${3:-} "$2" >/tmp/said 2>&1 || {
		cat /tmp/said >&2
		return 1
	}
	[ "$(dax_driver "$2")" = $_driver ]
}

# one_round MODE OPTION: sets done and failed.
one_round()
{
	for dev in $DEVICES; do
		if reconfigure "$1" "$dev" "$2"; then
			done=$((done + 1))
		else
			failed=$((failed + 1))
		fi
	done
}

rounds()
{
	done=0 failed=0 round=0
	while [ $round -lt "$ROUNDS" ] && ! is_lost; do
		round=$((round + 1))
		one_round devdax -f
		one_round system-ram ''
	done 2>/tmp/complaints
	sort /tmp/complaints | uniq -c | sort -rn | head -n 20 >&2
}

is_lost()
{
	dmesg | grep -Eq "dax[0-9.]*: .*($LOST)"
}

# adopted_only: all that was ever held was held by daxctl, of its own.
adopted_only()
{
	take_events >/tmp/events
	[ "$(grep -c '"event":"begin".*"kind":"adopted".*"comm":"daxctl"' /tmp/events)" -gt 0 ] &&
		! grep '"event":"begin"' /tmp/events | grep -v '"kind":"adopted"'
}

run_with()
{
	says 0 "$1: load" '' daxguard load --hooks="$1"
	[ "$_got" -eq 0 ] || return
	check "$1: daxctl is a controller" daxguard controller add "exe=$DAXCTL"
	take_events >/dev/null
	rounds
	note "$1: $done of $((16 * round)) at the first try, failed $failed, slipped $(counter slipped), lost $(counter leaked)"
	check "$1: all of $ROUNDS rounds at the first try" test "$done" -eq $((16 * ROUNDS))
	check "$1: nothing is lost" test "$(counter leaked)" = 0
	! is_lost || not_ok "$1: the kernel has not lost anything" "it has: $(dmesg | grep -E "$LOST" | head -n 1)"
	[ "$1" = lsm ] || check "$1: nothing has slipped" test "$(counter slipped)" = 0
	check "$1: what was held daxctl has adopted" adopted_only
	check "$1: nothing is held at the end" within_a_second nothing_held
	check "$1: unload" daxguard unload
}

without=$(boot_number daxguard.without '')
if ! set_up || ! hotplug_rule online || ! start_udev; then
	skip 'controllers' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
blocks=$(for dev in $DEVICES; do dax_blocks "$dev"; done)
for _ in 1 2 3 4; do
	rival &
done
coldplug &
if [ -n "$without" ]; then
	rounds
	note "without daxguard: $done of $((16 * round)) at the first try, failed $failed, $(is_lost && echo 'memory is lost' || echo 'nothing is lost')"
	check 'without daxguard it does not get there' test "$failed" -gt 0
	exit 0
fi
mode=$(boot_word daxguard.mode)
[ "$mode" = kernel ] || run_with lsm
[ "$mode" != lsm ] || exit 0
if hook_ready; then
	run_with kernel
else
	not_ok 'there is a refusal point' 'none'
fi
