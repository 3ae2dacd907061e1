# SPDX-License-Identifier: GPL-2.0-only
# Suite: the verbs' progress never goes back and counts each block once, also where the kernel changes the whole device in one write.
# 64 blocks: that takes long enough to be looked at.
# run-vm: --soft 8G
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

if ! dax_load; then
	not_ok 'a dax device' 'there is none'
	exit 0
fi
dax_free dax0.0
dax_blocks dax0.0 >/tmp/blocks
n=$(wc -l </tmp/blocks)
check 'the device has 64 blocks' test "$n" -eq 64
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts

# steady FILE: lines of "DONE TOTAL", none with less done than the one before, the last with all of it.
steady()
{
	awk -v n="$n" '
		$1 < last || $2 != n { print last "/" n " was followed by " $1 "/" $2; bad = 1; exit }
		{ last = $1 }
		END { if (!bad && last != n) print "it ended at " last "/" n; exit bad || last != n }
	' last=0 "$1" >&2
}

# bar VERB...: as a terminal shows it.
bar()
{
	dgprobe tty daxguard "$@" dax0.0 >/tmp/terminal
	tr '\r' '\n' </tmp/terminal | sed -n 's/.* \([0-9]*\)\/\([0-9]*\) blocks, .*/\1 \2/p' >/tmp/bar
	check "$*: the bar never goes back" steady /tmp/bar
	note "$*: drawn $(wc -l </tmp/bar) times"
}

# lines VERB...: as JSON, a line for each change of a block.
lines()
{
	daxguard "$@" -j dax0.0 | grep '"event":"block"' >/tmp/lines
	dgprobe json 'done' total </tmp/lines >/tmp/bar
	check "$*: no line goes back" steady /tmp/bar
	check "$*: each block has one line" test "$(dgprobe json block </tmp/lines | sort -u | wc -l) $(wc -l </tmp/lines)" = "$n $n"
}

for how in bar lines; do
	$how plug
	$how unplug
done
$how plug
$how offline
$how online

# Offline with an attribute that tells of another zone than will be asked for: then the device is unplugged first.
unplug_first()
{
	echo unplugged >$STATE
	echo online >$STATE
	check "offline for the $1" daxguard offline dax0.0 >/dev/null
	$1 online --zone=movable
	check "the attribute tells of the zone asked for by the $1" grep -qx online_movable $STATE
}

if [ -e $STATE ]; then
	# a plain "online" is to be the movable zone: not everything gets out of another again
	echo auto-movable >/sys/module/memory_hotplug/parameters/online_policy
	echo 100000 >/sys/module/memory_hotplug/parameters/auto_movable_ratio
	unplug_first bar
	unplug_first lines
fi

# The kernel gives up at a block in the middle and undoes the ones before; daxguard goes on block by block, and waits for that one.
middle=$(sed -n 33p /tmp/blocks)
last=$(sed -n 64p /tmp/blocks)
check 'the kernel has a refusal point' hook_ready
deny_block "$middle" offline
bar unplug &
unplug=$!
check 'the last block goes offline' wait_for 60 state_is "$last" offline
check 'the first is online' state_is "$(line_of /tmp/blocks)" online
allow_block
wait $unplug
check 'once the one in the middle may, it is unplugged' is_unplugged dax0.0
