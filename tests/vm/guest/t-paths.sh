# SPDX-License-Identifier: GPL-2.0-only
# Suite: the path matrix: every path to a block while a transition is held, with the hooks lsm, kernel and both.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

# thread and pwritev are the same kernel path as write and pwritev2: t-guard has them.
METHODS=$(echo $METHODS | sed 's/ thread / /; s/ pwritev / /')

# The rows whose writer is a process of its own that does it all while the transition is held.
ROWS="$METHODS online-1 online-0 loop"
CONFIGFS=/sys/kernel/config

# Sets up how this machine reaches its own target, and prints that for a host. Kernels of our own have no TCP, Debian's 6.1 no nvme-loop.
nvme_transport()
{
	if modprobe nvme-loop; then
		echo loop >$CONFIGFS/nvmet/ports/1/addr_trtype
		echo transport=loop
	else
		modprobe -a nvmet-tcp nvme-tcp && ip link set lo up || return 1
		echo tcp >$CONFIGFS/nvmet/ports/1/addr_trtype
		echo ipv4 >$CONFIGFS/nvmet/ports/1/addr_adrfam
		echo 127.0.0.1 >$CONFIGFS/nvmet/ports/1/addr_traddr
		echo 4420 >$CONFIGFS/nvmet/ports/1/addr_trsvcid
		echo transport=tcp,traddr=127.0.0.1,trsvcid=4420
	fi
}

# Blocks of a device are written by the kernel's own threads here; both sides of the connection are this machine.
nvmet_up()
{
	modprobe nvmet || return 1
	mount -t configfs none $CONFIGFS
	mkdir $CONFIGFS/nvmet/subsystems/dg $CONFIGFS/nvmet/subsystems/dg/namespaces/1 $CONFIGFS/nvmet/ports/1 || return 1
	echo 1 >$CONFIGFS/nvmet/subsystems/dg/attr_allow_any_host
	echo "$1" >$CONFIGFS/nvmet/subsystems/dg/namespaces/1/device_path
	# sysfs does not know O_DIRECT
	echo 1 >$CONFIGFS/nvmet/subsystems/dg/namespaces/1/buffered_io
	echo 1 >$CONFIGFS/nvmet/subsystems/dg/namespaces/1/enable || return 1
	_transport=$(nvme_transport) || return 1
	ln -s $CONFIGFS/nvmet/subsystems/dg $CONFIGFS/nvmet/ports/1/subsystems/dg || return 1
	echo "$_transport,nqn=dg" >/dev/nvme-fabrics || return 1
	wait_for 10 test -b /dev/nvme0n1
}

# by_row ROW: the change that this row is about, by a stranger.
by_row()
{
	case $1 in
	online-[01]) stranger dgprobe attempt write "$MEMORY/memory$spare/online" "${1#online-}" ;;
	nvmet) stranger dgprobe attempt sector /dev/nvme0n1 online ;;
	*) stranger dgprobe attempt "$1" "$spare_file" online ;;
	esac
}

# before_row ROW: the block as it is before the row, $was, and as the row would make it, $would_be.
before_row()
{
	was=offline would_be=online
	if [ "$1" = online-0 ]; then
		was=online would_be=offline
		online_block "$spare"
	else
		offline_block "$spare"
	fi
}

row_changes()
{
	before_row "$1"
	by_row "$1" && state_is "$spare" $would_be
}

# EBUSY, or EIO where a block device stands in between and has no other word.
row_is_refused()
{
	before_row "$1"
	by_row "$1" 2>/tmp/row
	_status=$?
	cat /tmp/row >&2
	case $1-$_status in
	*-1) ;;
	loop-3 | nvmet-3) grep -q EIO /tmp/row || return 1 ;;
	*)
		echo "exit status $_status, not EBUSY" >&2
		return 1
		;;
	esac
	state_is "$spare" $was
}

# The paths on which no LSM is asked: they are the reason for the kernel hook.
unseen_by_lsm()
{
	case $1 in
	nvmet) ;;
	# since "loop: use vfs_iter_write only where needed", 6.12.y and later
	loop) [ "$(uname -r | cut -d. -f1,2)" != 6.1 ] ;;
	*) return 1 ;;
	esac
}

# enter ROW MODE WORD: a field of the matrix.
enter()
{
	echo "$3" >"/tmp/matrix/$1.$2"
}

# From one writer there is one event a second.
event_is_due()
{
	[ "$(uptime_s)" -ge $((slipped_at + 2)) ]
}

row_slips()
{
	wait_for 10 event_is_due
	_before=$(counter slipped)
	collect_events
	: >/tmp/events
	row_changes "$1" || return 1
	slipped_at=$(uptime_s)
	collect_events
	[ "$(counter slipped)" -eq $((_before + 1)) ] &&
		event_seen slipped dax0.0 declared "$spare" online observer '*' 'kworker*' 0
}

