# SPDX-License-Identifier: GPL-2.0-only
# Suite: a tool in a container holds and changes a device: pid namespaces, the host's /proc, as process 1, a read-only /sys, no bpffs.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

if ! dax_load || ! dax_split 2 3 || ! dax_to_kmem dax0.1 || ! ready_device; then
	skip 'containers' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true
load_or_quit

# --- namespaces ---

# own COMMAND...: in a pid namespace of its own, with its own /proc; below a shell that is process 1 of it.
own()
{
	# shellcheck disable=SC2016 # for that shell
	unshare -m -p -f sh -c 'mount -t proc proc /proc && "$@"; exit $?' - "$@"
}

# The same with the /proc of the host.
hosts_proc()
{
	# shellcheck disable=SC2016 # for that shell
	unshare -m -p -f sh -c '"$@"; exit $?' - "$@"
}

# As process 1 itself.
first()
{
	# shellcheck disable=SC2016 # for that shell
	unshare -m -p -f sh -c 'mount -t proc proc /proc && exec "$@"' - "$@"
}

# One who is no relation of the owner is refused, outside and in a container of his own.
others_are_refused()
{
	offline_block "$spare" 2>/dev/null
	stranger dgprobe attempt write "$spare_file" online
	[ $? -eq 1 ] || return 1
	# shellcheck disable=SC2016 # for that shell
	stranger unshare -m -p -f sh -c 'mount -t proc proc /proc; dgprobe attempt write "$1" online; exit $?' - "$spare_file"
	[ $? -eq 1 ]
}


verbs_in()
{
	check "$1: offline" "$1" daxguard offline dax0.0
	check "$1: all blocks are offline" all_are dax0.0 offline
	check "$1: online" "$1" daxguard online --zone=movable dax0.0
	check "$1: all blocks are online" zones_are dax0.0 Movable
	check "$1: unplug" "$1" daxguard unplug dax0.0
	check "$1: it is unplugged" is_unplugged dax0.0
	check "$1: plug" "$1" daxguard plug --zone=movable dax0.0
	check "$1: it is plugged" is_plugged dax0.0 Movable
	offline_block "$spare"
	check "$1: run" "$1" daxguard run dax0.0 -- dgprobe attempt write "$spare_file" online
	check "$1: it has changed the block" state_is "$spare" online
	check "$1: nothing is held" nothing_held
	check "$1: list" "$1" daxguard list
	check "$1: check" "$1" daxguard check
	check "$1: events" "$1" daxguard events
	check "$1: policy" "$1" daxguard policy list
}

for where in own hosts_proc first; do
	verbs_in $where
done

# --- who it is, from where ---

cat >/tmp/hold <<'EOF'
daxguard begin dax0.0 || exit 1
echo $$ >/tmp/inside
daxguard status -j >/tmp/status.in
daxguard status >/tmp/status.text
: >/tmp/holds
until [ -e /tmp/let-go ]; do usleep 20000; done
daxguard end dax0.0 && : >/tmp/ended
EOF

rm -f /tmp/events
collect_events
own sh /tmp/hold &
holder=$!
check 'a shell in a container begins' wait_for 60 test -e /tmp/holds
outside=$(field transitions.0.owner.pid)
check 'inside, status has its own number' test "$(dgprobe json transitions.0.owner.pid </tmp/status.in)" = "$(cat /tmp/inside)"
check "and the host's beside it" test "$(dgprobe json transitions.0.owner.host_pid </tmp/status.in)" = "$outside"
check 'outside, status has the number of that process' grep -q "sh.*/tmp/hold" "/proc/$outside/cmdline"
check 'its text says the same' grep -q "declared by $(cat /tmp/inside) (sh)" /tmp/status.text
check 'others are refused' others_are_refused
says 4 'outside, a rival is told who' "held by 'sh' \(pid $outside\)" daxguard begin dax0.0
says 4 'a rival in another container is told who' "held by 'sh' \(pid $outside of the host\)" own daxguard begin dax0.0
: >/tmp/let-go
wait $holder
check 'the shell in the container has ended it' test -e /tmp/ended
check 'nothing is held' nothing_held
collect_events
check "the events name that process" event_seen begin dax0.0 declared '*' '*' control "$outside" sh 0

# --- begin --owner, dead owners ---

