# SPDX-License-Identifier: GPL-2.0-only
# Suite: online, offline, unplug and plug change a whole device, whatever its shape, or nothing of it.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

if ! dax_load; then
	skip 'whole-device verbs' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true

# keep_a_page DEV: of two blocks, in kmem; one in each zone, and a page of the movable one, $pinned, is kept. It was $before then.
keep_a_page()
{
	dax_blocks "$1" >/tmp/blocks
	pinned=$(sed -n 1p /tmp/blocks)
	daxguard offline "$1" >/dev/null
	echo online_kernel >"$MEMORY/memory$(sed -n 2p /tmp/blocks)/state"
	echo online_movable >"$MEMORY/memory$pinned/state"
	pin_block "$MEMORY/memory$pinned"
	before=$(snapshot "$1")
}

# There and back again; what is true is looked up without daxguard.
round()
{
	n=$(dax_blocks "$2" | wc -l)
	says 0 "$1: plug" '' dg plug "$2" >/dev/null
	check "$1: it is plugged in the movable zone" is_plugged "$2" Movable
	check "$1: /proc/iomem has all of it" test "$(ram_blocks)" -eq $((n + other))
	says 0 "$1: offline" '' dg offline "$2" >/dev/null
	check "$1: all blocks are offline" all_are "$2" offline
	says 0 "$1: offline again is no error" '' dg offline "$2" >/dev/null
	says 0 "$1: online" '' dg online "$2" >/dev/null
	check "$1: all blocks are movable" zones_are "$2" Movable
	says 0 "$1: online in the kernel zone" '' dg online --zone=kernel "$2" >/dev/null
	check "$1: all blocks are in it" zones_are "$2" Normal
	says 0 "$1: online, whichever zone" '' dg online "$2" >/dev/null
	check "$1: it stays there" zones_are "$2" Normal
	says 0 "$1: online, movable" '' dg online --zone=movable "$2" >/dev/null
	check "$1: all blocks are movable again" zones_are "$2" Movable
	says 0 "$1: unplug" '' dg unplug "$2" >/dev/null
	check "$1: it is unplugged" is_unplugged "$2"
	check "$1: /proc/iomem has none of it" test "$(ram_blocks)" -eq "$other"
	says 0 "$1: unplug again is no error" '' dg unplug "$2" >/dev/null
	check "$1: auto_online_blocks is as it was" grep -qx "$auto" $MEMORY/auto_online_blocks
}

# Devices of every shape, in the memory that there is; none is plugged at the end.
shapes()
{
	round "$1, two ranges" dax0.0
	dax_resize dax0.0 "$(block_size)"
	round "$1, one block" dax0.0
	dax_resize dax0.0 $(($(block_size) * 3 / 2))
	round "$1, one block and a half" dax0.0
	dax_resize dax0.0 0
	dax_resize dax0.0 $(($(block_size) / 2))
	says 3 "$1, half a block: plug says what it lacks" "'dax0.0' has no whole memory block" dg plug dax0.0
	says 3 "$1, half a block: and so does its dry run" "'dax0.0' has no whole memory block" dg plug --dry-run dax0.0
	check "$1, half a block: nothing was changed" test "$(dax_driver dax0.0)" = none
	dax_resize dax0.0 0
	says 3 "$1, no memory at all" "'dax0.0' has no whole memory block" dg plug dax0.0
	# 6.1 binds every device without a driver to device_dax when that gets a new_id
	dax_free dax0.1
	dax_resize dax0.1 0
	dax_resize dax0.0 $((4 * $(block_size)))
}

# From dax_split: dax0.0 with two ranges again.
dax_two_ranges_again()
{
	for _dev in dax0.2 dax0.1 dax0.0; do
		dax_resize $_dev 0
	done
	dax_resize dax0.0 $((2 * $(block_size)))
	dax_resize dax0.1 $((2 * $(block_size)))
	dax_resize dax0.0 $((4 * $(block_size)))
}

# --- without the guard ---

