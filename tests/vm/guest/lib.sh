# SPDX-License-Identifier: GPL-2.0-only
# The words that every guest suite has: reporting to the host, checks, waiting, and moving dax devices about.
# Each function says what it does, what it takes and, unless that is the status of its last command, what it returns.
# shellcheck shell=sh

DAX=/sys/bus/dax
ND=/sys/bus/nd/devices
MEMORY=/sys/devices/system/memory

# --- reporting: one line each, to the results port and the console ---

# report LINE: to the host, and to the console so that the log has it between the kernel's lines.
report()
{
	echo "$*" >/dev/results
	echo "$*" >/dev/console
}

# ok NAME: the check NAME has passed.
ok()
{
	report "ok - $1"
	end_if_last "$1"
}

# failed NAME WHY: the check NAME has failed. The second line gives the host the name alone, for "again".
failed()
{
	report "not ok - $1: $2"
	note "failed: $1"
}

# not_ok NAME WHY: the same for a suite that has found out by itself; fail_command says more.
not_ok()
{
	failed "$1" "$2"
	end_if_last "$1"
}

# skip NAME WHY: the check NAME cannot be made here.
skip()
{
	report "skip - $1: $2"
	end_if_last "$1"
}

# note TEXT: for people; the host passes it on and does not judge it.
note()
{
	report "# $*"
}

# note_lines FILE: each line of the file as a note.
note_lines()
{
	while IFS= read -r _line; do
		note "$_line"
	done <"$1"
}

# --- a suite that ends early: run-vm --until ---

# A shell pattern for the name of the last check; empty: the whole suite runs.
UNTIL=
read -r _line </proc/cmdline
case $_line in
*daxguard.until=*)
	_line=${_line#*daxguard.until=}
	UNTIL=${_line%% *}
	trap 'exit 0' TERM
	;;
esac

# end_if_last NAME: ends the suite if NAME is its last check. The signal ends it from a subshell, too.
end_if_last()
{
	[ -n "$UNTIL" ] || return 0
	# shellcheck disable=SC2254 # a pattern
	case $1 in
	$UNTIL)
		report "# ended after: $1"
		kill -TERM $$
		exit 0
		;;
	esac
}

# --- checks ---

# What the last checked command printed.
PRINTED=/tmp/stdout.$$
COMPLAINED=/tmp/stderr.$$

# quoted WORD...: prints the words on one line, as one would type them.
quoted()
{
	_quoted=
	for _word in "$@"; do
		case $_word in
		'' | *[!A-Za-z0-9_./:=,@%+-]*) _word="'$(echo "$_word" | sed "s/'/'\\\\''/g")'" ;;
		esac
		_quoted="$_quoted $_word"
	done
	echo "${_quoted# }"
}

# show LABEL FILE: the last ten lines of the file as notes, each behind the label; nothing if the file is empty.
show()
{
	[ -s "$2" ] || return 0
	tail -n 10 "$2" | tr -d '\r' >/tmp/shown.$$
	while IFS= read -r _line || [ -n "$_line" ]; do
		note "  $1: $_line"
	done </tmp/shown.$$
}

# fail_command NAME WHY WANTED GOT COMMAND...: the check NAME has failed. Says below that what was wanted, what came instead,
# the command, and what it printed, which is in $PRINTED and $COMPLAINED.
fail_command()
{
	failed "$1" "$2"
	note "  wanted: $3"
	note "  got: $4"
	_named=$1
	shift 4
	note "  command: $(quoted "$@")"
	show stdout "$PRINTED"
	show stderr "$COMPLAINED"
	end_if_last "$_named"
}

# run_command COMMAND...: runs it, with its exit status in $_got and what it printed in $PRINTED and $COMPLAINED; then prints both.
# Appending: a process that the command left behind may still write there when the next check has emptied the files.
run_command()
{
	: >"$PRINTED"
	: >"$COMPLAINED"
	"$@" >>"$PRINTED" 2>>"$COMPLAINED"
	_got=$?
	[ ! -s "$PRINTED" ] || cat "$PRINTED"
	[ ! -s "$COMPLAINED" ] || cat "$COMPLAINED" >&2
}