rm -f /tmp/holds
cat >/tmp/for-another <<'EOF'
sleep 1000 &
daxguard begin --owner=$! dax0.0 || exit 1
daxguard status -j | dgprobe json transitions.0.owner.pid transitions.0.owner.comm >/tmp/who
printf '%s\tsleep\n' $! >/tmp/want
: >/tmp/holds
wait
EOF
own sh /tmp/for-another &
holder=$!
check 'in a container, begin for another process' wait_for 60 test -e /tmp/holds
check 'and status there shows that process' cmp /tmp/who /tmp/want
check 'others are refused' others_are_refused
kill -KILL "$(field transitions.0.owner.pid)"
check 'killed, it frees the device' within_a_second nothing_held
wait $holder

says 1 'a number that is nobody there' "no process 4000000" own daxguard begin --owner=4000000 dax0.0
says 1 'a number that is somebody on the host only' "no process $$ " own daxguard begin --owner=$$ dax0.0
says 1 "the machine's init may not" 'process 1 cannot hold' daxguard begin --owner=1 dax0.0
before=$(counter ended)
says 1 'once more' 'no process 4000000' daxguard begin --owner=4000000 dax0.0
check 'a begin that failed has not ended' test "$(counter ended)" = "$before"

# Process 1 of a container itself, and what it starts.
rm -f /tmp/holds /tmp/let-go /tmp/ended
first sh /tmp/hold &
holder=$!
check 'process 1 of a container begins' wait_for 60 test -e /tmp/holds
check 'and is 1 there' grep -qx 1 /tmp/inside
check 'others are refused' others_are_refused
: >/tmp/let-go
wait $holder
check 'and ends it' test -e /tmp/ended

# --- writers of the host are waited for ---

online_block "$spare"
start_from $AGENT slow uffd "$spare_file" offline
check 'a writer of the host is in the middle' state_is "$spare" online
says 1 'a begin in a container waits for it' "by 'dgprobe' \(pid $writer_pid of the host\) is still under way" own daxguard begin --timeout=1 dax0.0
go
check 'the writer is let through' ended_with 0
check 'then it begins' own sh -c 'daxguard begin --timeout=10 dax0.0 && daxguard end dax0.0'

# --- locks of the host ---

UNSEEN='a process that cannot be seen from here'
start flock $DAX/devices/dax0.0
says 4 'outside, a change is told by whom' "'dax0.0' is being changed by 'dgprobe' \(pid $writer_pid\): wait" daxguard offline dax0.0
says 4 'in a container, that it is not to be seen' "'dax0.0' is being changed by $UNSEEN: wait" own daxguard offline dax0.0
says 4 'with the /proc of the host, by whom' "'dax0.0' is being changed by 'dgprobe' \(pid $writer_pid\): wait" hosts_proc daxguard offline dax0.0
go
check 'the lock is let go' ended_with 0
# same_events: the same numbers, events and devices; what names who did it differs.
same_events()
{
	dgprobe json seq event device </tmp/outside >/tmp/outside.rows
	dgprobe json seq event device </tmp/inside | cmp - /tmp/outside.rows
}

daxguard events --follow >/tmp/followed &
follower=$!
check 'a process of the host reads the events' wait_for 60 test -s /tmp/followed
daxguard events -j >/tmp/outside
says 0 'in a container they are read besides' '' own daxguard events -j >/tmp/inside
check 'and are the same' same_events
kill $follower
wait $follower

# Root here, and nobody outside: what may not be opened is no device that is not there.
device=$(realpath $DAX/devices/dax0.0)
chmod 700 "$device"
says 3 'a device that may not be opened' "dax0.0' may not be opened \(Permission denied\): run this as root" \
	dgprobe as-uid 1000 unshare -U -r dgexample unplug dax0.0
chmod 755 "$device"

# --- the rest of a container ---

readonly_sys()
{
	# shellcheck disable=SC2016 # for that shell
	unshare -m sh -c 'mount -o remount,ro,bind /sys; "$@"; exit $?' - "$@"
}
check 'read-only /sys: status' readonly_sys daxguard status
check 'read-only /sys: list' readonly_sys daxguard list
check 'read-only /sys: begin and end' readonly_sys sh -c 'daxguard begin dax0.0 && daxguard end dax0.0'
says 5 'read-only /sys: offline says why' 'Read-only file system' readonly_sys daxguard offline dax0.0
online_all dax0.0 online_movable 2>/dev/null

check 'nothing has leaked' test "$(counter leaked)" = 0
check 'nothing has slipped' test "$(counter slipped)" = 0
check 'nothing is held' nothing_held
