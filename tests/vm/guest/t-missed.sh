# SPDX-License-Identifier: GPL-2.0-only
# Suite: a run of a tracing program that the kernel leaves out costs nothing. What is left out is played by its link being taken away.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

if ! dax_load || ! dax_split 2 3 || ! dax_to_kmem dax0.1 || ! ready_device; then
	skip 'programs that are left out' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true
load_or_quit

# --- leaving out ---

LINKS=$PINS/v1/links

# left_out PROGRAM...: from now on, until repair.
left_out()
{
	for _prog in "$@"; do
		dgprobe drop-link "$LINKS/$_prog" || not_ok "$_prog is left out" 'its link is still there'
	done
}

repair()
{
	says 0 "repaired: $*" '' daxguard load --hooks=lsm
}


remember_healed()
{
	healed=$(counter healed)
}

# none_healed: an unbind that a write asks for is held before the observers see it, and it is over with its call whoever sees its end.
none_healed()
{
	[ "$(counter healed)" -eq "$healed" ]
}

# was_healed KIND: since it was asked last.
was_healed()
{
	_was=$healed
	remember_healed
	[ "$healed" -gt "$_was" ] || {
		echo "healed $healed, before $_was" >&2
		return 1
	}
	rm -f /tmp/events
	collect_events
	event_seen healed dax0.0 "$1" '*' '*' '*' '*' '*' '*'
}

# bystander WHAT: what somebody who has nothing to do with it would do: let through at once.
bystander()
{
	check "$1: a rival is let through at once" changes_block stranger dgprobe attempt write "$spare_file" online
}

new_begin()
{
	check "$1: a new begin wins" daxguard begin --timeout=2 dax0.0
	offline_block "$spare"
	check "$1: and its blocks are guarded" refused_block stranger dgprobe attempt write "$spare_file" online
	check "$1: until it ends" daxguard end dax0.0
	check "$1: and nothing is held" nothing_held
}

# --- an owner that is killed: sched_process_exit ---

# Its parent never asks for its exit status: killed, it stays as a zombie, with its number and its task, until reap_owner.
start_owner()
{
	rm -f /tmp/begun
	sh -c 'sh -c "daxguard begin dax0.0 && echo \$\$ >/tmp/begun.new && mv /tmp/begun.new /tmp/begun && exec sleep 1000" & exec sleep 1000' &
	parent=$!
	wait_for 30 test -e /tmp/begun || not_ok 'an owner begins' 'not within 30 s'
	owner=$(cat /tmp/begun)
}

kill_owner()
{
	kill -KILL "$owner"
	wait_for 30 grep -q '^State:[^A-Z]*Z' "/proc/$owner/status" || not_ok 'the owner dies' 'not within 30 s'
}

reap_owner()
{
	kill $parent
	wait_for 30 test ! -e "/proc/$owner" || not_ok 'the owner is gone' 'not within 30 s'
}

remember_healed
start_owner
left_out daxguard_sched_process_exit
kill_owner
bystander 'killed owner, a zombie'
reap_owner
repair 'killed owner'
check 'killed owner: healed is counted and told' was_healed declared

start_owner
left_out daxguard_sched_process_exit
kill_owner
repair 'killed owner, a zombie'
new_begin 'killed owner, a zombie'
check 'killed owner, a zombie: healed is counted and told' was_healed declared
reap_owner

start_owner
left_out daxguard_sched_process_exit
kill_owner
reap_owner
repair 'owner gone for good'
new_begin 'owner gone for good'
check 'owner gone for good: healed is counted and told' was_healed declared

# The number of the dead owner is somebody else's now.
start_owner
left_out daxguard_sched_process_exit
kill_owner
reap_owner
reused()
{
	echo $((owner - 1)) >/proc/sys/kernel/ns_last_pid
	sleep 1000 &
	[ $! -eq "$owner" ] || {
		kill $!
		return 1
	}
}
check 'number of the owner given again' wait_for 30 reused
bystander 'number of the owner given again'
kill "$owner"
repair 'number of the owner given again'