# expect_status N NAME COMMAND...: the check NAME passes if the command exits with N. Returns 0 if it has passed, else 1.
expect_status()
{
	_want=$1
	_name=$2
	shift 2
	run_command "$@"
	if [ "$_got" -eq "$_want" ]; then
		ok "$_name"
	else
		fail_command "$_name" "exit status $_got, not $_want ($(tail -n 1 "$COMPLAINED"))" \
			"exit status $_want" "exit status $_got" "$@"
		return 1
	fi
}

# check NAME COMMAND...: the check NAME passes if the command exits with 0. Returns 0 if it has passed, else 1.
check()
{
	expect_status 0 "$@"
}

# --- looking and waiting ---

# line_of FILE: prints its first line. The suites look so often that a process for each look would be a good part of their time.
line_of()
{
	read -r _first <"$1" && echo "$_first"
}

# uptime_s: prints the whole seconds since the boot.
uptime_s()
{
	read -r _up </proc/uptime
	echo "${_up%%.*}"
}

# wait_for SECONDS COMMAND...: runs the command again and again until it succeeds. Returns 1 if it has not within that time.
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

# boot_number NAME DEFAULT: prints the number N of NAME=N on the kernel's command line, else the default.
boot_number()
{
	_n=$(sed -n "s/.*$1=\([0-9]*\).*/\1/p" /proc/cmdline)
	echo "${_n:-$2}"
}

# boot_word NAME: prints the word W of NAME=W on the kernel's command line.
boot_word()
{
	tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"
}

# random N: sets $drawn to the next number below N, from $seed: the same numbers in each run.
random()
{
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	# shellcheck disable=SC2034 # for the caller
	drawn=$((seed / 65536 % $1))
}

# Where the kernel looks for memory that nobody refers to any more.
LEAKS=/sys/kernel/debug/kmemleak

# no_leak: has the kernel look, and says on stderr what it found. Returns 0 if that is nothing.
no_leak()
{
	# the first scan finds what is only just allocated
	echo scan >$LEAKS && echo scan >$LEAKS && cat $LEAKS >&2 && ! grep -q unreferenced $LEAKS
}

# check_leaks: a check of that, skipped where the kernel cannot look.
check_leaks()
{
	if [ -e $LEAKS ]; then
		check 'kmemleak finds nothing' no_leak
	else
		skip 'kmemleak' "this kernel is built without it: $(uname -r)"
	fi
}

# --- drivers ---

# dax_driver DEV: prints the driver that the device is bound to, or "none".
dax_driver()
{
	_driver=$(readlink "$DAX/devices/$1/driver" || echo none)
	echo "${_driver##*/}"
}

# claim DEVICE NAMESPACE DRIVER: binds the namespace as that nd device, with its struct pages in ordinary memory. It stays claimed when the
# driver goes: the next time there is only to bind.
claim()
{
	if [ "$(cat "$ND/$1/namespace")" != "$2" ]; then
		[ ! -e "$ND/$2/driver" ] || echo "$2" >/sys/bus/nd/drivers/nd_pmem/unbind
		echo 2097152 >"$ND/$1/align" && cat /proc/sys/kernel/random/uuid >"$ND/$1/uuid" || return 1
		echo ram >"$ND/$1/mode" && echo "$2" >"$ND/$1/namespace" || return 1
	fi
	[ -e "$ND/$1/driver" ] || echo "$1" >"/sys/bus/nd/drivers/$3/bind"
}

# nvdimm_to_dax: makes namespace0.0 a dax device, dax0.0, for system RAM.
nvdimm_to_dax()
{
	claim dax0.0 namespace0.0 dax_pmem
}

# pmem_to_dax: the same of a range that the device tree says is persistent memory, for which dax_hmem is not asked.
pmem_to_dax()
{
	for _m in of_pmem nd_pmem dax_pmem; do
		modprobe "$_m" || return 1
	done
	wait_for 10 test -e $ND/namespace0.0 && nvdimm_to_dax && wait_for 10 test -e $DAX/devices/dax0.0
}

# dax_load: loads the modules. Returns 1 if one cannot be loaded or dax0.0 does not appear. On arm64 dax_hmem of 7.3 makes nothing of
# soft-reserved memory, which is in /proc/iomem: there it is persistent memory, too.
dax_load()
{
	for _m in device_dax dax_hmem kmem; do
		modprobe "$_m" || return 1
	done
	case $(uname -m)-$(uname -r) in
	aarch64-[789].*) pmem_to_dax ;;
	*) wait_for 10 test -e $DAX/devices/dax0.0 ;;
	esac
}