held_row()
{
	if [ $mode = lsm ] && unseen_by_lsm "$1"; then
		if check "$mode: $1: slips, which is reported with who and which block" row_slips "$1"; then
			enter "$1" $mode slipped
			slips=$((slips + 1))
		fi
	elif check "$mode: $1: refused" row_is_refused "$1"; then
		enter "$1" $mode refused
	fi
}

# An open file that was there before the transition.
row_opened_before()
{
	offline_block "$spare"
	start_from $AGENT attempt-held write "$spare_file" online
	[ "$1" = free ] || daxguard begin dax0.0 || not_ok "$mode: begin with a file open" "$?"
	go
	if [ "$1" = free ]; then
		ended_with 0 && state_is "$spare" online
	else
		refused_block ended_with_status
	fi
}

# A splice that has been checked and sleeps for its first byte, when the transition is to begin.
splice_lands_when_free()
{
	offline_block "$spare"
	start_from $AGENT slow splice "$spare_file" online
	go
	ended_with 0 && state_is "$spare" online
}

# Only the LSM: the transition begins behind the splice, or not at all.
begin_fails_at_timeout()
{
	offline_block "$spare"
	start_from $AGENT slow splice "$spare_file" online
	daxguard begin --timeout=1 dax0.0
	[ $? -eq 1 ] && nothing_held && state_is "$spare" offline
}

# The transition and the splice of above, whichever goes first; what the block says once it has begun is in $begun_with.
begin_and_go()
{
	(
		daxguard begin --timeout=120 --owner=$$ dax0.0 || exit 1
		block_state "$spare" >/tmp/begun_with
	) &
	_beginner=$!
	wait_for 30 something_held
	go
	wait "$writer"
	_status=$?
	wait $_beginner || return 1
	begun_with=$(cat /tmp/begun_with)
	echo "splice: exit status $_status, block: $begun_with, now $(block_state "$spare")" >&2
}

ended_as()
{
	[ "$_status" -eq "$1" ] && state_is "$spare" "$2"
}

# 6.1 asks the LSM for every batch, and so refuses it; others let it land, and begin comes after that.
splice_stays_out()
{
	begin_and_go && [ "$begun_with" = "$(block_state "$spare")" ] &&
		{ ended_as 0 online || ended_as 1 offline; }
}

splice_is_refused()
{
	offline_block "$spare"
	start_from $AGENT slow splice "$spare_file" online
	begin_and_go && ended_as 1 offline
}

row_splice_before()
{
	check "$mode: splice-before: lands when nothing is held" splice_lands_when_free
	if [ $mode = lsm ]; then
		check 'lsm: splice-before: begin fails at its timeout' begin_fails_at_timeout
		check 'lsm: splice-before: it cannot land in the transition' splice_stays_out && enter splice-before $mode waited-for
	else
		check "$mode: splice-before: refused when it lands" splice_is_refused && enter splice-before $mode refused
	fi
	daxguard end dax0.0
}

column()
{
	mode=$1
	slips=0
	slipped_at=0
	says 0 "$mode: load" '' daxguard load --hooks="$mode"
	[ "$_got" -eq 0 ] || return
	for row in $ROWS; do
		check "$mode: $row: changes the block when nothing is held" row_changes "$row"
	done
	says 0 "$mode: begin" '' daxguard begin dax0.0
	for row in $ROWS; do
		held_row "$row"
	done
	daxguard end dax0.0
	check "$mode: opened-before: changes the block when nothing is held" row_opened_before free
	check "$mode: opened-before: refused" row_opened_before held && enter opened-before "$mode" refused
	daxguard end dax0.0
	row_splice_before
	check "$mode: $slips changes have slipped" test "$(counter slipped)" = $slips
	check "$mode: nothing was left undecided" test "$(counter undecided)" = 0
	check "$mode: unload" daxguard unload
}

cell()
{
	cat "/tmp/matrix/$1.$2" 2>/dev/null || echo FAILED
}

if ! dax_load || ! ready_device; then
	not_ok 'a dax device' 'there is none'
	exit 0
fi
mkdir /tmp/matrix
stranger true
modprobe loop
check 'there is a refusal point' hook_ready
if check 'nvmet: a namespace over the file' nvmet_up "$spare_file"; then
	ROWS="$ROWS nvmet"
fi
for column in lsm kernel both; do
	column $column
done
note "$(printf '%-24s %-11s %-11s %s' path lsm kernel both)"
for row in $ROWS opened-before splice-before; do
	note "$(printf '%-24s %-11s %-11s %s' "$row" "$(cell "$row" lsm)" "$(cell "$row" kernel)" "$(cell "$row" both)")"
done