other=0
auto=offline
dax_free dax0.0
says 1 'a device that is not there' "there is no dax device 'dax7.7'" dg online dax7.7
says 2 'a name that is none' "'memory32' is not the name of a dax device" dg online memory32
says 2 'no device' 'an argument is missing' dg offline
says 2 'a device and --all' 'one argument too many' dg offline --all dax0.0
says 2 'a zone that is none' "'DMA' is not a zone" dg online --zone=DMA dax0.0
says 3 'only root' 'only root can change' dgprobe as-uid 65534 daxguard plug dax0.0
says 1 'online of a device that kmem does not have' "'dax0.0' is not bound to kmem" dg online dax0.0
says 1 'offline of it' "'dax0.0' is not bound to kmem" dg offline dax0.0

# As after an upgrade that took the running kernel's modules away: what modprobe says of it is told.
modules=/lib/modules/$(uname -r)
before=$(snapshot dax0.0)
check 'the module kmem can go' rmmod kmem
mv "$modules" "$modules.away"
modprobe kmem 2>/tmp/modprobe
says 5 'no module kmem: plug fails, and says how to look' \
	"there is no driver 'kmem' for dax devices \(.*\): see that 'modprobe kmem' works; everything is as it was" dg plug dax0.0
check "no module kmem: modprobe's words are in it" grep -qF "(\"$(line_of /tmp/modprobe)\")" $SAID
check 'no module kmem: all is as it was' as_before dax0.0 "$before"
mv "$modules.away" "$modules"
round 'no guard, one range' dax0.0
dax_two_ranges
round 'no guard, two ranges' dax0.0

dax_bind dax0.0 device_dax
says 0 'plug takes it from device_dax' '' dg plug dax0.0 >/dev/null
check 'it is plugged' is_plugged dax0.0 Movable
says 0 'unplug' '' dg unplug dax0.0 >/dev/null

# Where everything is onlined by the kernel at the bind, into its own zone, plug is faster.
echo online >$MEMORY/auto_online_blocks
says 0 'auto-online: plug' '' dg plug dax0.0 >/dev/null
check 'auto-online: it is plugged in the movable zone' is_plugged dax0.0 Movable
check 'auto-online: auto_online_blocks is as it was' grep -qx online $MEMORY/auto_online_blocks
says 0 'auto-online: unplug' '' dg unplug dax0.0 >/dev/null
echo $auto >$MEMORY/auto_online_blocks

# --- with it ---

load_or_quit
shapes 'guard'
daxguard plug dax0.0 >/dev/null

daxguard begin dax0.0
before=$(snapshot dax0.0)
says 4 'held by someone else: exit 4 and who' "'dax0.0' is held by 'sh' \(pid $$\)" stranger daxguard offline dax0.0
check 'nothing was changed' as_before dax0.0 "$before"
says 0 'held by the caller: done' '' dg offline dax0.0 >/dev/null
check 'it is offline' all_are dax0.0 offline
check 'and still held by the caller' holder_is dax0.0 declared $$
says 4 'another begin: it is its own' "held by 'sh' \(pid $$\), and so by this process" daxguard begin dax0.0
says 4 'a run: it is its own' "and so by this process" daxguard run dax0.0 -- true
stranger daxguard online --wait dax0.0 >/dev/null 2>/tmp/waiter &
waiter=$!
check '--wait waits' wait_for 30 sh -c 'grep -lq -- "--wai[t]" /proc/[0-9]*/cmdline 2>/dev/null'
check '--wait changes nothing meanwhile' all_are dax0.0 offline
daxguard end dax0.0
wait $waiter
check '--wait is done once it is free' zones_are dax0.0 Movable

# --- several, all, dry run, JSON ---

daxguard unplug dax0.0 >/dev/null
dax_split 3 2
says 0 'plug --all' '' dg plug --all >/tmp/out
check 'plug --all says each' test "$(grep -c "is plugged: 2 blocks online (Movable 2), 0 offline" /tmp/out)" -eq 3
says 0 'offline of two' '' dg offline dax0.0 dax0.2 >/dev/null
check 'the two are offline, the third is not' test "$(count_blocks dax0.0 offline) $(count_blocks dax0.1 online) $(count_blocks dax0.2 offline)" = '2 2 2'
says 1 'one that fails: the others are changed, its status counts' "'dax9.9'" dg online dax0.0 dax9.9 dax0.2 >/dev/null
check 'they are online' test "$(count_blocks dax0.0 online) $(count_blocks dax0.2 online)" = '2 2'
before=$(snapshot dax0.1)
says 0 'dry run' '' dg unplug --dry-run dax0.1 >/tmp/out
check 'it says what it would do' grep -qx 'dax0.1: would take 2 blocks offline' /tmp/out
check 'and with the driver' grep -qx 'dax0.1: would take it from kmem' /tmp/out
check 'and does nothing' as_before dax0.1 "$before"
daxguard unplug --dry-run -j dax0.1 >/tmp/out
first=$(dax_blocks dax0.1 | tail -n 1)
check 'as JSON: the highest block first' test "$(dgprobe json event steps.0.block steps.0.change unbind </tmp/out)" = \
	"$(printf 'plan\t%s\toffline\tkmem' "$first")"
