# SPDX-License-Identifier: GPL-2.0-only
# Suite: the module and its hook from coming to going, what the owner may do through it, and that a refusal under the lock leaves nothing behind.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

HOOK=daxguard_hook

hooks_are()
{
	[ "$(field hooks.lsm hooks.kernel)" = "$(printf '%s\t%s' "$@")" ]
}

hook_is_gone()
{
	[ ! -e /sys/module/$HOOK ]
}

# The kernel frees a program, and that lets go of its module, a while after the last pin or link is gone: what is to be gone is waited for.
module_goes()
{
	rmmod $HOOK 2>/dev/null
	hook_is_gone
}

# attached NAME: a program of ours is there; where bpftool finds no BTF it has the first 15 letters of its name.
attached()
{
	bpftool prog show | grep -q " name $(echo "$1" | cut -c 1-15)"
}

# --- without the module ---

without_module()
{
	says 0 'auto without the module' '' daxguard load --hooks=auto
	check 'auto without the module: lsm' hooks_are true none
	check 'auto without the module: a program sits on file_permission' attached daxguard_file_permission
	check 'unload' daxguard unload
	for hooks in kernel both; do
		says 3 "$hooks without the module: exit 3, modprobe's words, and what to do" \
			"'$HOOK' is not loaded \(\"modprobe: .*$HOOK.*\"\): install the module" daxguard load --hooks=$hooks
		check "$hooks without the module: nothing is left" wait_for 60 nothing_left
	done
}

# --- it appears, is used, goes ---

says_news()
{
	daxguard status >/tmp/status
	grep -q "$1" /tmp/status && daxguard check >/tmp/check
	grep -q "$1" /tmp/check
}

with_module()
{
	says 0 'load before the module' '' daxguard load --hooks=auto
	check 'no news yet' test "$(field hooks_news)" = null
	check 'the module loads' insmod /lib/$HOOK.ko
	check 'status and check say that the module is there but not in use' says_news 'there but not in use'
	says 0 'load again' '' daxguard load
	check 'auto with the module: kernel' hooks_are false module
	check 'the news are over' test "$(field hooks_news)" = null
	check 'kernel: no program sits on file_permission' wait_for 60 without_file_permission
	check 'kernel: the hook has its program' attached daxguard_memory_change
	check 'kernel: it has that for the zone' attached daxguard_memory_zone
	check 'kernel: the module cannot be removed' rmmod_is_refused
	check 'unload' daxguard unload
	check 'after the unload the module can be removed' wait_for 60 module_goes
	check 'the module loads again' insmod /lib/$HOOK.ko
}

without_file_permission()
{
	! attached daxguard_file_permission && attached daxguard_file_open
}

rmmod_is_refused()
{
	! rmmod $HOOK 2>/tmp/rmmod && ! hook_is_gone
}

# With a block online nobody may take the device from kmem, at no moment of a load that puts one layer in the place of the other.
takes_without_end()
{
	rm -f /tmp/calm /tmp/taken
	dgprobe ask $AGENT sh -c 'until [ -e /tmp/calm ]; do echo dax0.0 >'$DAX'/drivers/kmem/unbind && : >/tmp/taken; done 2>/dev/null' &
	writer=$!
}

one_layer_for_the_other()
{
	says 0 'load with the LSM layer' '' daxguard load --hooks=lsm
	takes_without_end
	for _hooks in kernel lsm kernel; do
		says 0 "load with --hooks=$_hooks in its place" '' daxguard load --hooks=$_hooks
	done
	: >/tmp/calm
	wait $writer
	check 'meanwhile nobody has taken the device from kmem' test ! -e /tmp/taken -a "$(dax_driver dax0.0)" = kmem
	says 0 'load with both' '' daxguard load --hooks=both
	says 0 'load again, without a word of hooks' '' daxguard load --reload
	check 'both stay' hooks_are true "$(field hooks.kernel)"
	check 'that is a hook of the kernel' test "$(field hooks.kernel)" != none
	check 'unload' daxguard unload
}

with_patch()
{
	says 0 'load on a patched kernel' '' daxguard load --hooks=auto
	check 'auto on a patched kernel: its own refusal point' hooks_are false builtin
	check 'kernel: no program sits on file_permission' wait_for 60 without_file_permission
	check 'kernel: the hook has its programs' attached daxguard_memory_subsys_online
	check 'kernel: it has that for the zone' attached daxguard_memory_block_check_zone
	check 'unload' daxguard unload
}

# The program that decides under the lock.
hook_program()
{
	if patched; then
		echo daxguard_memory_subsys_online
	else
		echo daxguard_memory_change
	fi
}

# --- the owner ---

owner_moves_everything()
{
	offline_all dax0.0 && dax_unbind dax0.0 && [ "$(dax_driver dax0.0)" = none ] &&
		[ ! -e "$MEMORY/memory$spare" ] && ready_device
}

