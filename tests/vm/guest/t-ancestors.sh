# SPDX-License-Identifier: GPL-2.0-only
# Suite: what is above several dax devices stands for all of them: held together, changed all or nothing, and shown as a tree.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

if ! dax_load; then
	skip 'ancestors' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true
ABOVE=hmem.0
devices='dax0.0 dax0.1 dax0.2'

# all_devices CHECK WORD...: the check holds for each device.
all_devices()
{
	_check=$1
	shift
	for _d in $devices; do
		$_check "$_d" "$@" || return 1
	done
}

# snapshots: prints what each device is.
snapshots()
{
	for _d in $devices; do
		echo "$_d"
		snapshot "$_d"
	done
}

# all_as_before WHAT: snapshots of now are WHAT.
all_as_before()
{
	_all=$(snapshots)
	[ "$_all" = "$1" ] || {
		echo "it was: $1; it is: $_all" >&2
		return 1
	}
}

# held: prints which devices are held, in one line.
held()
{
	daxguard list -j $devices | dgprobe json 0.transition.device 1.transition.device 2.transition.device | tr '\t' '\n' | grep dax |
		tr '\n' ' ' | sed 's/ $//'
}

held_are()
{
	_held=$(held)
	[ "$_held" = "$1" ] || {
		echo "held: $_held" >&2
		return 1
	}
}

# there_and_back WHEN: each change of all of them.
there_and_back()
{
	says 0 "$1: plug" '' dg plug $ABOVE >/tmp/out
	check "$1: all are plugged, movable" all_devices is_plugged Movable
	check "$1: it says each, by name" test "$(sed "s/' is .*//; s/^'//" /tmp/out | tr '\n' ' ')" = "$devices "
	says 0 "$1: offline" '' dg offline $ABOVE >/dev/null
	check "$1: all are offline" all_devices all_are offline
	says 0 "$1: online, the bus named" '' dg online platform/$ABOVE >/dev/null
	check "$1: all are movable again" all_devices zones_are Movable
	says 0 "$1: unplug" '' dg unplug $ABOVE >/dev/null
	check "$1: all are unplugged" all_devices is_unplugged
	check "$1: no memory is left" test "$(ram_blocks)" -eq 0
}

# --- one device below: as if it were named itself ---

dax_free dax0.0
says 0 'one: plug' '' dg plug $ABOVE >/tmp/out
check 'one: it is called by its name' grep -q "^'dax0.0' is plugged" /tmp/out
says 0 'one: unplug' '' dg unplug $ABOVE >/tmp/out
says 1 'one: a sentence of ever' "^daxguard: 'dax0.0' is not bound to kmem, so it has no memory blocks: use 'daxguard plug dax0.0'$" \
	dg offline $ABOVE
says 2 'a memory block is above nothing' "'memory0' is not the name of a dax device" dg online memory0
says 1 'what has no dax device below' "no dax device is below 'pcspkr', or it is gone: see 'daxguard list --tree'" dg online pcspkr
says 1 'what is not on that bus' "there is no device 'pcspkr' on the bus 'pci': see 'daxguard list --tree'" dg online pci/pcspkr
says 2 'policy is for devices' "hmem.0" daxguard policy set hmem.0 mode=audit

# --- three ---

dax_split 3 2
there_and_back 'no guard'
load_or_quit
there_and_back 'guard'

# One that has no memory is no obstacle, as one that daxctl has destroyed.
dax_resize dax0.1 0
says 0 'one without memory: plug' '' dg plug $ABOVE >/tmp/out
check 'one without memory: the others are plugged' test "$(dax_driver dax0.0) $(dax_driver dax0.1) $(dax_driver dax0.2)" = 'kmem none kmem'
check 'one without memory: it is not said to be' test "$(wc -l </tmp/out)" -eq 2
says 0 'one without memory: unplug' '' dg unplug $ABOVE >/dev/null
dax_resize dax0.1 $((2 * $(block_size)))
dax_unbind dax0.1

# --- held together ---

says 0 'run' '' daxguard run $ABOVE -- sh -c "daxguard status -j >/tmp/during"
check 'run: all are held' test "$(dgprobe json 'transitions.#' transitions.0.device transitions.1.device transitions.2.device </tmp/during |
	tr '\t' '\n' | sort | tr '\n' ' ')" = "3 $devices "
