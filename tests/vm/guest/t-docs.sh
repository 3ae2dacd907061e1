# SPDX-License-Identifier: GPL-2.0-only
# Suite: every example of the README, docs/ and the manual pages that examples.list gives to the guest works as it stands there, and
# tools that are refused print what docs/troubleshooting.md says. On a machine with a CXL region those about a region.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./machines.sh

EXAMPLES=/lib/docs
TABLE=$EXAMPLES/troubleshooting.md

region_there()
{
	case $MACHINE in
	cxl*) [ -e $CXL/region0/driver ] || { for _r in "$CXL"/region*; do
		[ ! -e "$_r" ] || unmake_region "${_r##*/}"
	done; make_memory; } ;;
	esac
}

# The guard is loaded with no policy of its own, nothing is held, and all blocks of dax0.0 are online and movable.
all_ready()
{
	[ "$(field loaded)" = true ] || daxguard load --hooks=lsm >/dev/null
	nothing_held || daxguard release --force dax0.0 >/dev/null
	daxguard policy unset dax0.0 2>/dev/null
	daxguard policy unset '*'
	region_there || return 1
	[ "$(dax_driver dax0.0)" = kmem ] || daxguard plug --zone=movable dax0.0 >/dev/null || return 1
	daxguard online --zone=movable dax0.0 >/dev/null
}

# What an example finds beside that.
prepare()
{
	case $1 in
	vm | config | cxl | follow | mine) ;;
	held) dgprobe ask $AGENT daxguard begin --owner="$holder" dax0.0 ;;
	offline | cxl-offline) offline_all dax0.0 ;;
	unplugged) daxguard unplug dax0.0 ;;
	own) daxguard policy set dax0.0 mode=audit zone=movable ;;
	listed) daxguard allow add exe=/usr/sbin/qemu-ga 2>/dev/null ;;
	*)
		echo "there is no state '$1'" >&2
		return 1
		;;
	esac >/dev/null
}

# It follows, and catches SIGTERM by now: bit 14 of the mask.
follows()
{
	follower=$(pidof daxguard) && grep -q follow "/proc/$follower/cmdline" &&
		grep -Eq '^SigCgt:.*[4-7c-f][0-9a-f]{3}$' "/proc/$follower/status"
}

# The last command of the example goes on until it is told to end.
run_following()
{
	sh -e "$1" &
	_shell=$!
	wait_for 20 follows || return 1
	kill "$follower"
	wait $_shell
}

# run FILE STATE: the example as it is, by a shell that ends where a command fails.
run()
{
	prepare "$2" || return 1
	case $2 in
	config) daxguard load --config="$1" ;;
	follow) run_following "$1" ;;
	mine) sh -ec "daxguard begin dax0.0; . $1" ;;
	*) sh -e "$1" ;;
	esac >/tmp/printed 2>/tmp/complained
	_status=$?
	[ $_status -eq 0 ] || {
		echo "exit status $_status" >&2
		cat /tmp/complained >&2
	}
	return $_status
}

# fits_machine STATE: the examples about a region are for the machine with one, all others for the usual one.
fits_machine()
{
	case "$1 $MACHINE" in
	cxl*' cxl' | [!c]*' soft' | 'config soft') return 0 ;;
	esac
	return 1
}

# changes_nothing STATE FILE: it only looks, and needs nothing to look at: what it finds is left.
changes_nothing()
{
	[ "$1" = vm ] && ! sed '/^#/d' "$2" | grep -qvE '^daxguard (status|list|events|check|who|metrics|allow list|controller list|policy list|--list-)|--dry-run|map dump|^cd '
}

examples()
{
	_changed=
	for _file in "$EXAMPLES"/[0-9]*; do
		state=$(sed -n '2s/^# //p' "$_file")
		fits_machine "$state" || continue
		[ -z "$_changed" ] || check "ready for $(sed -n '1s/^# //p' "$_file")" all_ready
		_changed=
		changes_nothing "$state" "$_file" || _changed=yes
		check "$(sed -n '1s/^# //p' "$_file"): $(sed -n 3p "$_file")" run "$_file" "$state"
	done
}