# dax_unbind DEV: takes it from its driver if it has one. An id left behind would make the driver claim the device again.
dax_unbind()
{
	_drv=$(dax_driver "$1")
	if [ "$_drv" = none ]; then
		return 0
	fi
	echo "$1" >"$DAX/drivers/$_drv/remove_id" 2>/dev/null
	echo "$1" >"$DAX/drivers/$_drv/unbind"
}

# dax_bind DEV DRIVER: new_id makes the driver look for the device at once; where it knew the id already it takes a bind.
dax_bind()
{
	echo "$1" >"$DAX/drivers/$2/new_id" 2>/dev/null
	if [ "$(dax_driver "$1")" != "$2" ]; then
		echo "$1" >"$DAX/drivers/$2/bind"
	fi
}

# dax_move DEV DRIVER: binds it to that driver, whatever it was bound to.
dax_move()
{
	if [ "$(dax_driver "$1")" = "$2" ]; then
		return 0
	fi
	dax_unbind "$1" && dax_bind "$1" "$2"
}

# dax_to_kmem DEV
dax_to_kmem()
{
	dax_move "$1" kmem
}

# dax_to_devdax DEV
dax_to_devdax()
{
	dax_move "$1" device_dax
}

# What the kernel says of memory that no device has any more and that stays until the next boot.
LOST='cannot be hotremoved until the next reboot|stuck online until reboot'

# memory_lost: it has said so since the boot.
memory_lost()
{
	dmesg | grep -Eq "$LOST"
}

# --- sizes and ranges ---

# first_block: prints the directory of the machine's first block of memory, which is online and no device's. Where memory begins at 0 that is memory0.
first_block()
{
	find $MEMORY -maxdepth 1 -name 'memory[0-9]*' | sort -V | head -n 1
}

# block_size: prints the bytes in a memory block.
block_size()
{
	echo $((0x$(line_of $MEMORY/block_size_bytes)))
}

# dax_resize DEV BYTES
dax_resize()
{
	echo "$2" >"$DAX/devices/$1/size"
}

# dax_create: makes a dax device in the region of dax0.0; the kernel gives it the next number.
dax_create()
{
	echo 1 >"$(realpath $DAX/devices/dax0.0)/../dax_region/create"
}

# dax_free DEV: takes it from its driver. Online memory that loses its driver is lost until reboot, so it goes offline first.
# Returns 1 if a block does not.
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

# dax_two_ranges: dax0.0 in two ranges of two blocks, with dax0.1, two blocks too, between them; bound to no driver.
dax_two_ranges()
{
	dax_split 2 2 && dax_resize dax0.0 $((4 * $(block_size)))
}

# dax_blocks DEV: prints the numbers of the blocks that lie wholly in one of its ranges.
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

# block_state BLOCK: prints online, offline or going-offline.
block_state()
{
	line_of "$MEMORY/memory$1/state"
}

# state_files DEV...: prints the path of "state" for every block, there or not.
state_files()
{
	for _dev in "$@"; do
		for _b in $(dax_blocks "$_dev"); do
			echo "$MEMORY/memory$_b/state"
		done
	done
}

# zone_of BLOCK: prints the zone of an online block.
zone_of()
{
	read -r _zone _ <"$MEMORY/memory$1/valid_zones"
	echo "$_zone"
}

# online_all DEV WORD: writes the word to every block, whatever becomes of the others. A block that is online already is an
# error (EINVAL from the kernel): it may be in another zone. Returns 1 if a write has failed.
online_all()
{
	_rc=0
	for _b in $(dax_blocks "$1"); do
		echo "$2" >"$MEMORY/memory$_b/state" || _rc=1
	done
	return $_rc
}

# offline_all DEV: tries once every block that is not offline yet. Returns 1 if a write has failed.
offline_all()
{
	_rc=0
	for _b in $(dax_blocks "$1"); do
		[ "$(block_state "$_b")" = offline ] || echo offline >"$MEMORY/memory$_b/state" || _rc=1
	done
	return $_rc
}

# count_blocks DEV STATE: prints how many of its blocks are in that state.
count_blocks()
{
	for _b in $(dax_blocks "$1"); do
		block_state "$_b"
	done | grep -cx "$2"
}
