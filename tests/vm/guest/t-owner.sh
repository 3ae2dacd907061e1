# SPDX-License-Identifier: GPL-2.0-only
# Suite: who is the owner, and that what he holds goes with him: death, deadline, force; and that of many rivals one wins.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

if ! dax_load || ! ready_device; then
	skip 'owners' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true
load_or_quit

# --- the tree ---

# Before the begin: a child of ours, and a grandchild whose parent will die.
offline_block "$spare"
start attempt-held write "$spare_file" online
# shellcheck disable=SC2016 # for that shell
sh -c 'dgprobe attempt-held write "$1" online /tmp/go.orphan & wait' - "$spare_file" &
middle=$!
wait_for 30 test -e /tmp/go.orphan.ready
orphan=$(cat /tmp/go.orphan.ready)

daxguard begin dax0.0
for who in $TREE; do
	check "owner's $who changes a block" changes_block dgprobe tree "$who" "$spare_file" online
	offline_block "$spare"
	check "a stranger's $who is refused" refused_block stranger dgprobe tree "$who" "$spare_file" online
done
go
check "owner's child from before the begin is let through" ended_with 0
offline_block "$spare"
kill -KILL $middle
wait $middle
parent_is_init()
{
	grep -q '^PPid:[^0-9]*1$' "/proc/$1/status"
}
check 'its parent has died' wait_for 60 parent_is_init "$orphan"
: >/tmp/go.orphan
check "owner's grandchild from before the begin, now an orphan, is let through" wait_for 60 state_is "$spare" online
daxguard end dax0.0

# --owner: the other way round.
stranger sleep 1000 &
asked=$!
sleeper()
{
	pidof sleep >/tmp/sleeper
}
wait_for 60 sleeper
# shellcheck disable=SC2046 # one word
check 'begin for another process' daxguard begin --owner=$(cat /tmp/sleeper) dax0.0
check 'status shows that process' holder_is dax0.0 declared "$(cat /tmp/sleeper)"
expect_status 1 'this shell is no owner now' dgprobe attempt write "$spare_file" offline

# --- dead owners ---

released=$(counter released)
kill -KILL "$(cat /tmp/sleeper)"
check 'a killed owner frees the device within a second' within_a_second nothing_held
wait $asked
check 'released is counted' test "$(counter released)" -eq $((released + 1))
check 'and the device is free for others' changes_block stranger dgprobe attempt write "$spare_file" online

sh -c 'daxguard begin dax0.0 && : >/tmp/begun && exec sleep 1000' &
owner=$!
check 'a shell begins' wait_for 30 test -e /tmp/begun
check 'and holds the device' holder_is dax0.0 declared $owner
kill -KILL $owner
check 'the killed shell frees the device within a second' within_a_second nothing_held

# The colon keeps this shell from becoming daxguard itself.
sh -c 'daxguard begin dax0.0; :'
check 'an owner that just exits frees the device' nothing_held

says 1 'begin for a process that is not there' '4000000' daxguard begin --owner=4000000 dax0.0
check 'it has not taken the device' nothing_held

# sudo daxguard begin --owner=$$ dax0.0: what runs a command for somebody else ends with it.
printf '#!/bin/sh\n"$@"\nexit $?\n' >/tmp/sudo
chmod 755 /tmp/sudo
says 2 'begin by sudo, which would hold nothing' "the caller is 'sudo'.*--owner=" /tmp/sudo daxguard begin dax0.0
check 'nothing is held' nothing_held
check 'begin by sudo for the shell' /tmp/sudo daxguard begin --owner=$$ dax0.0
check 'end by sudo' /tmp/sudo daxguard end dax0.0

# --- owners with odd threads ---

offline_block "$spare"
# shellcheck disable=SC2016 # for those shells
sh -c 'daxguard begin dax0.0 && exec dgprobe thread-exec sh -c "dgprobe attempt write \$0 online; echo \$? >/tmp/odd.new
	mv /tmp/odd.new /tmp/odd; while :; do sleep 1; done" "$1"' - "$spare_file" &
owner=$!
check 'an owner that goes on by a second thread has come to its end' wait_for 30 test -e /tmp/odd
check 'it is still the owner' holder_is dax0.0 declared $owner
check 'and was let through' grep -qx 0 /tmp/odd
kill -KILL $owner
check 'killed, it frees the device' within_a_second nothing_held

sh -c 'daxguard begin dax0.0 && exec dgprobe leaderless /tmp/leaderless' &
owner=$!
check 'an owner loses its first thread' wait_for 30 test -e /tmp/leaderless.ready
check 'it still holds the device' holder_is dax0.0 declared $owner
: >/tmp/leaderless
wait $owner
check 'without its last thread it does not' nothing_held