# without_numbers: those of blocks and nodes differ from machine to machine.
without_numbers()
{
	sed 's/memory[0-9][0-9]*/memoryN/g; s/node[0-9][0-9]*/nodeN/g'
}

# refused_as_documented PROGRAM COMMAND...: the command of a stranger prints each word in backticks that the row of PROGRAM has.
refused_as_documented()
{
	_program=$1
	shift
	dgprobe ask $AGENT "$@" >/tmp/refused 2>&1
	[ -z "$REFUSED" ] || cp "$REFUSED" /tmp/refused
	without_numbers </tmp/refused >/tmp/got
	grep -F "| $_program |" $TABLE | cut -d'|' -f3 | tr '`' '\n' | awk 'NR % 2 == 0' | without_numbers >/tmp/wanted
	[ -s /tmp/wanted ] || {
		echo "the table has no row for '$_program'" >&2
		return 1
	}
	while IFS= read -r _wanted_line; do
		grep -qF -- "$_wanted_line" /tmp/got || {
			echo "it does not print '$_wanted_line', but: $(tr '\n' ';' </tmp/got | cut -c1-300)" >&2
			return 1
		}
	done </tmp/wanted
}

# udev with a rule, among strangers, says it in its log.
by_udev()
{
	mkdir -p /etc/udev/rules.d /run/udev
	echo 'SUBSYSTEM=="memory", ACTION=="add", ATTR{state}=="offline", ATTR{state}="online"' >/etc/udev/rules.d/10-memory.rules
	ln -sf "$(command -v udevadm)" /tmp/systemd-udevd
	dgprobe ask $AGENT sh -c '/tmp/systemd-udevd --debug >/tmp/udev.log 2>&1 &'
	wait_for 20 test -S /run/udev/control || return 1
	udevadm trigger --action=add "$MEMORY/memory$spare"
	wait_for 20 grep -q 'Failed to write' /tmp/udev.log || return 1
	REFUSED=/tmp/udev.log refused_as_documented "$1" true
}

tools()
{
	REFUSED=
	all_ready
	daxguard begin dax0.0 >/dev/null
	check 'daxctl offline-memory is refused as documented' refused_as_documented 'daxctl offline-memory' daxctl offline-memory dax0.0
	check 'daxctl reconfigure-device -f, too' refused_as_documented 'daxctl offline-memory, reconfigure-device -f' \
		daxctl reconfigure-device -m devdax -f dax0.0
	check 'daxctl destroy-device, too' refused_as_documented 'daxctl reconfigure-device, destroy-device' daxctl destroy-device -f dax0.0
	check 'rmmod, too' refused_as_documented 'rmmod kmem, and drivers above' rmmod kmem
	daxguard offline dax0.0 >/dev/null
	check 'daxctl online-memory, too' refused_as_documented 'daxctl online-memory' daxctl online-memory dax0.0
	check 'a shell, too' refused_as_documented 'a shell' sh -c "echo online >$spare_file"
	# shellcheck disable=SC2016 # as the document has it
	check 'a rule of udev, too' by_udev 'udev, a rule with `ATTR{state}="online"`'
	daxguard unplug dax0.0 >/dev/null
	check 'daxctl enable-device, too' refused_as_documented 'daxctl enable-device, reconfigure-device -m system-ram' \
		daxctl enable-device dax0.0
}

if ! load_machine || ! make_memory || ! to_online_kmem dax0.0; then
	skip 'the examples' "kernel $(uname -r) has no dax device"
	exit 0
fi
spare=$(dax_blocks dax0.0 | sed -n 3p)
spare_file=$MEMORY/memory$spare/state
stranger true
sleep 100000 &
holder=$!
mkdir -p /etc/daxguard
printf '[*]\nmode = enforce\n' >/etc/daxguard/daxguard.conf
grep -q ^backup: /etc/passwd 2>/dev/null || echo 'backup:x:34:34:backup:/:/bin/sh' >>/etc/passwd
[ "$MACHINE" != soft ] || tools
all_ready
examples
