#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The guest's half of tests/vm/screens: the run of the demo, with daxguard, watched by daxguard top; then its timeline. What they
# show goes to the host, packed, a line at a time.
# shellcheck disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./guard.sh
. ./screens.sh

DEVICES='dax0.0 dax0.1 dax0.2 dax0.3 dax0.4 dax0.5 dax0.6 dax0.7'
export TERM=xterm

set_up()
{
	dax_load && dax_split 8 4 || return 1
	for dev in $DEVICES; do
		dax_to_kmem "$dev" && online_all "$dev" online_movable || return 1
	done
	hostname daxguard-vm
}

# send NAME FILE
send()
{
	gzip -c "$2" | base64 | sed "s/^/# file $1: /" >/dev/results
}

# Rivals by names of their own, for the picture.
rivals()
{
	for n in 1 2 3 4; do
		cp /usr/bin/dgprobe "/tmp/rival-$n"
		# shellcheck disable=SC2086 # words
		"/tmp/rival-$n" rivals 1 online $files &
	done
}

reconfigure()
{
	timeout 120 daxguard run "$1" -- daxctl reconfigure-device -m devdax -f "$1" >/dev/null 2>/tmp/err
}

if ! check 'eight devices of four blocks in kmem, all online_movable' set_up; then
	exit 1
fi
check 'daxguard load' daxguard load
# shellcheck disable=SC2086 # words
files=$(state_files $DEVICES)
top_begin 100x28 --interval=1
rivals
echo offline >"$MEMORY/memory$(dax_blocks dax0.7 | tail -n 1)/state"
for dev in dax0.0 dax0.1 dax0.2; do
	check "$dev comes back" reconfigure "$dev"
done
# somebody begins and forgets it; it is not this shell, of which the rivals descend
sh -c 'daxguard begin --deadline=40 dax0.6; exec sleep 600' &
(
	reconfigure dax0.3
	reconfigure dax0.4
	reconfigure dax0.5
) &
others=$!
press jjj
# All of that on one screen, which is kept as it is then.
worth_a_picture()
{
	cp $SCREEN.raw /tmp/top.raw && cp $SCREEN /tmp/top.txt && cmp -s $SCREEN.raw /tmp/top.raw &&
		shows '^dax0\.[345] .* declared .*[1-9][0-9]*\.[0-9]$' && shows '^dax0\.6 .* declared' && shows '^rival-[1-4] .* [1-9][0-9]*\.[0-9]$'
}

check 'one is being taken back, one was forgotten, and rivals are refused' wait_for 60 worth_a_picture
check 'the others come back' wait $others
check 'what was forgotten expires' wait_for 120 sh -c "daxguard status -j | dgprobe json counters.expired | grep -qx 1"
check 'top ends' top_end
for format in svg html; do
	daxguard timeline --$format >/tmp/timeline.$format
	send timeline.$format /tmp/timeline.$format
done
send top.raw /tmp/top.raw
send top.txt /tmp/top.txt
ok 'all of it is sent'
