# SPDX-License-Identifier: GPL-2.0-only
# Suite: a program is what has its path when it starts, also while its package is upgraded, and nothing else is; and what a controller
# has adopted lasts as long as it should. daxguard.rounds: how many of each, for a run by hand.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

ROUNDS=$(boot_number daxguard.rounds 8)
STARTS=$((ROUNDS * 25))
# A dgprobe, that makes one change and ends; and a shell, that lives long and does as it is told.
ONCE=/usr/bin/agent
LONG=/opt/agent/sh

if ! dax_load || ! ready_device; then
	skip 'programs' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi

# package PATH FILE: what has that path is a copy of the file from now on, as a package's upgrade does it.
package()
{
	mkdir -p "${1%/*}"
	cp "$2" "$1.new" && mv "$1.new" "$1"
}

# --- the agent that lives long: takes orders, and makes each change by itself ---

cat >/tmp/live <<'EOF'
echo $$ >/tmp/agent.pid
while read -r order; do
	eval "$order"
	echo $? >/tmp/answer
done </tmp/orders
EOF

# live: it begins, as process $agent.
live()
{
	rm -f /tmp/agent.pid
	[ -p /tmp/orders ] || mkfifo /tmp/orders
	exec 5<>/tmp/orders
	stranger $LONG /tmp/live &
	wait_for 60 test -s /tmp/agent.pid || not_ok 'the agent is ready' 'not within 60 s'
	agent=$(cat /tmp/agent.pid)
}

# tell ORDER: without waiting for it.
tell()
{
	rm -f /tmp/answer
	echo "$1" >&5
}

# obey ORDER: the same, done. Returns its exit status.
obey()
{
	tell "$1"
	wait_for 120 test -s /tmp/answer || return 99
	return "$(cat /tmp/answer)"
}

die()
{
	kill -KILL "$agent"
	wait
}

write_order()
{
	echo "echo $1 >$spare_file"
}

# --- what is to be so ---

# begins N COMMAND...: the command changes the block $spare, and N transitions have begun with that, and are over.
begins()
{
	_want_begun=$1
	shift
	_begun=$(counter begun)
	changes_block "$@" || return 1
	_begun=$(($(counter begun) - _begun))
	[ $_begun -eq "$_want_begun" ] || {
		echo "$_begun have begun, not $_want_begun" >&2
		return 1
	}
	nothing_held
}

controls()
{
	_said=$1
	shift
	check "$mode: $_said: a controller" begins 1 stranger "$@"
}

controls_not()
{
	_said=$1
	shift
	check "$mode: $_said: none" begins 0 stranger "$@"
}

agent_holds()
{
	holder_is dax0.0 adopted "$agent"
}

# others_change: the device is free for anybody else, whole and by block.
others_change()
{
	daxguard begin --timeout=10 dax0.0 >/dev/null && changes_block dgprobe attempt write "$spare_file" online_movable &&
		daxguard end dax0.0 && nothing_held
}

knock()
{
	stranger dgprobe attempt write "$spare_file" online_movable
}

seen()
{
	collect_events
	event_seen "$@"
}

# --- who is one ---

programs()
{
	controls 'the program' $ONCE attempt write "$spare_file" online_movable
	controls 'by a child' $ONCE tree grandchild "$spare_file" online_movable
	for method in thread aio iouring iouring-registered-file iouring-sqpoll; do
		controls "by $method" $ONCE attempt $method "$spare_file" online_movable
	done
	ln -sf $ONCE /tmp/link
	controls 'by a link' /tmp/link attempt write "$spare_file" online_movable
	ln -f $ONCE /usr/bin/other
	controls_not 'another name of the file' /usr/bin/other attempt write "$spare_file" online_movable
	cp $ONCE /usr/bin/copy
	controls_not 'a copy' /usr/bin/copy attempt write "$spare_file" online_movable
	controls_not 'what it executes' $ONCE as-uid 0 dgprobe attempt write "$spare_file" online_movable
	printf '#!%s\necho online_movable >"%s"\n' $LONG "$spare_file" >/tmp/script
	chmod 755 /tmp/script
	controls 'a script of it' /tmp/script
}

