# SPDX-License-Identifier: GPL-2.0-only
# Suite: a whole device offline and online by daxguard and by daxctl, in nanoseconds; with run-vm's --icount these are instructions.
# daxguard.rounds=N on the kernel's command line: without --icount the cheapest of five still varies more than what is compared.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

ROUNDS=$(boot_number daxguard.rounds 5)

# cheapest COMMAND OFFLINE ONLINE: sets $best_off and $best_on to the cheapest of some rounds of each; fails where one of them does.
cheapest()
{
	best_off='' best_on=''
	_i=0
	while [ $_i -lt $ROUNDS ]; do
		_off=$(dgbench --time "$1" "$2" dax0.0 2>/tmp/said) && all_are dax0.0 offline || return 1
		_on=$(dgbench --time "$1" "$3" dax0.0 2>/tmp/said) && zones_are dax0.0 Movable || return 1
		[ -n "$best_off" ] && [ "$_off" -ge "$best_off" ] || best_off=$_off
		[ -n "$best_on" ] && [ "$_on" -ge "$best_on" ] || best_on=$_on
		_i=$((_i + 1))
	done
}

# measure NAME COMMAND OFFLINE ONLINE
measure()
{
	of=$1
	shift
	check "$of: offline and online $ROUNDS times" cheapest "$@"
	off=$((best_off / n)) on=$((best_on / n))
	printf '%-26s %12d %12d\n' "$of" $off $on >>/tmp/table
}

if ! dax_load; then
	not_ok 'a dax device' 'there is none'
	exit 0
fi
dax_to_kmem dax0.0
online_all dax0.0 online_movable
n=$(dax_blocks dax0.0 | wc -l)
printf '%-26s %12s %12s\n' "a block of $n" 'ns offline' 'ns online' >/tmp/table

measure daxctl daxctl offline-memory online-memory
daxctl_off=$off daxctl_on=$on
measure 'daxguard, no guard' daxguard offline online
# the same blocks take the kernel up to some percent more or less from one time to the next
check 'offline takes no more than by daxctl, give or take 5 %' test $off -le $((daxctl_off * 105 / 100))
check 'online takes no more than by daxctl, give or take 5 %' test $on -le $((daxctl_on * 105 / 100))
says 0 'load' '' daxguard load --hooks=lsm
measure 'daxguard, lsm' daxguard offline online
says 0 'unload' '' daxguard unload >/dev/null
check 'the kernel has a refusal point' hook_ready
says 0 'load with the kernel hook' '' daxguard load --hooks=kernel
measure 'daxguard, kernel hook' daxguard offline online
note_lines /tmp/table