daxguard online --zone=kernel -j dax0.1 >/tmp/out
check 'a block that changes zone counts once' test "$(dgprobe json event 'done' total </tmp/out | grep '^block' | tail -n 1)" = \
	"$(printf 'block\t2\t2')"
daxguard online --zone=movable dax0.1 >/dev/null
daxguard unplug -j dax0.1 >/tmp/out
check 'a line of JSON for a block' test "$(dgprobe json device event </tmp/out | sed -n 1p)" = "$(printf 'dax0.1\tblock')"
check 'and a last one' test "$(tail -n 1 /tmp/out | dgprobe json device verb event driver blocks.total)" = "$(printf 'dax0.1\tunplug\tdone\tnull\t0')"
says 0 'unplug --all' '' dg unplug --all >/dev/null
check 'none is left' test "$(ram_blocks)" -eq 0

# A terminal gets a bar, and has none left at the end.
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
dgprobe tty daxguard plug dax0.1 >/tmp/terminal
check 'a bar on a terminal' grep -aq 'dax0.1 plug \[#' /tmp/terminal
check 'the result is on a line of its own' grep -aq "^.*'dax0.1' is plugged" /tmp/terminal
daxguard unplug dax0.1 >/dev/null

# Ctrl-C on it: the device is as it was. A kept page has it wait until then.
daxguard plug dax0.1 >/dev/null
keep_a_page dax0.1
dgprobe tty --interrupt /tmp/ctrlc daxguard offline dax0.1 >/tmp/terminal &
started=$!
check 'it waits for the kept page' wait_for 30 state_is "$pinned" going-offline
: >/tmp/ctrlc
wait $started
check 'Ctrl-C: exit 5' test $? -eq 5
check 'Ctrl-C: says so' grep -aq 'interrupted.*; everything is as it was' /tmp/terminal
check 'Ctrl-C: all is as it was' as_before dax0.1 "$before"
check 'Ctrl-C: nothing is held' nothing_held
let_go
daxguard unplug dax0.1 >/dev/null

# --- what cannot be done is undone ---

says 0 'plug for a failure' '' dg plug dax0.0 >/dev/null
keep_a_page dax0.0
for verb in offline unplug 'online --zone=kernel'; do
	says 5 "a pinned page: $verb fails, names the block and why" \
		"'memory$pinned' of 'dax0.0' cannot be taken offline .*: [0-9]+ pages? of it (is|are) pinned or unmovable; everything is as it was" \
		dg $verb --timeout=10 dax0.0
	check "a pinned page: $verb: all is as it was" as_before dax0.0 "$before"
	check "a pinned page: $verb: nothing is held" nothing_held
done
# Where policy forbids the zone that the other one had, that goes into the zone that it allows: not offline, and not as before.
second=$(sed -n 2p /tmp/blocks)
offline_block "$second"
echo online_movable >"$MEMORY/memory$second/state"
check 'policy allows the kernel zone alone' daxguard policy set dax0.0 zone=kernel
says 6 'a pinned page, and policy forbids the zone of the other block' \
	"'memory$pinned' of 'dax0.0' cannot be taken offline .*; and it could not be rolled back: .*memory$pinned online Movable, memory$second online Normal" dg online --timeout=10 dax0.0