# A tree with another file of that name.
make_root()
{
	[ ! -d /tmp/root ] || return 0
	mkdir -p /tmp/root/usr/bin
	for _dir in lib lib64 usr/lib sys proc; do
		[ ! -d /$_dir ] || { mkdir -p /tmp/root/$_dir && mount --bind /$_dir /tmp/root/$_dir; }
	done
	cp $ONCE /tmp/root$ONCE
}

# The same where the host's own process 1 never looks: other mounts, with another file of that path.
other_mounts()
{
	cp $ONCE /tmp/other
	dgprobe ask $AGENT unshare -m sh -c "mount --bind /tmp/other $ONCE && echo \$\$ >/tmp/other.pid && exec sleep 1000000" &
	wait_for 60 test -s /tmp/other.pid
	controls_not "another mount namespace's, by /proc" "/proc/$(cat /tmp/other.pid)/root$ONCE" attempt write "$spare_file" online_movable
	kill "$(cat /tmp/other.pid)" && rm /tmp/other.pid
	mkdir -p /tmp/lazy && mount -t tmpfs none /tmp/lazy && mkdir -p "/tmp/lazy/${ONCE%/*}" && cp $ONCE "/tmp/lazy$ONCE"
	controls_not 'in a mount that has been taken away' sh -c \
		"cd /tmp/lazy && umount -l /tmp/lazy && exec .$ONCE attempt write $spare_file online_movable"
}

roots()
{
	make_root
	controls_not 'that path in another root' chroot /tmp/root $ONCE attempt write "$spare_file" online_movable
	controls_not "a container's" unshare -m -p -f chroot /tmp/root $ONCE attempt write "$spare_file" online_movable
	controls_not "a user namespace's" unshare -U -r $ONCE attempt write "$spare_file" online_movable
	controls "a mount namespace's with the root of the host" unshare -m $ONCE attempt write "$spare_file" online_movable
	mkdir -p /tmp/same && mount --bind / /tmp/same
	controls "the host's root by another way" unshare -m sh -c \
		"mount --rbind /sys /tmp/same/sys && exec chroot /tmp/same $ONCE attempt write $spare_file online_movable"
	umount /tmp/same
	other_mounts
}

# --- an upgrade ---

upgrade_while_it_runs()
{
	live
	package $LONG /bin/busybox
	offline_block "$spare"
	check "$mode: an upgrade: the old process changes a block" obey "$(write_order online_movable)"
	check "$mode: an upgrade: and has adopted the device" agent_holds
	die
	check "$mode: it is gone" within_a_second nothing_held
	live
	offline_block "$spare"
	check "$mode: an upgrade: the next start changes a block" obey "$(write_order online_movable)"
	check "$mode: an upgrade: and is a controller, too" agent_holds
	die
	package $ONCE "$(command -v dgprobe)"
	controls 'an upgrade: the next start' $ONCE attempt write "$spare_file" online_movable
	mv $ONCE /usr/bin/away
	controls_not 'renamed away' /usr/bin/away attempt write "$spare_file" online_movable
	mv /usr/bin/away $ONCE
	controls 'renamed back' $ONCE attempt write "$spare_file" online_movable
}

# Two files that the path gets in turn, as it is now.
upgrading()
{
	rm -f "$1.a" "$1.b"
	cp "$1" "$1.a" && cp "$1" "$1.b" && online_block "$spare" && start upgrades "$1" "$1.a" "$1.b" >/tmp/upgraded
}

