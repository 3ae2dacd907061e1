# SPDX-License-Identifier: GPL-2.0-only
# Suite: a CXL region is unplugged and disabled, round after round, with four rivals and a udev rule about: by daxguard nothing is ever lost.
# daxguard.without=1 on the kernel's command line: the control, without daxguard, which says how many rounds cost memory.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./machines.sh

ROUNDS=$(boot_number daxguard.rounds 10)

# What a udev rule does at each "add", and what three more programs do all the time: all of them know only "online".
rival()
{
	while :; do
		for _f in "$MEMORY"/memory*/state; do
			echo online >"$_f"
		done
	done 2>/dev/null
}

on_add()
{
	udevadm monitor --kernel --subsystem-match=memory | while read -r _ _ _ _what _path _; do
		[ "$_what" != add ] || echo online >"/sys$_path/state"
	done 2>/dev/null
}

# With daxguard: unplug, then the tool as it is, both in peace. Without: offline, then the tool.
disable_it()
{
	if [ -n "$without" ]; then
		offline_all dax0.0
		cxl disable-region "$region"
	else
		daxguard unplug --timeout=60 "$region" && daxguard run --timeout=60 "$region" -- cxl disable-region "$region"
	fi >/tmp/said 2>&1
}

enable_it()
{
	[ -e "$CXL/$region/driver" ] || echo "$region" >/sys/bus/cxl/drivers/cxl_region/bind
	wait_for 20 test -e "$DAX/devices/dax0.0" || return 1
	if [ -n "$without" ]; then
		dax_to_kmem dax0.0 && online_all dax0.0 online_movable
	else
		daxguard plug --zone=movable --timeout=60 dax0.0
	fi >/tmp/said 2>&1
}

rounds()
{
	done=0 failed=0
	while [ $((done + failed)) -lt "$ROUNDS" ]; do
		enable_it || cat /tmp/said >&2
		if disable_it && [ ! -e "$DAX/devices/dax0.0" ]; then
			done=$((done + 1))
		else
			failed=$((failed + 1))
			cat /tmp/said >&2
		fi
		! memory_lost || break
	done 2>/tmp/complaints
	cat /tmp/complaints >&2
}

without=$(boot_number daxguard.without '')
if ! load_machine || ! make_memory; then
	not_ok "the memory of the machine $MACHINE" 'there is none'
	exit 0
fi
[ -n "$without" ] || load_or_quit
for _ in 1 2 3 4; do
	rival &
done
on_add &
rounds
if [ -n "$without" ]; then
	note "without daxguard: $done of $ROUNDS rounds, then the memory is $(memory_lost && echo lost || echo kept)"
	check 'without daxguard the memory is lost before the last round' memory_lost
else
	note "with daxguard: $done of $ROUNDS rounds, failed $failed, leaked $(counter leaked)"
	check "each of $ROUNDS rounds is as asked" test "$done" -eq "$ROUNDS"
	check 'nothing is lost' test "$(counter leaked)" = 0
	check 'nothing has slipped' test "$(counter slipped)" = 0
fi
