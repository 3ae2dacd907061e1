#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The guest's half of the demo: eight devices are taken back from kmem by daxctl while four rivals online every block they see.
# daxguard.demo=with on the command line puts daxguard in between; with =controller it is there, and daxctl called as ever.

. ./lib.sh

DEVICES='dax0.0 dax0.1 dax0.2 dax0.3 dax0.4 dax0.5 dax0.6 dax0.7'
back=0 lost=0

wrapped()
{
	grep -qw 'daxguard\.demo=with' /proc/cmdline
}

guarded()
{
	wrapped || grep -qw 'daxguard\.demo=controller' /proc/cmdline
}

# What a udev rule does at every "add", without end.
rival()
{
	while :; do
		for b in $blocks; do
			echo online >"$MEMORY/memory$b/state"
		done
	done 2>/dev/null
}

set_up()
{
	dax_load && dax_split 8 4 || return 1
	for dev in $DEVICES; do
		dax_to_kmem "$dev" && online_all "$dev" online_movable || return 1
	done
}

watch_events()
{
	daxguard events --follow | while read -r line; do
		note "  $line"
	done
}

reconfigure()
{
	if wrapped; then
		timeout 60 daxguard run "$1" -- daxctl reconfigure-device -m devdax -f "$1"
	else
		timeout 60 daxctl reconfigure-device -m devdax -f "$1"
	fi >/tmp/out 2>/tmp/err
}

# The tries of an administrator: without daxguard up to three, with it a single one.
take_back()
{
	tries=0 max=3
	guarded && max=1
	while [ $tries -lt $max ] && [ "$(dax_driver "$1")" != device_dax ]; do
		tries=$((tries + 1))
		reconfigure "$1" || note "  $1 try $tries: $(grep -m 1 -iE "fail|error" /tmp/err)"
	done
}

# The kernel says so, and no driver can have the memory any more.
is_lost()
{
	dmesg | grep -Eq "$1: .*($LOST)" && ! dax_to_kmem "$1" 2>/dev/null
}

judge()
{
	if [ "$(dax_driver "$1")" = device_dax ]; then
		back=$((back + 1))
		fate="came back as devdax"
	elif is_lost "$1"; then
		lost=$((lost + 1))
		fate="did not come back, its memory is lost until reboot"
	else
		fate="did not come back, $(count_blocks "$1" online) of 4 blocks are still online, not lost"
	fi
	note "$1: tries: $tries; $fate"
}

if ! check "eight devices of four blocks in kmem, all online_movable" set_up; then
	exit 1
fi
if guarded; then
	check "daxguard load" daxguard load
	wrapped || note "controllers: $(daxguard controller list | tr '\n' ' ')"
	watch_events &
fi
blocks=$(for dev in $DEVICES; do dax_blocks "$dev"; done)
for _ in 1 2 3 4; do
	rival &
done
note "Four rivals write \"online\" to every block, as udev rules do; daxctl takes the devices back one by one."
for dev in $DEVICES; do
	take_back "$dev"
	judge "$dev"
done
note "demo: back=$back lost=$lost"
ok "all eight devices were tried"