# Movable: of zone Normal the kernel may take pages for itself, and then the device does not go offline again.
owner_unplugs()
{
	echo unplugged >$DAX/devices/dax0.0/state && [ ! -e "$MEMORY/memory$spare" ] &&
		echo online_movable >$DAX/devices/dax0.0/state && [ -e "$MEMORY/memory$spare" ]
}

owner_may()
{
	mode=$1
	says 0 "$mode: load" '' daxguard load --hooks="$mode"
	daxguard begin dax0.0
	check "$mode: a stranger may not" busy_stranger
	check "$mode: the owner takes every block offline, unbinds and comes back" owner_moves_everything
	if [ -e $DAX/devices/dax0.0/state ]; then
		check "$mode: the owner unplugs the whole device and plugs it" owner_unplugs
		check "$mode: the device is ready again" owner_moves_everything
	else
		skip "$mode: the owner unplugs the whole device" "no daxX.Y/state before 7.3: this is $(uname -r)"
	fi
	daxguard end dax0.0
	check "$mode: nothing has slipped" test "$(counter slipped)" = 0
	check "$mode: nothing was left undecided" test "$(counter undecided)" = 0
	check "$mode: unload" daxguard unload
}

busy_stranger()
{
	stranger dgprobe attempt write "$spare_file" offline
	[ $? -eq 1 ] && state_is "$spare" online
}

# --- a refusal leaves everything as it was ---

# States, zones, and what the zones of the device's node say of pages: free ones per block size, isolated and managed.
snapshot()
{
	cat /proc/sys/vm/stat_refresh >/dev/null
	for _b in $(dax_blocks dax0.0); do
		echo "$_b $(block_state "$_b") $(cat "$MEMORY/memory$_b/valid_zones" "$MEMORY/memory$_b/online")"
	done
	sed -n "/^Node $node,/,\$p" /proc/zoneinfo |
		grep -E '^Node|spanned|present|managed|nr_isolate|nr_free_cma|nr_zone'
	grep "^Node *$node," /proc/pagetypeinfo | grep Isolate
}

free_pages()
{
	sed -n "/^Node $node,/,\$p" /proc/zoneinfo | awk '/nr_free_pages/ { n += $2 } END { print n }'
}

# Pages of processes come and go, and a processor's own free pages are given back by an offline: that there are once no
# fewer than before is what a leak would never let happen.
same_as_before()
{
	snapshot >/tmp/after
	cmp -s /tmp/before /tmp/after && [ "$(free_pages)" -ge "$free_before" ]
}

veto_leaves_nothing()
{
	busy=$(dax_blocks dax0.0 | sed -n 5p)
	offline_block "$spare"
	pin_block "$MEMORY/memory$busy"
	node=$(cat /sys/bus/dax/devices/dax0.0/target_node)
	daxguard load --hooks=kernel
	daxguard begin dax0.0
	stranger dgprobe veto 1 "$spare_file" online "$MEMORY/memory$busy/state" offline
	snapshot >/tmp/before
	free_before=$(free_pages)
	check "kernel: $VETOES vetoed onlines and offlines each" \
		stranger dgprobe veto $VETOES "$spare_file" online "$MEMORY/memory$busy/state" offline
	check 'kernel: states, zones and pages are as before' wait_for 10 same_as_before
	diff /tmp/before /tmp/after
	# that the comparison sees anything at all
	online_block "$spare"
	check 'kernel: the same figures differ with a block more' differs
	daxguard end dax0.0
	let_go
}

differs()
{
	! same_as_before
}

# --- the zone that a block would get ---

# online_while ZONE WORD: the spare block is offline and its going online in that zone refused; the word is written. Leaves the exit
# status of that in $_status, and in /tmp/asked how often either zone was asked about.
online_while()
{
	offline_block "$spare" && snapshot >/tmp/before && deny_block "$spare" "$1" >/tmp/asked || return 1
	dgprobe attempt write "$spare_file" "$2"
	_status=$?
	allow_block
}

# asked_about ZONE: once, and not about the other.
asked_about()
{
	case $1 in
	kernel) grep -qx 'kernel 1 movable 0' /tmp/asked ;;
	movable) grep -qx 'kernel 0 movable 1' /tmp/asked ;;
	esac || {
		cat /tmp/asked >&2
		return 1
	}
}

# The module makes one errno of every answer, a patched kernel hands it on.
zone_is_refused()
{
	online_while "$1" "$2" && asked_about "$1" && [ $_status -eq "$refusal" ] && state_is "$spare" offline || return 1
	snapshot >/tmp/after
	diff /tmp/before /tmp/after >&2
}

zone_is_let_through()
{
	online_while "$(other_zone "$1")" "$2" && asked_about "$1" && [ $_status -eq 0 ] && zone_is "$1"
}

