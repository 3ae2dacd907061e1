# SPDX-License-Identifier: GPL-2.0-only
# Suite: auto_online_blocks belongs to the machine: plug puts back only what is still its own, and waits for nobody beyond its time.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

AUTO=$MEMORY/auto_online_blocks
ROUNDS=8

if ! dax_load || ! dax_split 2 3; then
	skip 'auto_online_blocks' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true

# Waits for plug to have it off and then writes to it, as a daemon may. Without a process for each look: it is off but shortly.
daemon()
{
	_v=''
	until [ "$_v" = offline ]; do
		read -r _v <$AUTO
	done
	echo "$1" >$AUTO && : >/tmp/wrote
}

# survives WORD: what the daemon writes while plug is at work is still there afterwards.
survives()
{
	_hits=0
	_round=0
	while [ $_round -lt $ROUNDS ]; do
		echo online >$AUTO
		rm -f /tmp/wrote
		daemon "$1" &
		_daemon=$!
		daxguard plug dax0.0 >/dev/null || return 1
		kill $_daemon 2>/dev/null
		wait $_daemon
		_value=online
		if [ -e /tmp/wrote ]; then
			_value=$1
			_hits=$((_hits + 1))
		fi
		if [ "$(line_of $AUTO)" != "$_value" ]; then
			echo "it is $(line_of $AUTO), not $_value" >&2
			return 1
		fi
		daxguard unplug dax0.0 >/dev/null || return 1
		_round=$((_round + 1))
	done
	note "$1 was written in $_hits of $ROUNDS rounds"
	[ $_hits -gt 0 ]
}

check "a daemon's write during plug is not lost" survives online_kernel
check 'also where it writes what plug has written' survives offline

# --- refused, while somebody else holds another device ---

load_or_quit
echo online >$AUTO
daxguard policy set '*' auto_online=refuse >/dev/null
# shellcheck disable=SC2016 # for that shell
stranger sh -c 'daxguard begin dax0.1 && : >/tmp/holds && until [ -e /tmp/let-go ]; do usleep 20000; done' &
holder=$!
check 'another device is held' wait_for 60 test -e /tmp/holds
note "$(daxguard status | tr '\n' ' ') $(daxguard policy list | tr '\n' ' ') $(line_of $AUTO)"
from=$(uptime_s)
says 5 'plug is refused' 'auto_online_blocks.*(busy|not done)' daxguard plug --timeout=3 dax0.0
note "plug --timeout=3 took $(($(uptime_s) - from)) s"
check 'and ends when its time is up' test $(($(uptime_s) - from)) -lt 8
check 'auto_online_blocks is as it was' grep -qx online $AUTO
two_held()
{
	[ "$(field 'transitions.#')" = 2 ]
}
daxguard plug --timeout=200 dax0.0 2>$SAID &
plug=$!
check 'plug waits' wait_for 60 two_held
kill -TERM $plug
from=$(uptime_s)
wait $plug
status=$?
note "after SIGTERM it took $(($(uptime_s) - from)) s, status $status"
check 'a signal ends it at once' test $(($(uptime_s) - from)) -lt 4
check 'with words' grep -q interrupted $SAID
check 'auto_online_blocks is still as it was' grep -qx online $AUTO
: >/tmp/let-go
wait $holder
check 'then it can be plugged' daxguard plug dax0.0
check 'it is plugged' is_plugged dax0.0 Movable
check 'auto_online_blocks is as it was at the end' wait_for 10 grep -qx online $AUTO

# --- what others bind while it is off comes online all the same ---

echo online >$AUTO
: >/tmp/come
bystander_binds()
{
	_v=''
	until [ "$_v" = offline ]; do
		read -r _v <$AUTO
	done
	dax_bind dax0.1 kmem
	read -r _v <$AUTO
	echo "$_v" >>/tmp/come
}

# bystander_online: what another binds during plug is online, as the machine's setting says.
bystander_online()
{
	_round=0
	while [ $_round -lt $ROUNDS ]; do
		bystander_binds &
		_bystander=$!
		daxguard plug dax0.0 >/dev/null || return 1
		kill $_bystander 2>/dev/null
		wait $_bystander
		if [ "$(dax_driver dax0.1)" = kmem ] && ! wait_for 10 all_are dax0.1 online; then
			dax_blocks dax0.1 | while read -r _b; do echo "memory$_b: $(block_state "$_b")" >&2; done
			return 1
		fi
		daxguard unplug dax0.0 >/dev/null && daxguard unplug dax0.1 >/dev/null || return 1
		_round=$((_round + 1))
	done
	note "bound meanwhile in $(wc -l </tmp/come) of $ROUNDS rounds"
	[ -s /tmp/come ]
}

daxguard unload >/dev/null
check 'a device that another binds during plug comes online' bystander_online
check 'auto_online_blocks is as it was after that' grep -qx online $AUTO

# --- where nothing is in the way of what is wanted, it is not touched ---

# untouched NAME COMMAND...: while another device is held, auto_online_blocks may not even be opened for writing.
untouched()
{
	_what=$1
	shift
	daxguard policy set '*' auto_online=refuse >/dev/null
	rm -f /tmp/holds /tmp/let-go
	# shellcheck disable=SC2016 # for that shell
	stranger sh -c 'daxguard begin dax0.1 && : >/tmp/holds && until [ -e /tmp/let-go ]; do usleep 20000; done' &
	holder=$!
	check "$_what: another device is held" wait_for 60 test -e /tmp/holds
	says 0 "$_what" '' "$@"
	: >/tmp/let-go
	wait $holder
}

load_or_quit
echo online_movable >$AUTO
untouched 'a value that suits stays' daxguard plug --timeout=5 dax0.0
check 'it is plugged in Movable' is_plugged dax0.0 Movable
check 'unplug it' daxguard unplug dax0.0
echo online_kernel >$AUTO
untouched 'so does the one for the kernel' daxguard plug --timeout=5 --zone=kernel dax0.0
check 'it is plugged in Normal' is_plugged dax0.0 Normal
check 'unplug it again' daxguard unplug dax0.0
daxguard unload >/dev/null
echo online >$AUTO
check 'the kernel hook is there' hook_ready
says 0 'load with it' '' daxguard load --hooks=kernel
untouched 'the guard holds the new blocks for their owner' daxguard plug --timeout=5 -j dax0.0 >/tmp/plugged
check 'it is plugged in Movable by that' is_plugged dax0.0 Movable
# each change of a block is told: one that had come online by itself would have gone offline first
check 'no block came online by itself' test "$(grep -c '"state":"offline"' /tmp/plugged)" = 0
check 'unplug it once more' daxguard unplug dax0.0
check 'a bind by anybody else' dax_bind dax0.0 kmem
check 'brings its blocks online as ever' wait_for 10 all_are dax0.0 online