# upgrades_beside PATH STATUS COMMAND...: $STARTS starts of the command end with that, and each has begun a transition, while the path is
# upgraded without end. It writes what the block is already: the LSM layer is asked before the kernel says so.
upgrades_beside()
{
	upgrading "$1" || return 1
	_status=$2
	shift 2
	_begun=$(counter begun)
	stranger dgprobe starts $STARTS "$@" >/tmp/started
	_begun=$(($(counter begun) - _begun))
	kill "$writer" && wait "$writer"
	note "$(tr '\n' ' ' </tmp/started)beside $(cat /tmp/upgraded), $_begun of $STARTS have begun one"
	[ $_begun -eq $STARTS ] && grep -qx "status $_status: $STARTS" /tmp/started
}

# The same for the list of those that are never refused: none is.
allowed_beside()
{
	upgrading $ONCE || return 1
	stranger dgprobe starts $STARTS $ONCE attempt write "$spare_file" online_movable >/tmp/started
	kill "$writer" && wait "$writer"
	note "$(tr '\n' ' ' </tmp/started)beside $(cat /tmp/upgraded)"
	grep -qx "status 3: $STARTS" /tmp/started
}

storms()
{
	check "$mode: $STARTS starts beside upgrades: each is a controller" \
		upgrades_beside $ONCE 3 $ONCE attempt write "$spare_file" online_movable
	check "$mode: $STARTS scripts beside upgrades of their interpreter: each is one" \
		upgrades_beside $LONG 1 /tmp/script
	daxguard controller remove exe=$ONCE
	daxguard allow add exe=$ONCE
	daxguard begin dax0.0
	check "$mode: $STARTS starts beside upgrades: each is allowed" allowed_beside
	daxguard end dax0.0
	daxguard allow remove exe=$ONCE
	controls_not 'on no list any more' $ONCE attempt write "$spare_file" online_movable
	check "$mode: on the list again" daxguard controller add exe=$ONCE
}

# --- what it holds, and how that is shown ---

# The agent is there, and nobody holds the device.
off_adopts_nothing()
{
	daxguard policy set dax0.0 mode=off
	_begun=$(counter begun)
	check "$mode: off: a controller's write is let through" changes_block obey "$(write_order online_movable)"
	check "$mode: off: nothing is held by it" nothing_held
	check "$mode: off: nothing has begun" test "$(counter begun)" -eq "$_begun"
	offline_block "$spare"
	daxguard policy set dax0.0 mode=enforce
}

# Without an end by idleness, so that a busy host has the time to look.
holds()
{
	daxguard policy set dax0.0 idle=0
	live
	off_adopts_nothing
	begun=$(counter begun)
	offline_block "$spare"
	check "$mode: its child that is another program changes a block" obey "dgprobe attempt write $spare_file online_movable"
	check "$mode: and has adopted nothing" test "$(counter begun)" -eq "$begun"
	: >/tmp/events
	offline_block "$spare"
	check "$mode: the agent changes a block" obey "$(write_order online_movable)"
	check "$mode: and has adopted the device" agent_holds
	check "$mode: its begin is an event" seen begin dax0.0 adopted '*' '*' '*' "$agent" sh 0
	daxguard status >/tmp/status
	check "$mode: status says so" grep -q "dax0\.0.*adopted by $agent (sh" /tmp/status
	daxguard list dax0.0 >/tmp/list
	check "$mode: list says so" grep -q "adopted by $agent (sh" /tmp/list
	check "$mode: and its JSON" test "$(daxguard list -j dax0.0 | dgprobe json 0.transition.kind 0.transition.owner.pid)" = \
		"$(printf 'adopted\t%s' "$agent")"
	says 4 "$mode: a begin is told who has it" "held by 'sh' \\(pid $agent\\)" daxguard begin dax0.0
	check "$mode: the agent takes the block offline" obey "$(write_order offline)"
	check "$mode: others are refused" refused_block knock
	check "$mode: that is an event" seen refused dax0.0 adopted "$spare" '*' '*' '*' dgprobe -16
	check "$mode: another controller is a rival" refused_block stranger $ONCE attempt write "$spare_file" online_movable
	check "$mode: its child is let through" obey "dgprobe attempt write $spare_file online_movable"
	daxguard policy set dax0.0 mode=audit
	check "$mode: audit: others are let through" changes_block knock
	check "$mode: audit: that is an event" seen audited dax0.0 adopted '*' '*' '*' '*' dgprobe 0
	daxguard policy set dax0.0 mode=enforce
}