other_zone()
{
	[ "$1" = kernel ] && echo movable || echo kernel
}

# zone_is ZONE: the spare block is online there.
zone_is()
{
	case $(cat "$MEMORY/memory$spare/valid_zones") in
	Movable) [ "$1" = movable ] ;;
	Normal) [ "$1" = kernel ] ;;
	*) false ;;
	esac
}

# zones WORD ZONE: the word leads there, is asked about with that zone, and refused is refused.
zones()
{
	check "zone: '$1' is asked about as $2 and refused, and nothing has changed" zone_is_refused "$2" "$1"
	check "zone: '$1' is asked about as $2, and let through goes there" zone_is_let_through "$2" "$1"
}

# The kernel chooses the zone of the blocks around, so they decide what "online" is.
all_blocks_go()
{
	for _b in $(dax_blocks dax0.0); do
		offline_block "$_b" && echo "$1" >"$MEMORY/memory$_b/state" || return 1
	done
}

zone_questions()
{
	node=$(cat /sys/bus/dax/devices/dax0.0/target_node)
	refusal=1
	! patched || refusal=3
	zones online_movable movable
	zones online movable
	check 'zone: all blocks go to the kernel zone' all_blocks_go online_kernel
	zones online_kernel kernel
	zones online kernel
	check 'zone: all blocks are movable again' all_blocks_go online_movable
}

storm()
{
	files=$(state_files dax0.0)
	daxguard begin dax0.0
	offline_block "$spare"
	refused=$(counter refused)
	# shellcheck disable=SC2086 # words
	dgprobe ask $AGENT dgprobe rivals 4 online $files >/tmp/rivals &
	writer=$!
	wait_for 60 many_refused
	kill $writer
	check 'kernel: the rivals end' ended_with 0
	check 'kernel: the block is as it was' state_is "$spare" offline
	daxguard end dax0.0
	check 'kernel: no run of the hook was left out' none_missed "$(hook_program)"
	note "runs left out, all programs: $(counter missed)"
	check 'kernel: none slipped' test "$(counter slipped)" = 0
	daxguard unload
}

# --- what others see of a refusal ---

# looks N: looks at the block's state until it is anything but online, which is in $_state then, or N more were refused.
looks()
{
	_until=$(($(counter refused) + $1)) _end=$(($(uptime_s) + 300))
	while [ "$(uptime_s)" -lt $_end ]; do
		_look=0
		while [ $_look -lt 200 ]; do
			_look=$((_look + 1))
			read -r _state <"$spare_file"
			[ "$_state" = online ] || return 0
		done
		[ "$(counter refused)" -lt $_until ] || return 0
	done
	echo "fewer than $1 were refused" >&2
	return 1
}

flickers()
{
	looks 1000 && [ "$_state" = going-offline ]
}

flickers_not()
{
	looks 300 && [ "$_state" = online ]
}

# reader HOOKS CHECK NAME: while a stranger asks for the block to be taken offline, again and again.
reader()
{
	says 0 "$1: load" '' daxguard load --hooks="$1"
	online_block "$spare"
	daxguard begin dax0.0
	dgprobe ask $AGENT sh -c "while :; do echo offline >'$spare_file'; done 2>/dev/null" &
	writer=$!
	check "$1: $3" "$2"
	kill $writer
	wait $writer
	check "$1: the block is as it was" wait_for 10 state_is "$spare" online
	daxguard end dax0.0
	check "$1: unload" daxguard unload
}

# none_missed PROGRAM: its recursion guard never kept it from running. Elsewhere a program that is preempted on a
# kernel with full or lazy preemption can keep itself from running on that processor; under the lock it cannot.
none_missed()
{
	bpftool -j prog show pinned "$PINS/v1/progs/$1" >/tmp/prog || return 1
	# bpftool leaves the figure out where it is 0
	grep -q '"name":"daxguard' /tmp/prog && ! grep -q recursion_misses /tmp/prog
}

many_refused()
{
	[ "$(counter refused)" -gt $((refused + 200)) ]
}

VETOES=1000
# a kernel with its own checkers takes half a second for one, and dgprobe lets go of a page after 300
[ ! -e $LEAKS ] || VETOES=100

if ! dax_load || ! ready_device; then
	not_ok 'a dax device' 'there is none'
	exit 0
fi
stranger true
if patched; then
	with_patch
else
	without_module
	with_module
fi
one_layer_for_the_other
zone_questions
for hooks in lsm kernel both; do
	owner_may $hooks
done
if patched; then
	reader kernel flickers_not 'an offline that is refused is never seen in state'
else
	reader kernel flickers 'an offline that is refused is seen in state as going-offline'
fi
reader both flickers_not 'an offline that is refused is never seen in state'
veto_leaves_nothing
storm
