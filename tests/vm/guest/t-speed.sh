# SPDX-License-Identifier: GPL-2.0-only
# Suite: a whole device offline and online by daxguard and by daxctl, in nanoseconds; with run-vm's --icount these are instructions.
# Turn and turn about, so that what the machine does meanwhile, and what state its memory is in, is the same for both. Without
# --icount the median of 31 rounds (daxguard.rounds=31 on the kernel's command line) on an idle machine says something, five do not.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

ROUNDS=$(boot_number daxguard.rounds 5)

# timed COMMAND offline|online VERB: one run of the command, added to the others of that kind if it did what it is to do.
timed()
{
	_ns=$(dgbench --time "$1" "$3" dax0.0 2>/tmp/said) || return 1
	case $2 in
	offline) all_are dax0.0 offline ;;
	online) zones_are dax0.0 Movable ;;
	esac && echo "$_ns" >>"/tmp/ns.$1.$2"
}

daxctl_round()
{
	timed daxctl offline offline-memory && timed daxctl online online-memory
}

daxguard_round()
{
	timed daxguard offline offline && timed daxguard online online
}

rounds()
{
	rm -f /tmp/ns.*
	_i=0
	while [ $_i -lt "$ROUNDS" ]; do
		if [ $((_i % 2)) -eq 0 ]; then
			daxctl_round && daxguard_round
		else
			daxguard_round && daxctl_round
		fi || return 1
		_i=$((_i + 1))
	done
}

# median COMMAND offline|online: of the rounds, for one block.
median()
{
	echo $(($(sort -n "/tmp/ns.$1.$2" | sed -n "$(((ROUNDS + 1) / 2))p") / n))
}

# measure NAME PERCENT: how both do in the machine as it is; daxguard may take so much more. The same blocks take the kernel up to
# some percent more or less from one time to the next, so that is 5 where both do the same, and 10 with a guard to be told.
measure()
{
	check "$1: offline and online by each, $ROUNDS times" rounds || return
	daxctl_off=$(median daxctl offline) daxctl_on=$(median daxctl online)
	off=$(median daxguard offline) on=$(median daxguard online)
	printf '%-14s %11d %11d %11d %11d\n' "$1" "$daxctl_off" "$off" "$daxctl_on" "$on" >>/tmp/table
	check "$1: offline takes no more than by daxctl, give or take $2 %" test "$off" -le $((daxctl_off * (100 + $2) / 100))
	check "$1: online takes no more than by daxctl, give or take $2 %" test "$on" -le $((daxctl_on * (100 + $2) / 100))
}

if ! dax_load; then
	not_ok 'a dax device' 'there is none'
	exit 0
fi
dax_to_kmem dax0.0
online_all dax0.0 online_movable
n=$(dax_blocks dax0.0 | wc -l)
{
	printf '%-14s %-23s %s\n' "ns a block" 'offline' 'online'
	printf '%-14s %11s %11s %11s %11s\n' "of $n" daxctl daxguard daxctl daxguard
} >/tmp/table

measure 'no guard' 5
says 0 'load' '' daxguard load --hooks=lsm
measure 'lsm' 10
says 0 'unload' '' daxguard unload >/dev/null
check 'the kernel has a refusal point' hook_ready
says 0 'load with the kernel hook' '' daxguard load --hooks=kernel
measure 'kernel hook' 10
note_lines /tmp/table