# The agent holds the device.
removed()
{
	offline_block "$spare" 2>/dev/null
	check "$mode: off the list" daxguard controller remove exe=$LONG
	check "$mode: what it holds stays its own" agent_holds
	die
	check "$mode: until it ends" within_a_second nothing_held
	check "$mode: by an end" seen end dax0.0 adopted '*' '*' '*' "$agent" '*' 0
	package $LONG /bin/busybox
	daxguard controller add exe=$LONG
	live
	daxguard controller remove exe=$LONG
	begun=$(counter begun)
	check "$mode: removed, it changes a block" changes_block obey "$(write_order online_movable)"
	check "$mode: and has adopted nothing" test "$(counter begun)" -eq "$begun"
	daxguard controller add exe=$LONG
	check "$mode: added while it runs, it changes a block" changes_block obey "$(write_order online_movable)"
	check "$mode: and has adopted the device" agent_holds
	die
}

# A file of two paths: what runs it has begun by one of them.
two_paths()
{
	ln -f $LONG /opt/agent/other
	live
	check "$mode: another path of its file is allowed while it runs" daxguard allow add exe=/opt/agent/other
	check "$mode: it changes a block" changes_block obey "$(write_order online_movable)"
	check "$mode: and is the program that it was" agent_holds
	die
	daxguard allow remove exe=/opt/agent/other
	rm /opt/agent/other
}

# Away from another driver, for kmem comes next.
another_driver()
{
	daxguard unplug dax0.0 && dax_bind dax0.0 device_dax || return 1
	live
	check "$mode: it takes a device from another driver than kmem" obey "echo dax0.0 >$DAX/drivers/device_dax/unbind"
	check "$mode: which has none now" test ! -e $DAX/devices/dax0.0/driver
	check "$mode: and has adopted it" agent_holds
	stranger dgprobe attempt write $DAX/drivers/device_dax/bind dax0.0
	check "$mode: nobody else may bind it" test ! -e $DAX/devices/dax0.0/driver
	die
	dax_bind dax0.0 kmem && daxguard online dax0.0
}

# --- how long ---

still_held_after()
{
	_until=$(($(uptime_s) + $1))
	while [ "$(uptime_s)" -le $_until ]; do
		agent_holds || return 1
	done
}

# By the agent or its child: where the agent was idle while the page was pinned, the child has adopted it.
somebody_holds_after()
{
	_until=$(($(uptime_s) + $1))
	while [ "$(uptime_s)" -le $_until ]; do
		! nothing_held || return 1
	done
}

keeps_trying()
{
	[ "$(failed_migrations)" -gt "$tried" ]
}

lasting()
{
	live
	daxguard policy set dax0.0 idle=0 max_hold=2
	expired=$(counter expired)
	: >/tmp/events
	check "$mode: the agent adopts" changes_block obey "$(write_order online_movable)"
	check "$mode: the longest hold ends it" wait_for 60 nothing_held
	check "$mode: that is counted" test "$(counter expired)" -eq $((expired + 1))
	check "$mode: and an event" seen expired dax0.0 adopted '*' '*' '*' '*' '*' '*'
	check "$mode: others may change it then" others_change
	daxguard policy set dax0.0 idle=1 max_hold=600
	: >/tmp/events
	pin_block "$MEMORY/memory$spare"
	tried=$(failed_migrations)
	tell "$(write_order offline)"
	check "$mode: an offline keeps trying" wait_for 60 keeps_trying
	check "$mode: a change that is under way is not idle" still_held_after 3
	# the hook would be asked under the lock, which that change has
	[ "$mode" = kernel ] || check "$mode: others are refused meanwhile" refused_elsewhere
	let_go
	check "$mode: it comes to its end" wait_for 120 test -s /tmp/answer
	check "$mode: and then it is idle" wait_for 60 nothing_held
	check "$mode: which is its end, and an event" seen end dax0.0 adopted '*' '*' '*' "$agent" '*' 0
	check "$mode: others may change it then, too" others_change
	while_its_child_tries
}