# A fork that fails makes and frees a copy of the owner that never ran.
rm -f /tmp/failed.ready
offline_block "$spare"
sh -c 'daxguard begin dax0.0 && exec dgprobe failed-fork /tmp/failed' &
owner=$!
check 'an owner has a fork that fails' wait_for 60 test -e /tmp/failed.ready
check 'it still holds the device' holder_is dax0.0 declared $owner
check 'a stranger is refused' refused_block stranger dgprobe attempt write "$spare_file" online
kill -KILL $owner
wait $owner
check 'killed, it does not' within_a_second nothing_held

# --- run ---

says 7 'run passes the exit status on' '' daxguard run dax0.0 -- sh -c 'exit 7'
check 'run frees the device' nothing_held
offline_block "$spare"
check 'the command of run is the owner' daxguard run dax0.0 -- dgprobe tree orphan "$spare_file" online
check 'it has changed the block' state_is "$spare" online
offline_block "$spare"
daxguard run dax0.0 -- sh -c 'echo $$ >/tmp/running.new; mv /tmp/running.new /tmp/running; while :; do :; done' &
runner=$!
check 'run runs its command' wait_for 30 test -e /tmp/running
check 'run holds the device' holder_is dax0.0 declared $runner
check 'a stranger is refused meanwhile' refused_block stranger dgprobe attempt write "$spare_file" online
kill -KILL $runner
gone()
{
	[ ! -d "/proc/$1" ] || grep -q '^State:[^A-Z]*Z' "/proc/$1/status"
}
check 'killed run takes its command with it within a second' within_a_second gone "$(cat /tmp/running)"
check 'killed run frees the device within a second' within_a_second nothing_held
check 'after run a stranger changes the block' changes_block stranger dgprobe attempt write "$spare_file" online

# --- deadline ---

expired=$(counter expired)
collect_events
: >/tmp/events
check 'begin with a deadline' daxguard begin --deadline=5 dax0.0
check 'status shows the deadline' test "$(field transitions.0.deadline_ms)" -gt 0
check 'past the deadline nothing is held' wait_for 30 nothing_held
check 'the deadline is counted' test "$(counter expired)" -eq $((expired + 1))
collect_events
check 'the deadline is reported' event_seen expired dax0.0 declared '* * *' $$ sh '*'
says 1 'end past the deadline' 'not held' daxguard end dax0.0

# Also when nobody asks for the status: the next writer sees that it is over.
offline_block "$spare"
daxguard begin --deadline=5 dax0.0
check 'before the deadline a stranger is refused' refused_block stranger dgprobe attempt write "$spare_file" online
check 'past the deadline a stranger changes the block' wait_for 30 stranger dgprobe attempt write "$spare_file" online
check 'that was counted too' test "$(counter expired)" -eq $((expired + 2))

# --- force ---

daxguard begin dax0.0
says 2 'release without --force' 'say --force' stranger daxguard release dax0.0
check 'it is still held' holder_is dax0.0 declared $$
says 0 'release --force' '' stranger daxguard release --force dax0.0
check 'it is free' nothing_held
collect_events
check 'force is reported' event_seen released dax0.0 declared '* * * * * *'
says 1 'end after force' 'not held' daxguard end dax0.0

# --- those who are refused are in nobody's way ---

# What the owner does to its device among four who try all the time to change a block of it.
unbinds_among_rivals()
{
	for _ in 1 2 3 4; do
		dgprobe ask "$AGENT" sh -c "while :; do echo online >$spare_file; done 2>/dev/null" &
		rivals="$rivals $!"
	done
	_round=0
	while [ $_round -lt 100 ] && echo dax0.0 >"$DAX/drivers/kmem/unbind" && echo dax0.0 >"$DAX/drivers/kmem/bind"; do
		_round=$((_round + 1))
	done
	# the agent's children go when who asked for them is gone
	# shellcheck disable=SC2086 # words
	kill -KILL $rivals
	[ $_round -eq 100 ] || echo "round $_round" >&2
	[ $_round -eq 100 ]
}

rivals=
check 'all blocks are offline' offline_all dax0.0
check 'begin' daxguard begin dax0.0
check 'among four that are refused the owner unbinds and binds 100 times' unbinds_among_rivals
daxguard end dax0.0

# --- two hundred at once ---

for round in 1 2; do
	dgprobe begin-storm 200 dax0.0 >/tmp/storm 2>&1
	status=$?
	note "storm $round: $(tail -n 1 /tmp/storm)"
	if [ $status -eq 0 ]; then
		ok "storm $round: of 200 one wins, 199 are told who"
	else
		not_ok "storm $round: of 200 one wins, 199 are told who" "$(head -n 3 /tmp/storm | tr '\n' ';')"
	fi
	check "storm $round: nothing is left over" nothing_held
done
check 'nothing is armed when all is over' wait_for 60 nothing_armed
check 'nothing was left undecided' test "$(counter undecided)" = 0