check 'run: nothing is held after it' nothing_held
says 7 'run: the exit status is passed on' '' daxguard run $ABOVE -- sh -c 'exit 7'
says 0 'run: inside it the verbs work' '' daxguard run $ABOVE -- daxguard plug $ABOVE >/dev/null
check 'run: they are plugged' all_devices is_plugged Movable
says 0 'begin' '' daxguard begin $ABOVE >/dev/null
check 'begin: all are held' held_are "$devices"
before=$(snapshots)
says 4 'begin: a stranger is told who holds which' "below 'hmem.0', 'dax0.0' is held by 'sh' \(pid $$\)" stranger daxguard unplug $ABOVE
check 'begin: nothing was changed' all_as_before "$before"
says 4 'end: by a stranger' "below 'hmem.0', 'dax0.0' is held by 'sh'" stranger daxguard end $ABOVE
check 'end: all are held still' held_are "$devices"
check 'end' daxguard end $ABOVE
check 'end: nothing is held' nothing_held
says 1 'end: there is none' "below 'hmem.0', 'dax0.0' is not held" daxguard end $ABOVE
daxguard begin $ABOVE -j >/tmp/out
check 'begin as JSON' test "$(dgprobe json ancestor devices.0 devices.1 devices.2 result </tmp/out)" = "$(printf 'hmem.0\tdax0.0\tdax0.1\tdax0.2\theld')"
daxguard end dax0.1
says 0 'release: what is held of them' '' stranger daxguard release --force $ABOVE
check 'release: nothing is held' nothing_held
says 1 'release: nothing is' "below 'hmem.0', 'dax0.0' is not held" daxguard release --force $ABOVE

# The last one is another's: the first two are given back. For an owner that lives on: what ends with its process proves nothing.
sleep 1000 &
keeper=$!
stranger daxguard begin --owner=$$ dax0.2 >/dev/null
for verb in "run $ABOVE -- true" "begin --owner=$keeper $ABOVE" "offline $ABOVE" "unplug $ABOVE"; do
	says 4 "one is another's: ${verb%% *}" "below 'hmem.0', 'dax0.2' is held by 'sh' \(pid $$\)" stranger daxguard $verb
	check "one is another's: ${verb%% *}: only that is held" held_are dax0.2
	check "one is another's: ${verb%% *}: nothing was changed" all_as_before "$before"
done
stranger daxguard offline --wait $ABOVE >/dev/null 2>/tmp/waiter &
waiter=$!
check '--wait waits for it' wait_for 30 sh -c 'grep -lq -- "--wai[t]" /proc/[0-9]*/cmdline 2>/dev/null'
check '--wait has changed nothing' all_as_before "$before"
daxguard end dax0.2
wait $waiter
check '--wait is done once it is free' all_devices all_are offline
check '--wait: nothing is held' nothing_held
kill $keeper

# The holder may take all of them away, and end it.
says 0 'a command that takes them away from above' '' daxguard run $ABOVE -- sh -c "daxguard unplug $ABOVE >/dev/null && echo hmem.0 >/sys/bus/platform/drivers/hmem/unbind"
check 'they are gone' test ! -e $DAX/devices/dax0.0
check 'nothing is held then' nothing_held
says 1 'what is gone cannot be named' "no dax device is below 'hmem.0', or it is gone: see 'daxguard list --tree'" dg plug $ABOVE
echo hmem.0 >/sys/bus/platform/drivers/hmem/bind
check 'it comes back' wait_for 10 test -e $DAX/devices/dax0.0
dax_split 3 2

# --- all or nothing ---

# mixed LAST FIRST: all online, but for the lowest block of FIRST in the movable zone; and a page of LAST, which is changed last, is kept.
mixed()
{
	says 0 "plug for a failure of $1" '' dg plug --zone=movable $ABOVE >/dev/null
	daxguard offline "$2" >/dev/null
	dax_blocks "$2" >/tmp/blocks
	echo online_kernel >"$MEMORY/memory$(sed -n 1p /tmp/blocks)/state"
	echo online_movable >"$MEMORY/memory$(sed -n 2p /tmp/blocks)/state"
	pinned=$(dax_blocks "$1" | sed -n 1p)
	pin_block "$MEMORY/memory$pinned"
	before=$(snapshots)
}

# fails VERB LAST: with that page kept.
fails()
{
	says 5 "a kept page: $1 names block, device and ancestor" \
		"below 'hmem.0', 'memory$pinned' of '$2' cannot be taken offline .*everything is as it was before" dg $1 --timeout=10 $ABOVE
	check "a kept page: $1: all is as it was, with each block's zone" all_as_before "$before"
	check "a kept page: $1: nothing is held" nothing_held
}