# A write of no word changes nothing, and is the last that the agent has tried.
while_its_child_tries()
{
	online_block "$spare"
	check "$mode: the agent adopts once more" changes_block obey "$(write_order online_movable)"
	pin_block "$MEMORY/memory$spare"
	tried=$(failed_migrations)
	tell "{ $(write_order offline) ; } & $(write_order nonsense)"
	check "$mode: the offline of its child keeps trying" wait_for 60 keeps_trying
	check "$mode: the agent tries something else" obey "$(write_order nonsense) || true"
	check "$mode: that of its child is not idle" somebody_holds_after 4
	let_go
	check "$mode: its child's comes to its end, and then it is idle" wait_for 60 nothing_held
}

refused_elsewhere()
{
	stranger dgprobe attempt write "$MEMORY/memory$(dax_blocks dax0.0 | tail -n 1)/state" offline
	[ $? -eq 1 ]
}

# An agent that writes every few seconds: $ROUNDS times adopted, idle, free for others.
idle_rounds()
{
	free=0 round=0 begun=$(counter begun)
	while [ $round -lt "$ROUNDS" ]; do
		round=$((round + 1))
		changes_block obey "$(write_order online_movable)" && wait_for 60 nothing_held && others_change && free=$((free + 1))
	done
	note "$mode: $free of $ROUNDS times adopted, idle and free again"
	check "$mode: $ROUNDS times adopted, idle and free again" test $free -eq "$ROUNDS"
	check "$mode: each of them has begun" test "$(counter begun)" -eq $((begun + 2 * ROUNDS))
	die
	daxguard policy unset dax0.0
}

# The host's process 1 runs a shell, too: that is a controller like any other, but not there.
first_process()
{
	daxguard controller add exe=/bin/busybox >/dev/null
	rm -f /tmp/first.done
	echo "$1 $spare_file" >/tmp/first
	kill -USR1 1
	wait_for 60 test -s /tmp/first.done && [ "$(cat /tmp/first.done)" -eq 0 ] && nothing_held
	_rc=$?
	daxguard controller remove exe=/bin/busybox >/dev/null
	return $_rc
}

# in_mode MODE: with these hooks.
in_mode()
{
	mode=$1
	says 0 "$mode: load" '' daxguard load --hooks="$mode"
	[ "$_got" -eq 0 ] || return
	check "$mode: two controllers" daxguard controller add exe=$ONCE exe=$LONG
	programs
	roots
	upgrade_while_it_runs
	# with the hook alone what fails in the kernel is not asked about
	[ "$mode" != lsm ] || storms
	holds
	removed
	two_paths
	check "$mode: another driver: ready again" another_driver
	lasting
	check "$mode: process 1 changes a block, and holds nothing" changes_block first_process online_movable
	idle_rounds
	check "$mode: nothing was left undecided" test "$(counter undecided)" = 0
	[ "$mode" = lsm ] || check "$mode: nothing has slipped" test "$(counter slipped)" = 0
	check "$mode: unload" daxguard unload
}

stranger true
package $ONCE "$(command -v dgprobe)"
package $LONG /bin/busybox
in_mode lsm
if hook_ready; then
	in_mode kernel
else
	not_ok 'there is a refusal point' 'none'
fi