# --- a child that outlives its parent: sched_process_fork ---

left_out_while_held()
{
	left_out daxguard_sched_process_fork
	offline_block "$spare"
	dgprobe tree orphan "$spare_file" online
}
daxguard begin dax0.0
check "an owner's orphan, its fork left out, is let through" left_out_while_held
check 'and has changed the block' state_is "$spare" online
repair 'orphan'
daxguard end dax0.0

# --- a bind ---

unbound()
{
	offline_all dax0.0 && dax_unbind dax0.0
}

# Whoever binds it lives on, elsewhere.
rebind()
{
	rm -f /tmp/bound
	[ -z "$binder" ] || kill "$binder"
	sh -c "echo dax0.0 >$DAX/drivers/kmem/new_id; [ -e $DAX/devices/dax0.0/driver ] || echo dax0.0 >$DAX/drivers/kmem/bind
		: >/tmp/bound; exec sleep 1000" &
	binder=$!
	wait_for 60 test -e /tmp/bound && [ "$(dax_driver dax0.0)" = kmem ]
}

binder=

unbound
left_out_of_bind=''
for prog in daxguard_dax_bus_probe daxguard_dax_bus_probe_exit; do
	[ ! -e "$LINKS/$prog" ] || left_out_of_bind="$left_out_of_bind $prog"
done
for prog in $left_out_of_bind; do
	remember_healed
	daxguard policy set dax0.0 bind=hold >/dev/null
	left_out "$prog"
	check "bind without $prog: it is bound" rebind
	bystander "bind without $prog"
	repair "bind without $prog"
	new_begin "bind without $prog"
	offline_block "$spare"
	unbound
	left_out "$prog"
	check "bind without $prog, again: it is bound" rebind
	repair "bind without $prog, again"
	new_begin "bind without $prog, again"
	[ "$prog" = daxguard_dax_bus_probe ] || check "bind without $prog: healed is counted and told" was_healed bind
	daxguard policy unset dax0.0 >/dev/null
	unbound
done
rebind
ready_device

# --- an unbind ---

# unbind_slowly: one that waits for the lock of memory hotplug, which the offline of a block with a page that cannot move has.
unbind_slowly()
{
	offline_all dax0.0
	pinned=$(dax_blocks dax0.1 | head -n 1)
	online_all dax0.1 online_movable
	pin_block "$MEMORY/memory$pinned"
	_before=$(failed_migrations)
	stranger sh -c "echo offline >$MEMORY/memory$pinned/state" &
	locker=$!
	lock_taken()
	{
		[ "$(failed_migrations)" -gt "$_before" ]
	}
	wait_for 60 lock_taken || not_ok 'the lock is taken' 'not within 60 s'
	stranger sh -c "echo dax0.0 >$DAX/drivers/kmem/unbind" &
	unbinder=$!
	being_unbound()
	{
		[ ! -e $DAX/devices/dax0.0/driver ]
	}
	wait_for 60 being_unbound || not_ok 'the unbind is under way' 'not within 60 s'
}

unbind_ends()
{
	let_go
	wait $locker
	wait $unbinder
}

# The kernel would answer it only when the lock is free.
refused_in_time()
{
	stranger timeout 5 dgprobe attempt write "$spare_file" online
	[ $? -eq 1 ]
}

remember_healed
left_out daxguard_dax_bus_remove
unbind_slowly
check 'unbind, its begin left out: a block is refused to others' refused_in_time
unbind_ends
check 'it has ended' being_unbound
repair 'unbind, its begin left out'
check 'unbind, its begin left out: nothing is held' nothing_held
check 'unbind, its begin left out: nothing had to be healed' none_healed
rebind
ready_device

left_out daxguard_dax_bus_remove
unbind_slowly
repair 'unbind, its begin left out, once more'
says 4 'unbind, its begin left out: a begin is told who unbinds' "held by 'sh'.*unbind" daxguard begin dax0.0
unbind_ends
rebind
ready_device

