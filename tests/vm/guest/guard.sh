# SPDX-License-Identifier: GPL-2.0-only
# Functions for suites about a loaded guard: a stranger who writes, what status says, what a command said; sourced after writers.sh.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh and writers.sh

AGENT=/tmp/agent
SAID=/tmp/said
PINS=/sys/fs/bpf/daxguard

# stranger COMMAND...: runs it below nobody's tree, that of an agent which was there before anything was held. Returns its exit status.
# In the background, $! would be this function: say dgprobe ask.
stranger()
{
	[ -S $AGENT ] || dgprobe agent $AGENT
	dgprobe ask $AGENT "$@"
}

# says N NAME REGEX COMMAND...: the check NAME passes if the command exits with N and says on stderr, which stays in $SAID, one line
# that matches REGEX, or nothing where REGEX is "". The command's exit status is in $_got.
says()
{
	_want=$1
	_name=$2
	_regex=$3
	shift 3
	run_command "$@" 2>$SAID
	_wanted="exit status $_want, and on stderr nothing"
	[ -z "$_regex" ] || _wanted="exit status $_want, and on stderr one line that matches '$_regex'"
	if [ "$_got" -ne "$_want" ]; then
		_wrong="exit status $_got, not $_want ($(tr '\n' ' ' <$SAID))"
	elif [ -z "$_regex" ] && [ -s $SAID ]; then
		_wrong="said $(tr '\n' ' ' <$SAID)"
	elif [ -n "$_regex" ] && { [ "$(wc -l <$SAID)" -ne 1 ] || ! grep -Eq "$_regex" $SAID; }; then
		_wrong="said '$(tr '\n' ' ' <$SAID)', not one line with '$_regex'"
	else
		ok "$_name"
		return
	fi
	fail_command "$_name" "$_wrong" "$_wanted" "exit status $_got, and on stderr $(wc -l <$SAID) lines" "$@"
}

# patched: is this a kernel with the patches of kernel/patches? tests/kernel/build names it so.
patched()
{
	uname -r | grep -q -- -daxguard-patched
}

# hook_ready: the refusal point under the lock is there, the patched kernel's own or the module's.
hook_ready()
{
	patched || insmod /lib/daxguard_hook.ko
}

# load_or_quit: loads the guard, or ends the suite: without it everything would fail for one reason.
load_or_quit()
{
	says 0 'load' '' daxguard load --hooks=lsm
	[ "$_got" -eq 0 ] || exit 0
}

# field PATH...: prints what "daxguard status -j" has at these paths, separated by tabs; PATH as in transitions.0.device.
field()
{
	daxguard status -j | dgprobe json "$@"
}

# counter NAME: prints that counter of daxguard status.
counter()
{
	field "counters.$1"
}

# nothing_held: there is no transition.
nothing_held()
{
	[ "$(field 'transitions.#')" = 0 ]
}

# something_held: there is one, also while its begin still waits for writers.
something_held()
{
	[ "$(field 'transitions.#')" = 1 ]
}

# within_a_second COMMAND...: as wait_for 1, but on a busy host, where one look takes long, for ten looks.
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

# holder_is DEVICE KIND PID: the first transition of daxguard status is that one.
holder_is()
{
	[ "$(field transitions.0.device transitions.0.kind transitions.0.owner.pid)" = "$(printf '%s\t%s\t%s' "$@")" ]
}

# nothing_armed: the guard looks at nothing, for no file is open that could change a device, and there is no transition.
nothing_armed()
{
	[ "$(bpftool map dump pinned $PINS/v1/maps/state | sed -n 's/.*"armed": \([0-9]*\).*/\1/p')" = 0 ]
}

# installed: prints all that daxguard has in the kernel, and what else there is in its place, to be compared before and after.
installed()
{
	find /sys/fs/bpf -mindepth 1 -exec stat -c '%i %n' {} + | sort -k 2
	bpftool prog show | grep -o '^[0-9]*: .* name daxguard[^ ]*'
	bpftool map show | grep -o '^[0-9]*: .* name daxguard[^ ]*'
	bpftool link show | grep -o '^[0-9]*: [a-z]*'
}

# nothing_left: nothing of it is there any more. To be waited for: the kernel frees programs and maps a while after their last pin.
nothing_left()
{
	[ -z "$(installed)" ]
}

# changes_block COMMAND...: takes the block $spare offline, then has the command online it.
changes_block()
{
	offline_block "$spare" && "$@" && state_is "$spare" online
}

# refused_block COMMAND...: the command, which is to online the block $spare, gets EBUSY and leaves it offline.
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

# ended_with_status: waits for what start has started and returns its exit status.
ended_with_status()
{
	wait "$writer"
}

# take_events: prints the events since it was last called, as JSON. Where the guard has been unloaded since, all that there are.
take_events()
{
	read -r _history _from 2>/dev/null </tmp/taken
	_pin=$(stat -c %i $PINS/v1/maps/history)
	[ "$_history" = "$_pin" ] || _from=1
	daxguard events -j --since=seq:"$_from" >/tmp/taken.events
	_last=$(tail -n 1 /tmp/taken.events | dgprobe json seq)
	echo "$_pin $((${_last:-$((_from - 1))} + 1))" >/tmp/taken
	cat /tmp/taken.events
}

# collect_events: adds the events since the last take_events to /tmp/events.
collect_events()
{
	take_events >>/tmp/events
}

# event_seen VALUES: /tmp/events has a line with these values, in the order event, device, kind, block, file, hook, pid, comm,
# result; '*' for any.
event_seen()
{
	_line="^$(echo "$*" | sed 's/\./\\./g; s/\*/[^\\t]*/g; s/ /\\t/g')\$"
	dgprobe json event device kind block file hook pid comm result </tmp/events | grep -Eq "$(printf '%b' "$_line")"
}

# policy_of DEVICE KEY: prints what policy list has for it, '' where the device has no entry; KEY may be origin.KEY.
policy_of()
{
	_i=0
	while :; do
		_device=$(daxguard policy list -j | dgprobe json $_i.device 2>/dev/null) || return
		[ -n "$_device" ] || return
		[ "$_device" != "$1" ] || break
		_i=$((_i + 1))
	done
	daxguard policy list -j | dgprobe json "$_i.$2"
}

# policy_has DEVICE KEY WORD
policy_has()
{
	_is=$(policy_of "$1" "$2")
	[ "$_is" = "$3" ] || {
		echo "$2 of $1 is '$_is'" >&2
		return 1
	}
}
