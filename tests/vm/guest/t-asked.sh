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
	daxguard run dax0.0 -- sh ./t-asked.sh by_daxctl
}

case ${1:-} in
'') ;;
*)
	"$1"
	exit
	;;
esac

# What is still to come: events in udev, and what our rule has started.
settled()
{
	udevadm settle --timeout=60 && ! grep -qs 'by[-]policy' /proc/[0-9]*/cmdline
}

# Without our rule that is all that happens.
ended()
{
	wait_for 60 settled && all_online
}

# rounds WAY: sets came_online; each of ROUNDS is bound.
rounds()
{
	came_online=0 round=0
	while [ $round -lt "$ROUNDS" ]; do
		round=$((round + 1))
		"$1" || return 1
		! ended || came_online=$((came_online + 1))
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
		check "$1: and the rule was refused before" refused_one
	fi
	check "$1: nothing is held" nothing_held
}

# What has been refused before the bind, or after it, udev is not asked about.
left_alone()
{
	_b=$(first_of dax0.0)
	# before there is a hold, so not below its owner
	stranger true && daxguard offline dax0.0 && daxguard begin dax0.0 && ! stranger sh -c "echo online_movable >$MEMORY/memory$_b/state" &&
		daxguard end dax0.0 &&
		daxguard online --by-policy -j dax0.0 >/tmp/said && [ "$(dgprobe json asked_again </tmp/said)" = 0 ] && settled &&
		[ "$(count_blocks dax0.0 online)" = 0 ]
}

run_with()
{
	says 0 "$1: load" '' daxguard load --hooks="$1"
	check "$1: daxctl is a controller" daxguard controller add "exe=$DAXCTL"
	one_way by_daxctl
	one_way by_run
	check "$1: what was refused later is left alone" left_alone
	check "$1: online" daxguard online dax0.0
	check "$1: no memory is left behind" test "$(counter leaked)" = 0
	check "$1: unload" daxguard unload
}

set_up()
{
	hotplug_rule online_movable
	[ -n "$without" ] || cp /lib/80-daxguard.rules /run/udev/rules.d/
	dax_load && dax_to_kmem dax0.0 && online_all dax0.0 online_movable && start_udev
}

if ! set_up; then
	not_ok 'dax0.0 is in kmem, and udev runs' "$(ls $DAX/devices 2>&1)"
	exit 0
fi
run_with lsm
if hook_ready; then
	run_with kernel
else
	not_ok 'there is a refusal point' 'none'
fi
