# SPDX-License-Identifier: GPL-2.0-only
# Functions for suites about a loaded guard: a stranger who writes, what status says, what a command said; sourced after writers.sh.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh and writers.sh

AGENT=/tmp/agent
SAID=/tmp/said
PINS=/sys/fs/bpf/daxguard

# stranger COMMAND...: below nobody's tree, started before anything is held. In the background, $! would be this function: say dgprobe ask.
stranger()
{
	[ -S $AGENT ] || dgprobe agent $AGENT
	dgprobe ask $AGENT "$@"
}

# says N NAME REGEX COMMAND...: it exits with N and says one sentence on stderr, or nothing where REGEX is "".
says()
{
	_want=$1
	_name=$2
	_regex=$3
	shift 3
	"$@" 2>$SAID
	_got=$?
	if [ "$_got" -ne "$_want" ]; then
		not_ok "$_name" "exit status $_got, not $_want ($(tr '\n' ' ' <$SAID))"
	elif [ -z "$_regex" ] && [ -s $SAID ]; then
		not_ok "$_name" "said $(tr '\n' ' ' <$SAID)"
	elif [ -n "$_regex" ] && { [ "$(wc -l <$SAID)" -ne 1 ] || ! grep -Eq "$_regex" $SAID; }; then
		not_ok "$_name" "said '$(tr '\n' ' ' <$SAID)', not one line with '$_regex'"
	else
		ok "$_name"
	fi
}

# A kernel with the patches of kernel/patches: tests/kernel/build names it so.
patched()
{
	uname -r | grep -q -- -daxguard-patched
}

# The refusal point under the lock: the patched kernel's own, or the module's.
hook_ready()
{
	patched || insmod /lib/daxguard_hook.ko
}

# Loads the guard, or ends the suite: without it everything would fail for one reason.
load_or_quit()
{
	says 0 'load' '' daxguard load --hooks=lsm
	[ "$_got" -eq 0 ] || exit 0
}

# field PATH...: of daxguard status
field()
{
	daxguard status -j | dgprobe json "$@"
}

counter()
{
	field "counters.$1"
}

nothing_held()
{
	[ "$(field 'transitions.#')" = 0 ]
}

# Also while begin still waits for writers.
something_held()
{
	[ "$(field 'transitions.#')" = 1 ]
}

# within_a_second COMMAND...: polls until the command succeeds; on a busy host, where one look takes long, for ten looks.
within_a_second()
{
	_end=$(($(uptime_s) + 1))
	_looks=0
	until "$@"; do
		_looks=$((_looks + 1))
		if [ "$(uptime_s)" -gt "$_end" ] && [ $_looks -ge 10 ]; then
			return 1
		fi
		usleep 20000
	done
}

# holder_is DEVICE KIND PID
holder_is()
{
	[ "$(field transitions.0.device transitions.0.kind transitions.0.owner.pid)" = "$(printf '%s\t%s\t%s' "$@")" ]
}

# An idle guard looks at nothing: no file open that could change a device, no write on its way, no transition.
nothing_armed()
{
	[ "$(bpftool map dump pinned $PINS/v1/maps/state | sed -n 's/.*"armed": \([0-9]*\).*/\1/p')" = 0 ]
}

# All that daxguard has in the kernel, and what else there is in its place, to be compared before and after.
installed()
{
	find /sys/fs/bpf -mindepth 1 -exec stat -c '%i %n' {} + | sort -k 2
	bpftool prog show | grep -o '^[0-9]*: .* name daxguard[^ ]*'
	bpftool map show | grep -o '^[0-9]*: .* name daxguard[^ ]*'
	bpftool link show | grep -o '^[0-9]*: [a-z]*'
}

# The kernel frees programs and maps a while after the last pin or link is gone: to be waited for.
nothing_left()
{
	[ -z "$(installed)" ]
}

# changes_block COMMAND...: the block is offline, the command lets it be online.
changes_block()
{
	offline_block "$spare" && "$@" && state_is "$spare" online
}

# refused_block COMMAND...: the command gets EBUSY and the block is as it was.
refused_block()
{
	"$@"
	_status=$?
	if [ $_status -ne 1 ]; then
		echo "exit status $_status, not 1 (EBUSY)" >&2
		return 1
	fi
	state_is "$spare" offline
}

# The exit status of what start has started, as the status of a command.
ended_with_status()
{
	wait "$writer"
}

# Takes the events out of the buffer, adds them to /tmp/events.
collect_events()
{
	daxguard events -j >>/tmp/events
}

# event_seen VALUES: a line with these, in the order event, device, kind, block, file, hook, pid, comm, result; '*' for any.
event_seen()
{
	_line="^$(echo "$*" | sed 's/\./\\./g; s/\*/[^\\t]*/g; s/ /\\t/g')\$"
	dgprobe json event device kind block file hook pid comm result </tmp/events | grep -Eq "$(printf '%b' "$_line")"
}