mixed dax0.2 dax0.0
fails 'online --zone=kernel' dax0.2
let_go
mixed dax0.0 dax0.2
fails offline dax0.0
fails unplug dax0.0
daxguard unplug $ABOVE 2>/tmp/said >/dev/null &
started=$!
check 'it is stuck at the kept page' wait_for 60 state_is "$pinned" going-offline
check 'those before are done by then' test "$(dax_driver dax0.1) $(dax_driver dax0.2)" = 'none none'
kill -TERM $started
wait $started
check 'interrupted: exit 5' test $? -eq 5
check 'interrupted: says so' grep -q "below 'hmem.0', .*interrupted.*everything is as it was" /tmp/said
check 'interrupted: all is as it was' all_as_before "$before"
let_go

# What cannot be done of one is found before another is changed.
says 0 'unplug one' '' dg unplug dax0.2 >/dev/null
before=$(snapshots)
says 1 'one is not in kmem: offline' "below 'hmem.0', 'dax0.2' is not bound to kmem" dg offline $ABOVE
check 'one is not in kmem: nothing was changed' all_as_before "$before"
says 1 'one is not in kmem: its dry run' "'dax0.2' is not bound to kmem" dg offline --dry-run $ABOVE
says 0 'one is not in kmem: unplug' '' dg unplug $ABOVE >/dev/null
check 'all are unplugged' all_devices is_unplugged

# --- a roll-back that fails ---

if patched || [ -e /lib/daxguard_hook.ko ]; then
	check 'unload' daxguard unload >/dev/null
	check 'the kernel has a refusal point' hook_ready
	says 0 'load with the kernel hook' '' daxguard load --hooks=kernel
	there_and_back 'kernel hook'
	says 0 'plug' '' dg plug $ABOVE >/dev/null
	deny_block "$(dax_blocks dax0.1 | sed -n 1p)" offline
	deny_block "$(dax_blocks dax0.2 | sed -n 1p)" online
	says 6 'a roll-back that fails: exit 6, with what it is' \
		"below 'hmem.0', 'memory.*' of 'dax0.1' cannot be taken offline.*could not be rolled back: 'dax0.2' has the driver 'kmem' and .*'daxguard online dax0.2'" \
		dg offline --timeout=5 $ABOVE
	check 'as it says: dax0.1 is as it was' is_plugged dax0.1 Movable
	check 'as it says: dax0.2 is not' state_is "$(dax_blocks dax0.2 | sed -n 1p)" offline
	check 'nothing is held after it' nothing_held
	allow_block
	says 0 'online as it said' '' dg online --zone=movable dax0.2 >/dev/null
fi

# --- what is shown ---

says 0 'plug to be shown' '' dg plug $ABOVE >/dev/null
says 0 'list of what is below' '' daxguard list -j $ABOVE >/tmp/out
check 'it is all of them, by name' test "$(dgprobe json 0.device 1.device 2.device '#' </tmp/out)" = "$(printf 'dax0.0\tdax0.1\tdax0.2\t3')"
check 'the ancestors as JSON' test "$(dgprobe json 0.ancestors.0.name 0.ancestors.0.subsystem 0.ancestors.0.driver </tmp/out)" = "$(printf 'hmem.0\tplatform\thmem')"
check 'none of one and all twice' test "$(daxguard list -j dax0.1 $ABOVE | dgprobe json 0.device 1.device 2.device '#')" = "$(printf 'dax0.1\tdax0.0\tdax0.2\t3')"
daxguard begin dax0.1
says 0 'list --tree' '' daxguard list --tree >/tmp/tree
note_lines /tmp/tree
check 'the tree: its columns' grep -q '^NAME  *SUBSYSTEM  *DRIVER  *NODE  *SIZE  *BLOCKS  *ONLINE  *ZONES  *HELD BY$' /tmp/tree
check 'the tree: what is above, once' test "$(grep -c 'hmem\.0  *platform  *hmem$' /tmp/tree)" -eq 1
check 'the tree: each device below it' test "$(sed -n '/hmem\.0/,$p' /tmp/tree | grep -c '[|`]-dax0\.[0-2]  *dax  *kmem  *[0-9]')" -eq 3
check 'the tree: who holds which' grep -q "dax0\.1 .* Movable 2  *$$ (sh)\$" /tmp/tree
check 'the tree: nobody holds the others' test "$(grep -c 'Movable 2  *-$' /tmp/tree)" -eq 2
daxguard end dax0.1
says 0 'dry run' '' dg unplug --dry-run $ABOVE >/tmp/out
check 'dry run: it says each' test "$(grep -c 'would take 2 blocks offline' /tmp/out)" -eq 3
check 'dry run: and does nothing' all_devices is_plugged Movable
if [ -x /usr/bin/dgexample ]; then
	check 'the library takes the name, too' dgexample unplug $ABOVE >/dev/null
	check 'all are unplugged by it' all_devices is_unplugged
fi
check 'nothing has leaked' test "$(counter leaked)" = 0
check 'nothing has slipped' test "$(counter slipped)" = 0
