# SPDX-License-Identifier: GPL-2.0-only
# Suite: from one layout of the pins to the next without a gap, the way back refused, and a step cut short is finished.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

V1=$PINS/v1
V2=$PINS/v2

if ! dax_load || ! dax_split 2 3 || ! dax_to_kmem dax0.1 || ! ready_device; then
	skip 'the next layout' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true

# Writes as fast as it can until told to stop, and notes what came through.
hammer()
{
	rm -f /tmp/stop /tmp/through
	: >/tmp/tries
	# shellcheck disable=SC2016 # for that shell
	stranger sh -c 'until [ -e /tmp/stop ]; do echo >>/tmp/tries; echo online 2>/dev/null >'"$spare_file"' && echo >>/tmp/through; done' 2>/dev/null &
	hammer=$!
}

hammered()
{
	: >/tmp/stop
	wait $hammer
	[ -s /tmp/tries ] && [ ! -e /tmp/through ]
}

next_field()
{
	daxguard-next status -j | dgprobe json "$@"
}

both_held()
{
	[ "$(field 'transitions.#')" = 2 ]
}

one_held()
{
	[ "$(next_field 'transitions.#')" = 1 ]
}

# back_refused NAME ARG...: the older command, while the newer guard is there.
back_refused()
{
	_back=$1
	shift
	installed >/tmp/pins-before
	says 1 "back: $_back" "a newer daxguard has loaded the guard \('$V2'\): use that one, or run its 'daxguard unload' first" daxguard "$@"
	installed >/tmp/pins-after
	check "back: $_back: nothing is changed" cmp -s /tmp/pins-before /tmp/pins-after
}

# --- up ---

load_or_quit
daxguard policy set dax0.1 max_hold=321 >/dev/null
offline_block "$spare"
check 'dax0.0 is held' daxguard begin dax0.0
refused_block stranger dgprobe attempt write "$spare_file" online
refused=$(counter refused)
daxguard run dax0.1 -- sh -c 'until [ -e /tmp/let-go ]; do usleep 20000; done' &
run=$!
check 'dax0.1 is held by a run' wait_for 60 both_held
hammer
says 0 'the next layout is loaded' '' daxguard-next load --hooks=lsm >/tmp/load
check 'it says that it took over' grep -qx 'replaced by this version' /tmp/load
check 'nobody came through on the way' hammered
check 'its pins are there' test -e $V2/links/daxguard_file_permission
check 'the older ones are a name for them' test "$(readlink $V1)" = v2
check 'there is one set of programs' test "$(bpftool prog show | grep -c 'name daxguard_file_o')" -eq 1
check 'what was held is held' test "$(next_field 'transitions.#')" = 2
check 'and refused' refused_block stranger dgprobe attempt write "$spare_file" online
check 'the counters go on' test "$(next_field counters.refused)" -gt "$refused"
check 'the policy goes on' grep -q '^dax0.1 .* 321' <<-END
	$(daxguard-next policy list)
END
: >/tmp/let-go
wait $run
expect_status 0 'a run that began before lets go' test $? -eq 0
check 'dax0.1 is free' wait_for 10 one_held
check 'by its own word, not by its death' test "$(next_field counters.released)" = 0

# --- back ---

back_refused status status
back_refused load load
back_refused unload unload
back_refused begin begin dax0.1
back_refused 'policy list' policy list
expect_status 3 'back: check' daxguard check
says 0 'the newer one lets dax0.0 go' '' daxguard-next end dax0.0
says 0 'the newer one unloads' '' daxguard-next unload
check 'nothing is left, nor the older name' wait_for 60 nothing_left

# --- cut short ---

for ms in 50 150 300 450 600 800; do
	load_or_quit
	offline_block "$spare"
	daxguard begin dax0.0 >/dev/null
	hammer
	daxguard-next load --hooks=lsm >/dev/null 2>&1 &
	pid=$!
	usleep ${ms}000
	kill -KILL $pid 2>/dev/null
	wait $pid
	says 0 "cut short after $ms ms: load finishes it" '' daxguard-next load --hooks=lsm
	check "cut short after $ms ms: nobody came through" hammered
	check "cut short after $ms ms: one set of pins" test ! -d $V1 -o -h $V1
	check "cut short after $ms ms: it is held" test "$(next_field transitions.0.device)" = dax0.0
	daxguard-next end dax0.0 >/dev/null
	daxguard-next unload >/dev/null
done
says 0 'the older one loads again' '' daxguard load --hooks=lsm
check 'it works' daxguard begin dax0.0
