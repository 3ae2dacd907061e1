# SPDX-License-Identifier: GPL-2.0-only
# Functions for suites that look at what is shown on a terminal; sourced after guard.sh.
# shellcheck shell=sh disable=SC2154 # variables of the suites

SCREEN=/tmp/screen
ORDERS=/tmp/orders

mkdir -p /dev/pts
grep -q ' /dev/pts ' /proc/mounts || mount -t devpts devpts /dev/pts

# top_begin SIZE WORD...: daxguard top on a terminal of that size, process $top; what it shows is in $SCREEN, all that it wrote there
# in $SCREEN.raw.
top_begin()
{
	[ -p $ORDERS ] || mkfifo $ORDERS
	: >$SCREEN
	_size=$1
	shift
	dgprobe screen "$_size" $ORDERS $SCREEN daxguard top "$@" &
	top=$!
}

# press TEXT: types it there.
press()
{
	echo "type $1" >$ORDERS
}

# shows REGEX: a line of it matches.
shows()
{
	grep -Eq -- "$1" $SCREEN
}

# shows_not REGEX
shows_not()
{
	! shows "$1"
}

# check_shows NAME REGEX: within a minute. Shows what is there where it is not that.
check_shows()
{
	check "$1" wait_for 60 shows "$2" || show screen $SCREEN
}

# check_gone NAME REGEX
check_gone()
{
	check "$1" wait_for 60 shows_not "$2" || show screen $SCREEN
}

# top_end: leaves it. Returns its exit status.
top_end()
{
	press q
	wait "$top"
}
