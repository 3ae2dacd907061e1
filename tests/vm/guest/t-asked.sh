# SPDX-License-Identifier: GPL-2.0-only
# Suite: what policy leaves as it is a udev rule brings online after a bind as it did before there was a guard: also after one by a
# controller that brings nothing online itself, and refuses the rule as long as it runs. daxguard.rounds: how many; daxguard.without=1:
# the control, without our own rule.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./udev.sh

ROUNDS=$(boot_number daxguard.rounds 3)
DAXCTL=$(command -v daxctl)
without=$(boot_number daxguard.without '')

all_online()
{
	[ "$(count_blocks dax0.0 online)" = "$(dax_blocks dax0.0 | wc -l)" ]
}

by_daxctl()
{
	daxctl reconfigure-device -m devdax -f dax0.0 >/dev/null && [ "$(dax_driver dax0.0)" = device_dax ] &&
		daxctl reconfigure-device -m system-ram --no-online dax0.0 >/dev/null && [ "$(dax_driver dax0.0)" = kmem ]
}

# A bind inside a declared hold, which refuses the rule, too.
by_run()
{
	daxguard run dax0.0 -- sh ./t-asked.sh and_udev
}

and_udev()
{
	by_daxctl && udevadm settle --timeout=60
}

# The same, and the holder takes what it has offline.
and_offline()
{
	by_daxctl && daxguard offline dax0.0
}

case ${1:-} in
'') ;;
*)
	"$1"
	exit
	;;
esac

our_command_is_gone()
{
	! grep -qs 'by[-]policy' /proc/[0-9]*/cmdline
}

# What is still to come: events in udev, what our rule has started, and the events that this has sent.
settled()
{
	udevadm settle --timeout=60 && wait_for 60 our_command_is_gone && udevadm settle --timeout=60
}

# rounds WAY: sets came_online; each of ROUNDS is bound.
rounds()
{
	came_online=0 round=0
	while [ $round -lt "$ROUNDS" ]; do
		round=$((round + 1))
		"$1" || return 1
		settled || return 1
		! all_online || came_online=$((came_online + 1))
		echo "round $round: $(count_blocks dax0.0 online) online" >&2
	done
}

refused_one()
{
	[ "$(counter refused)" -gt "$refused" ]
}

one_way()
{
	refused=$(counter refused)
	check "$1: daxctl binds it" rounds "$1"
	note "$1: $came_online of $ROUNDS rounds all blocks are online, $(($(counter refused) - refused)) refused"
	if [ -n "$without" ]; then
		check "$1: without our rule they are not" test "$came_online" -lt "$ROUNDS"
	else
		check "$1: each time all blocks come online" test "$came_online" -eq "$ROUNDS"
		[ "$1" != by_run ] || check "$1: and the rule was refused before" refused_one
	fi
	check "$1: nothing is held" nothing_held
}

none_online()
{
	[ "$(count_blocks dax0.0 online)" = 0 ]
}

asks_about()
{
	[ "$(daxguard online --by-policy -j dax0.0 | dgprobe json asked_again)" = "$1" ]
}

# A later hold, with a claim that fails in it and a load of other programs after it.
refused_later()
{
	_b=$(first_of dax0.0)
	daxguard offline dax0.0 && daxguard begin dax0.0 || return 1
	! stranger sh -c "echo online_movable >$MEMORY/memory$_b/state" || return 1
	! stranger daxguard begin dax0.0 || return 1
	daxguard end dax0.0 && asks_about 0 && daxguard load --hooks=both && asks_about 0 && settled && none_online
}

# What somebody takes offline after that stays offline, also when udev tells of the device again.
only_once()
{
	_b=$(first_of dax0.0)
	by_daxctl && settled && all_online && echo offline >$MEMORY/memory$_b/state &&
		udevadm trigger --subsystem-match=dax --action=change && settled && state_is "$_b" offline
}

holder_decides()
{
	daxguard run dax0.0 -- sh ./t-asked.sh and_offline && settled && none_online
}

# The next hold begins before our command may have looked.
held_again()
{
	by_daxctl && daxguard begin dax0.0 && daxguard end dax0.0 && settled && all_online
}

# A hold that policy has for the time of a bind.
held_by_policy()
{
	daxguard policy set dax0.0 bind=hold && daxguard unplug dax0.0 && dax_bind dax0.0 kmem && settled && all_online &&
		daxguard policy unset dax0.0
}

waits_for_it()
{
	! our_command_is_gone
}

# Told to end while it waits: that is no success.
told_to_end()
{
	daxguard run dax0.0 -- sh -c 'sh ./t-asked.sh by_daxctl && : >/tmp/bound && until [ -e /tmp/let-go ]; do usleep 50000; done' &
	_holder=$!
	wait_for 120 test -e /tmp/bound && udevadm settle --timeout=60 && wait_for 60 waits_for_it || return 1
	# other than that of our rule, of which there may be one
	stranger timeout -s TERM 3 daxguard online --by-policy dax0.0 2>/tmp/said
	: >/tmp/let-go
	wait $_holder && rm /tmp/bound /tmp/let-go && grep "is still held, or udev is busy" /tmp/said >&2 &&
		settled && all_online
}

run_with()
{
	says 0 "$1: load" '' daxguard load --hooks="$1"
	check "$1: daxctl is a controller" daxguard controller add "exe=$DAXCTL"
	one_way by_daxctl
	one_way by_run
	if [ -z "$without" ]; then
		check "$1: it asks once" only_once
		check "$1: what the holder has made of the blocks stays" holder_decides
		check "$1: held again at once: all blocks come online" held_again
		check "$1: held by policy for the bind: all blocks come online" held_by_policy
		check "$1: told to end, it says that udev was not asked; then all blocks come online" told_to_end
	fi
	check "$1: what was refused later is left alone" refused_later
	check "$1: online" daxguard online dax0.0
	check "$1: no memory is left behind" test "$(counter leaked)" = 0
	check "$1: unload" daxguard unload
}

set_up()
{
	hotplug_rule online_movable
	[ -n "$without" ] || cp /lib/80-daxguard.rules /run/udev/rules.d/
	# the agent that is the stranger is there before any hold, and so not below its owner
	stranger true && dax_load && dax_to_kmem dax0.0 && online_all dax0.0 online_movable && start_udev
}

if ! set_up; then
	not_ok 'dax0.0 is in kmem, and udev runs' "$(ls $DAX/devices 2>&1)"
	exit 0
fi
check 'there is a refusal point' hook_ready
run_with lsm
run_with kernel