remember_healed
left_out daxguard_dax_bus_remove_exit
unbound
check 'unbind, its end left out: a rival binds it again' rebind
ready_device
bystander 'unbind, its end left out'
repair 'unbind, its end left out'
new_begin 'unbind, its end left out'
check 'unbind, its end left out: nothing had to be healed' none_healed
unbound
left_out daxguard_dax_bus_remove_exit
rebind
unbound
repair 'unbind, its end left out, and no bind'
check 'unbind, its end left out: nothing is held' nothing_held
check 'unbind, its end left out: its blocks are no more' daxguard check
rebind
ready_device

# --- a whole-device write ---

if [ -e "$STATE" ]; then
	# A page that cannot move keeps the write inside.
	write_slowly()
	{
		online_all dax0.0 online_movable
		pinned=$(dax_blocks dax0.0 | head -n 1)
		pin_block "$MEMORY/memory$pinned"
		_before=$(failed_migrations)
		stranger sh -c "echo unplugged >$STATE" &
		locker=$!
		wait_for 60 lock_taken || not_ok 'the write is under way' 'not within 60 s'
	}
	write_ends()
	{
		let_go
		wait $locker
		echo online_movable >"$STATE"
	}
	remember_healed
	echo unplugged >"$STATE"
	echo online_movable >"$STATE"
	left_out daxguard_dev_attr_store
	write_slowly
	check 'whole-device write, its begin left out: a block is refused to others' refused_in_time
	write_ends
	repair 'whole-device write, its begin left out'
	check 'whole-device write, its begin left out: nothing is held' nothing_held
	check 'whole-device write, its begin left out: healed is counted and told' was_healed state

	# The writer lives on, elsewhere.
	remember_healed
	left_out daxguard_dev_attr_store_exit
	sh -c "echo unplugged >$STATE; echo online_movable >$STATE; : >/tmp/written; exec sleep 1000" &
	owner=$!
	wait_for 60 test -e /tmp/written
	bystander 'whole-device write, its end left out'
	repair 'whole-device write, its end left out'
	new_begin 'whole-device write, its end left out'
	check 'whole-device write, its end left out: healed is counted and told' was_healed state

	left_out daxguard_dev_attr_store_exit daxguard_sched_process_exit
	kill $owner
	sh -c "echo unplugged >$STATE; echo online_movable >$STATE"
	bystander 'whole-device write, its end and its exit left out'
	repair 'whole-device write, its end and its exit left out'
	check 'whole-device write, its end and its exit left out: healed' was_healed state
else
	skip 'whole-device writes' "kernel $(uname -r) has no attribute for them"
fi

# --- a file that is closed: kernfs_fop_release ---

reopened_and_unarmed()
{
	(: >"$spare_file")
	nothing_armed
}
check 'nothing is armed before' wait_for 30 reopened_and_unarmed
left_out daxguard_kernfs_fop_release
(: >"$spare_file")
(: >"$MEMORY/memory$(dax_blocks dax0.0 | head -n 1)/state")
repair 'file closed'
check 'file closed: soon nothing is armed any more' wait_for 30 reopened_and_unarmed
left_out daxguard_kernfs_fop_release
stranger dgprobe attempt write "$spare_file" online >/dev/null 2>&1
repair 'file written to and closed'
check 'file written to and closed: a begin does not wait for it' daxguard begin --timeout=2 dax0.0
daxguard end dax0.0

# --- the changes themselves, under the lock ---

for prog in daxguard_memory_subsys_online daxguard_memory_subsys_offline; do
	left_out ${prog}_exit
	offline_block "$spare"
	online_block "$spare"
	repair "change without ${prog}_exit"
	check "change without ${prog}_exit: a begin does not wait for it" daxguard begin --timeout=2 dax0.0
	daxguard end dax0.0
done
check 'nothing has slipped' test "$(counter slipped)" = 0
check 'nothing has leaked' test "$(counter leaked)" = 0