check 'the other block is in the zone that policy allows' test "$(zone_of "$second")" = Normal
check 'the block with the page is where it was' test "$(zone_of "$pinned")" = Movable
check 'policy as it was' daxguard policy unset dax0.0
check 'all is as before that' as_before dax0.0 "$before"
daxguard offline dax0.0 2>/tmp/said &
started=$!
check 'it is stuck at the pinned block' wait_for 30 state_is "$pinned" going-offline
kill -TERM $started
wait $started
check 'interrupted: exit 5' test $? -eq 5
check 'interrupted: says so' grep -q 'interrupted.*; everything is as it was' /tmp/said || note "it said: $(cat /tmp/said)"
check 'interrupted: all is as it was' as_before dax0.0 "$before"
daxguard offline dax0.0 >/dev/null 2>&1 &
started=$!
check 'it is stuck again' wait_for 30 state_is "$pinned" going-offline
let_go
wait $started
expect_status 0 'a page that is let go meanwhile: it goes on' test $? -eq 0
check 'all are offline' all_are dax0.0 offline
says 0 'and unplug' '' dg unplug --all >/dev/null
check 'nothing is left in /proc/iomem' test "$(ram_blocks)" -eq 0
check 'nothing has leaked' test "$(counter leaked)" = 0
check 'nothing has slipped' test "$(counter slipped)" = 0

# --- with the kernel hook ---

# The highest block goes first; the lowest cannot, and the highest cannot come back.
cannot_be_undone()
{
	says 0 'plug' '' dg plug dax0.0 >/dev/null
	dax_blocks dax0.0 >/tmp/blocks
	lowest=$(sed -n 1p /tmp/blocks)
	highest=$(sed -n '$p' /tmp/blocks)
	deny_block "$lowest" offline
	deny_block "$highest" online
	says 6 'a roll-back that fails: exit 6, with the state of each block' \
		"'memory$lowest' of 'dax0.0' cannot be taken offline.*could not be rolled back.*kmem.*memory$highest.*offline.*'daxguard online dax0.0'" \
		dg offline --timeout=5 dax0.0
	check 'as it says: the highest is offline' state_is "$highest" offline
	check 'as it says: the lowest is online' state_is "$lowest" online
	check 'nothing is held after it' nothing_held
	allow_block
	says 0 'online as it said' '' dg online --zone=movable dax0.0 >/dev/null
	check 'it is whole again' is_plugged dax0.0 Movable
	says 0 'unplug after it' '' dg unplug dax0.0 >/dev/null
}

if patched || [ -e /lib/daxguard_hook.ko ]; then
	check 'unload' daxguard unload >/dev/null
	check 'the kernel has a refusal point' hook_ready
	says 0 'load with the kernel hook' '' daxguard load --hooks=kernel
	dax_two_ranges_again
	round 'kernel hook, two ranges' dax0.0
	cannot_be_undone
fi

# --- the library ---

if [ -x /usr/bin/dgexample ]; then
	check 'the example plugs' dgexample plug dax0.0 >/dev/null
	check 'it is plugged by the example' is_plugged dax0.0 Movable
	check 'the example unplugs' dgexample unplug dax0.0 >/dev/null
	check 'it is unplugged by the example' is_unplugged dax0.0
	check 'nothing is held after it' nothing_held
fi

# --- last: a range that is added behind the driver's back; the driver cannot be trusted with the device after that ---

ranges_change()
{
	daxguard unload >/dev/null
	says 0 'plug for a new range' '' dg plug dax0.0 >/dev/null
	keep_a_page dax0.0
	daxguard offline dax0.0 2>/tmp/said &
	started=$!
	check 'it waits for the page' wait_for 30 state_is "$pinned" going-offline
	check 'a range is added' add_range dax0.0
	let_go
	wait $started
	check 'other blocks than before: exit 6' test $? -eq 6
	check 'it says so' grep -q "somebody else has changed the ranges of 'dax0.0' meanwhile.*'daxguard list'" /tmp/said
}

# Taken from kmem with its memory online, as nothing but a guard keeps anybody from.
memory_lost()
{
	says 0 'plug what is to be lost' '' dg plug "$1" >/dev/null
	check 'it is unbound with its memory online' dax_unbind "$1"
	says 6 'unplug says that it is lost' "'$1' has no driver any more, but [0-9]+ bytes of it are still .*lost until" dg unplug "$1"
	says 6 'and so does its dry run' "'$1' has no driver any more, but [0-9]+ bytes of it are still .*lost until" dg unplug --dry-run "$1"
	says 3 'plug says so, too' "memory of '$1' was lost when it was unbound earlier: reboot" dg plug --dry-run "$1"
}

if ! patched; then
	dax_two_ranges_again
	ranges_change
	memory_lost dax0.1
fi
