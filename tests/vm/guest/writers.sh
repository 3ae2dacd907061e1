# SPDX-License-Identifier: GPL-2.0-only
# Functions for suites that set dgprobe's writers on a block; sourced after lib.sh.
# shellcheck shell=sh disable=SC2154 # MEMORY is from lib.sh

# shellcheck disable=SC2034 # for the suites
METHODS='write pwrite writev pwritev pwritev2 thread sendfile splice copy_file_range aio iouring iouring-fixed-buffer
	iouring-registered-file iouring-sqpoll proc-self-fd scm-rights pidfd-getfd symlink bind-mount second-sysfs'
# shellcheck disable=SC2034
SLOW_METHODS='uffd uffd-pwritev uffd-aio uffd-iouring uffd-thread splice sendfile'
# shellcheck disable=SC2034
TREE='child grandchild orphan double-orphan thread exec-thread'

GO=/tmp/go.$$

# state_is BLOCK STATE
state_is()
{
	[ "$(block_state "$1")" = "$2" ]
}

# offline_block BLOCK: takes it offline if it is not, not by way of what is being tested.
offline_block()
{
	state_is "$1" offline || echo offline >"$MEMORY/memory$1/state"
}

# online_block BLOCK: the same the other way, into the movable zone.
online_block()
{
	state_is "$1" online || echo online_movable >"$MEMORY/memory$1/state"
}

# first_of DEV: prints the number of its first block.
first_of()
{
	dax_blocks "$1" | head -n 1
}

# kmem_offline DEV: in kmem, all its blocks offline.
kmem_offline()
{
	dax_to_kmem "$1" && offline_all "$1"
}

# busy COMMAND...: the word of dgprobe and dgprobe32 for EBUSY is the exit status 1.
busy()
{
	"$@"
	_status=$?
	[ $_status -eq 1 ] || {
		echo "exit status $_status, not 1 (EBUSY)" >&2
		return 1
	}
}

# ready_device: dax0.0 in kmem, all blocks in the movable zone; sets $spare to one in the middle, so that a plain "online" finds that
# zone too, and $spare_file to its "state". Returns 1 if that cannot be had.
ready_device()
{
	dax_to_kmem dax0.0 || return 1
	for _b in $(dax_blocks dax0.0); do
		state_is "$_b" online || echo online_movable >"$MEMORY/memory$_b/state" || return 1
	done
	spare=$(dax_blocks dax0.0 | sed -n 3p)
	spare_file=$MEMORY/memory$spare/state
	[ -e "$spare_file" ]
}

# start VERB METHOD FILE WORD: dgprobe in the background, process $writer (for others, $writer_pid); returns when it is ready for go.
start()
{
	start_from '' "$@"
}

# start_from SOCKET VERB METHOD FILE WORD: the same below the agent at SOCKET; where that is empty, below this shell.
start_from()
{
	_agent=$1
	shift
	rm -f "$GO" "$GO.ready"
	if [ -n "$_agent" ]; then
		dgprobe ask "$_agent" dgprobe "$@" "$GO" &
	else
		dgprobe "$@" "$GO" &
	fi
	writer=$!
	wait_for 60 test -e "$GO.ready" || not_ok "$* is ready" 'not within 60 s'
	writer_pid=$(cat "$GO.ready")
}

# go: lets what start has started go on.
go()
{
	: >"$GO"
}

# ended_with N: waits for what start has started. Returns 1 if its exit status, in $_status, is not N.
ended_with()
{
	wait "$writer"
	_status=$?
	[ "$_status" -eq "$1" ] || {
		echo "exit status $_status, not $1" >&2
		return 1
	}
}

# pin_block DIRECTORY...: keeps a page of one of these blocks, so that it cannot go offline, until let_go.
pin_block()
{
	rm -f /tmp/unpin /tmp/unpin.ready
	dgprobe pin /tmp/unpin "$@" &
	pinner=$!
	wait_for 120 test -e /tmp/unpin.ready || not_ok 'a page is kept' 'not within 120 s'
}

# failed_migrations: prints a number that grows for as long as an offline keeps trying to move a page that is kept.
failed_migrations()
{
	sed -n 's/^pgmigrate_fail //p' /proc/vmstat
}

# let_go: ends what pin_block began.
let_go()
{
	: >/tmp/unpin
	wait "$pinner"
}

# deny_block BLOCK online|offline|kernel|movable: has that step of the block answer an error, whoever asks, or going online in that
# zone, until allow_block. One block for each. For a zone it prints in the end how often it was asked about each. Returns 1 if that
# cannot be had.
deny_block()
{
	rm -f "/tmp/deny.$2" "/tmp/deny.$2.ready"
	dgprobe deny "$1" "$2" "/tmp/deny.$2" &
	deniers="${deniers:-} $!"
	wait_for 120 test -e "/tmp/deny.$2.ready"
}

# allow_block: ends what deny_block began, for all of them.
allow_block()
{
	for _what in online offline kernel movable; do
		: >/tmp/deny.$_what
	done
	# shellcheck disable=SC2086 # words
	wait $deniers
	deniers=
}
