# SPDX-License-Identifier: GPL-2.0-only
# Functions for guest scripts: reporting to the host, waiting, and moving dax devices about.
# shellcheck shell=sh

DAX=/sys/bus/dax
MEMORY=/sys/devices/system/memory

# --- reporting: one line each, to the results port and the console ---

report()
{
	echo "$*" >/dev/ttyS1
	echo "$*" >/dev/console
}

ok()
{
	report "ok - $1"
}

not_ok()
{
	report "not ok - $1: $2"
}

skip()
{
	report "skip - $1: $2"
}

note()
{
	report "# $*"
}

# expect_status N NAME COMMAND...: ok if the command exits with N, else its status and its last words; succeeds if ok.
expect_status()
{
	_want=$1
	_name=$2
	shift 2
	"$@" 2>/tmp/stderr.$$
	_got=$?
	cat /tmp/stderr.$$ >&2
	if [ "$_got" -eq "$_want" ]; then
		ok "$_name"
	else
		not_ok "$_name" "exit status $_got, not $_want ($(tail -n 1 /tmp/stderr.$$))"
		return 1
	fi
}

# check NAME COMMAND...
check()
{
	expect_status 0 "$@"
}

# line_of FILE: its first line. The suites look so often that a process for each look would be a good part of their time.
line_of()
{
	read -r _first <"$1" && echo "$_first"
}

uptime_s()
{
	read -r _up </proc/uptime
	echo "${_up%%.*}"
}

# wait_for SECONDS COMMAND...: polls until the command succeeds.
wait_for()
{
	_until=$(($(uptime_s) + $1))
	shift
	until "$@"; do
		if [ "$(uptime_s)" -ge "$_until" ]; then
			return 1
		fi
		usleep 20000
	done
}

# boot_number NAME DEFAULT: the number that NAME=N has on the kernel's command line.
boot_number()
{
	_n=$(sed -n "s/.*$1=\([0-9]*\).*/\1/p" /proc/cmdline)
	echo "${_n:-$2}"
}

# random N: sets $drawn to the next number below N, the same ones in each run; from $seed.
random()
{
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	# shellcheck disable=SC2034 # for the caller
	drawn=$((seed / 65536 % $1))
}

# Where the kernel looks for memory that nobody refers to any more.
LEAKS=/sys/kernel/debug/kmemleak

no_leak()
{
	# the first scan finds what is only just allocated
	echo scan >$LEAKS && echo scan >$LEAKS && cat $LEAKS >&2 && ! grep -q unreferenced $LEAKS
}

check_leaks()
{
	if [ -e $LEAKS ]; then
		check 'kmemleak finds nothing' no_leak
	else
		skip 'kmemleak' "this kernel is built without it: $(uname -r)"
	fi
}

# Each line of a file, as it is.
note_lines()
{
	while IFS= read -r _line; do
		note "$_line"
	done <"$1"
}

# --- drivers ---

# The driver a device is bound to, or "none".
dax_driver()
{
	_driver=$(readlink "$DAX/devices/$1/driver" || echo none)
	echo "${_driver##*/}"
}

dax_load()
{
	for _m in device_dax dax_hmem kmem; do
		modprobe "$_m" || return 1
	done
	wait_for 10 test -e $DAX/devices/dax0.0
}

dax_unbind()
{
	_drv=$(dax_driver "$1")
	if [ "$_drv" = none ]; then
		return 0
	fi
	# An id left behind would make the driver claim the device again.
	echo "$1" >"$DAX/drivers/$_drv/remove_id" 2>/dev/null
	echo "$1" >"$DAX/drivers/$_drv/unbind"
}

# new_id makes the driver look for the device at once; where the id was known already it takes a bind.
dax_bind()
{
	echo "$1" >"$DAX/drivers/$2/new_id" 2>/dev/null
	if [ "$(dax_driver "$1")" != "$2" ]; then
		echo "$1" >"$DAX/drivers/$2/bind"
	fi
}

dax_move()
{
	if [ "$(dax_driver "$1")" = "$2" ]; then
		return 0
	fi
	dax_unbind "$1" && dax_bind "$1" "$2"
}

dax_to_kmem()
{
	dax_move "$1" kmem
}

dax_to_devdax()
{
	dax_move "$1" device_dax
}

# --- sizes and ranges ---

block_size()
{
	echo $((0x$(line_of $MEMORY/block_size_bytes)))
}

dax_resize()
{
	echo "$2" >"$DAX/devices/$1/size"
}

# A new device in dax0.0's region; the kernel gives it the next number.
dax_create()
{
	echo 1 >"$(realpath $DAX/devices/dax0.0)/../dax_region/create"
}

# Online memory that loses its driver is lost until reboot, so it goes offline first.
dax_free()
{
	if [ "$(dax_driver "$1")" = kmem ]; then
		offline_all "$1" || return 1
	fi
	dax_unbind "$1"
}

# dax_split N BLOCKS: dax0.0 to dax0.N-1, of BLOCKS memory blocks each, bound to no driver.
dax_split()
{
	_size=$(($2 * $(block_size)))
	_i=1
	dax_free dax0.0 && dax_resize dax0.0 "$_size" || return 1
	while [ "$_i" -lt "$1" ]; do
		dax_create && dax_resize "dax0.$_i" "$_size" && dax_unbind "dax0.$_i" || return 1
		_i=$((_i + 1))
	done
}

# dax0.0 in two ranges of two blocks with dax0.1, two blocks too, between them; bound to no driver.
dax_two_ranges()
{
	dax_split 2 2 && dax_resize dax0.0 $((4 * $(block_size)))
}

# dax_blocks DEV: the numbers of the blocks that lie wholly in one of the device's ranges.
dax_blocks()
{
	_bs=$(block_size)
	for _m in "$DAX/devices/$1"/mapping[0-9]*; do
		_b=$((($(line_of "$_m/start") + _bs - 1) / _bs))
		_e=$((($(line_of "$_m/end") + 1) / _bs))
		while [ "$_b" -lt "$_e" ]; do
			echo "$_b"
			_b=$((_b + 1))
		done
	done
}

# --- blocks ---

block_state()
{
	line_of "$MEMORY/memory$1/state"
}

# state_files DEV...: of every block, there or not.
state_files()
{
	for _dev in "$@"; do
		for _b in $(dax_blocks "$_dev"); do
			echo "$MEMORY/memory$_b/state"
		done
	done
}

# The zone of an online block.
zone_of()
{
	read -r _zone _ <"$MEMORY/memory$1/valid_zones"
	echo "$_zone"
}

# online_all DEV WORD: every block is tried, whatever becomes of the others. A block that is online already is an
# error (EINVAL from the kernel): it may be in another zone.
online_all()
{
	_rc=0
	for _b in $(dax_blocks "$1"); do
		echo "$2" >"$MEMORY/memory$_b/state" || _rc=1
	done
	return $_rc
}

# offline_all DEV: every block that is not offline yet is tried once.
offline_all()
{
	_rc=0
	for _b in $(dax_blocks "$1"); do
		[ "$(block_state "$_b")" = offline ] || echo offline >"$MEMORY/memory$_b/state" || _rc=1
	done
	return $_rc
}

# count_blocks DEV STATE
count_blocks()
{
	for _b in $(dax_blocks "$1"); do
		block_state "$_b"
	done | grep -cx "$2"
}
