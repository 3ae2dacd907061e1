# SPDX-License-Identifier: GPL-2.0-only
# Suite: a real boot with systemd and udev, in a root of boot-root: the unit, its order, and a udev rule that onlines blocks.
# shellcheck shell=sh disable=SC1091 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./systemd.sh
. ./journal.sh

CONFIG=/etc/daxguard/daxguard.conf

# before TIME TIME: both have been, in this order.
before()
{
	note "$1 us, $2 us"
	[ "$1" -gt 0 ] && [ "$1" -lt "$2" ]
}

is_failed()
{
	[ "$(property daxguard.service ActiveState)" = failed ]
}

layers()
{
	field hooks.lsm hooks.kernel | tr '\t' ' '
}

loaded_is()
{
	[ "$(field loaded)" = "$1" ]
}

no_pins()
{
	[ ! -e "$PINS" ]
}

no_jobs()
{
	[ -z "$(systemctl list-jobs --no-legend)" ]
}

# said REGEX: by the unit, in this boot.
said()
{
	journalctl --sync
	journalctl -b -u daxguard.service -o cat | grep -E "$1"
}

# check_says REGEX: check has it, and fails.
check_says()
{
	daxguard check >/tmp/check && return 1
	grep -E "$1" /tmp/check
}

# Coldplug for memory, as at boot: every rule sees an "add" of every block.
storm()
{
	udevadm trigger --action=add --subsystem-match=memory && udevadm settle
}

# all_blocks STATE
all_blocks()
{
	_n=$(count_blocks dax0.0 "$1")
	echo "$_n of $total blocks are $1" >&2
	[ "$total" -gt 0 ] && [ "$_n" -eq "$total" ]
}

all_movable()
{
	[ "$(daxguard list -j dax0.0 | dgprobe json 0.zones.Movable)" = "$total" ]
}

# Coldplug for all, again.
modules_by_udev()
{
	udevadm settle
	for _m in dax_hmem device_dax kmem; do
		[ -d /sys/module/$_m ] || return 1
	done
}

# dax0.0 of a real boot: udev loads what it needs. On 6.1 kmem is not the driver that takes it first.
ready_by_udev()
{
	check 'coldplug loads dax_hmem, device_dax and kmem' modules_by_udev || dax_load || return 1
	total=$(dax_blocks dax0.0 | wc -l)
	if [ "$(dax_driver dax0.0)" != kmem ]; then
		note "dax0.0 came up bound to $(dax_driver dax0.0)"
		daxctl reconfigure-device -m system-ram --no-online dax0.0 && udevadm settle
	fi
}

# --- what happens while the device is held, as the command of daxguard run ---

# The rivals are udev's workers, which were there before; what became of it goes to /tmp/held.
held_storm()
{
	offline_all dax0.0 || exit 11
	storm || exit 12
	count_blocks dax0.0 online >/tmp/held
	exit 0
}

held_reconfigure()
{
	offline_all dax0.0 || exit 11
	storm || exit 12
	daxctl reconfigure-device -m devdax -f dax0.0 || exit 13
	exit 0
}

# One of the tree of the agent, which is nobody's.
held_stranger()
{
	stranger dgprobe attempt write "$MEMORY/memory$(dax_blocks dax0.0 | sed -n 1p)/state" offline
	exit $?
}

case ${1:-} in
'') ;;
*) "$1" ;;
esac

# run_held FUNCTION
run_held()
{
	rm -f /tmp/held
	daxguard run dax0.0 -- sh ./t-boot.sh "$1"
}

# onlined_while_held N: that many blocks were online when the storm was over.
onlined_while_held()
{
	run_held held_storm || return 1
	echo "$(cat /tmp/held) of $total blocks were online" >&2
	[ "$(cat /tmp/held)" -eq "$1" ]
}

free_storm()
{
	offline_all dax0.0 && all_blocks offline && storm && all_blocks online
}

# --- the suite ---

the_rule_and_the_guard()
{
	check 'the rule has onlined every block at boot' all_blocks online
	check 'all of them in the movable zone' all_movable
	refused=$(counter refused)
	check 'not held: coldplug onlines every block' free_storm
	check 'not held: nothing was refused' test "$(counter refused)" = "$refused"

	check 'mode=off' daxguard policy set dax0.0 mode=off
	check 'held, mode=off: coldplug onlines every block' onlined_while_held "$total"
	check 'held, mode=off: nothing was refused' test "$(counter refused)" = "$refused"
	check 'mode=off no more' daxguard policy unset dax0.0

	take_events >/dev/null
	check 'held: coldplug onlines no block' onlined_while_held 0
	note "refused: $(counter refused), before: $refused"
	check 'held: every block was refused once or more' test "$(counter refused)" -ge $((refused + total))
	take_events >/tmp/events
	grep '"refused"' /tmp/events >/tmp/refused
	dgprobe json device hook comm exe result </tmp/refused | sort | uniq -c >&2
	check 'held: it was udev that was refused, and no one else' test "$(dgprobe json device hook comm result </tmp/refused |
		sort -u | tr '\t' ' ')" = "dax0.0 $layer (udev-worker) -16"
	# the path, or its last part where the worker is gone
	check 'held: the events name its executable' test "$(dgprobe json exe </tmp/refused | sed 's,.*/,,' | sort -u)" = udevadm
	check 'nothing is held' nothing_held
	check 'free again: coldplug onlines every block' free_storm

	check 'held: daxctl takes the device back in the storm' run_held held_reconfigure
	check 'the device is in devdax mode' test "$(dax_driver dax0.0)" = device_dax
	check 'no change has slipped' test "$(counter slipped)" = 0
	check 'no memory is left behind' test "$(counter leaked)" = 0
	check 'daxctl gives it to the kernel again' daxctl reconfigure-device -m system-ram --no-online dax0.0
	udevadm settle
	# it is a controller: as long as it ran the rule was refused
	check 'back in the kernel: the rule onlines every block' free_storm
}

# The program and the cgroup of the allow list, as a shell sees them; $1 is one that root alone may reach.
allows()
{
	for _i in 0 1; do
		daxguard allow list -j | dgprobe json $_i.who $_i.label $_i.path
	done | sort | tr '\t' ' ' >/tmp/allowed
	printf 'cgroup %s null\nexe %s %s\n' "$2" "$1" "$1" >/tmp/expected
	diff /tmp/expected /tmp/allowed >&2 && daxguard allow list -j | grep -q "\"id\": *$(stat -c %i "$2")"
}

# One transaction, as at boot: the unit fails, and what is ordered after it starts all the same.
coldplug_goes_on()
{
	systemctl restart daxguard.service systemd-udev-trigger.service && return 1
	is_failed && is_active systemd-udev-trigger.service &&
		before "$(property daxguard.service InactiveEnterTimestampMonotonic)" \
			"$(property systemd-udev-trigger.service ExecMainStartTimestampMonotonic)"
}

# says_origin TEXT: of max_hold of '*'.
says_origin()
{
	[ "$(daxguard policy list -j | dgprobe json 0.origin.max_hold)" = "$1" ]
}

the_reload()
{
	sed -i 's/77/88/' $CONFIG
	# as daxguard.conf(5) has it
	check 'reload, after a look at the file' sh -ec 'daxguard check --config=/etc/daxguard/daxguard.conf
		systemctl reload daxguard
		daxguard policy list'
	check 'reload: the policy is applied' test "$(daxguard policy list -j | dgprobe json 0.max_hold)" = 88
	printf '[*]\nmax_hold = long\n' >$CONFIG
	expect_status 1 'reload of a wrong file fails' systemctl reload daxguard.service
	check 'reload of a wrong file: the journal has file and line' said "line 2 .*'$CONFIG'"
	check 'reload of a wrong file changes nothing' test "$(daxguard policy list -j | dgprobe json 0.max_hold)" = 88
	check 'reload of a wrong file: the unit stays active' is_active daxguard.service
}

the_unit()
{
	systemd-analyze --man=no verify daxguard.service >"$SAID" 2>&1
	check 'systemd-analyze has nothing against the unit' test $? -eq 0 -a -z "$(cat "$SAID")"
	check 'stop unloads' systemctl stop daxguard.service
	check 'stop leaves no pin' no_pins
	check 'stop ends the log of events' test "$(property "$LOG" ActiveState)" = inactive
	check 'stopped: coldplug onlines every block' free_storm

	mkdir -p /etc/daxguard
	printf '[dax0.0]\nmode = loud\n' >$CONFIG
	check 'broken configuration: the unit fails, coldplug goes on' coldplug_goes_on
	check 'broken configuration: the journal has file and line, once, as an error' failure_is_logged "line 2 .*'$CONFIG' is wrong .*mode = loud" 2
	check 'broken configuration: the guard is loaded all the same' loaded_is true
	check 'broken configuration: with what is built in, and nothing of the files' test \
		"$(daxguard policy list | sed -n '2,$p' | tr -s ' ')" = '* enforce transition refuse free allow refuse 600 any leave 5'
	check 'broken configuration: and no program of the files' test -z "$(daxguard controller list)"
	check 'broken configuration: check says which line' check_says "line 2 .*'$CONFIG'"
	check 'broken configuration: systemd is degraded, not stuck' booted degraded
	# coldplug has just started the unit for the device, which says the same of the file
	check 'broken configuration: no job waits' wait_for 60 no_jobs

	# What the unit's sandbox might hide.
	install -D -m 755 /usr/bin/true /home/agent/true
	chmod 700 /home/agent && chown 1000 /home/agent
	printf '[*]\nmax_hold = 77\n[allow]\nexe = /home/agent/true\ncgroup = /sys/fs/cgroup/system.slice\n' >$CONFIG
	check 'mended: it loads' systemctl start daxguard.service
	check 'mended: check says where the policy comes from' says_origin "$CONFIG:2"
	check 'mended: status says so' loaded_is true
	check 'mended: systemd is content' booted running
	check 'mended: the policy is applied' test "$(daxguard policy list -j | dgprobe json 0.device 0.max_hold | tr '\t' ' ')" = '* 77'
	check 'mended: programs and cgroups are those of a shell' allows /home/agent/true /sys/fs/cgroup/system.slice
	check 'mended: the layer is the same again' test "$(layers)" = "$at_boot"
	the_reload
}

events_in_the_journal()
{
	stranger true
	expect_status 1 'held: a stranger is refused' run_held held_stranger
	the_journal "$(dax_blocks dax0.0 | sed -n 1p)"
}

# A kernel without BPF LSM: the guard cannot load.
boot_without_guard()
{
	check 'no guard: the boot is done, degraded' booted degraded
	check 'no guard: the unit has failed' is_failed
	check 'no guard: the journal has the remedy' said "'lsm=.*bpf'"
	check 'no guard: no pin is left' no_pins
	check 'no guard: coldplug came after it all the same' before "$(property daxguard.service InactiveEnterTimestampMonotonic)" \
		"$(property systemd-udev-trigger.service ExecMainStartTimestampMonotonic)"
	ready_by_udev
	check 'no guard: the rule has onlined every block' all_blocks online
}

# daxguard=off on the kernel's command line: a boot without the guard, and nothing has failed.
boot_turned_off()
{
	check 'turned off: the boot is done' booted running
	check 'turned off: the unit was left out' test "$(property daxguard.service ConditionResult)" = no
	check 'turned off: no pin is there' no_pins
	ready_by_udev
	check 'turned off: the rule has onlined every block' all_blocks online
	check 'turned off: it can be loaded by hand' daxguard load
	check 'turned off: then it is' loaded_is true
}

if grep -qw daxguard=off /proc/cmdline; then
	boot_turned_off
	exit 0
fi
if ! grep -q bpf /sys/kernel/security/lsm; then
	boot_without_guard
	exit 0
fi
check 'the boot is done' booted running
check 'the unit is active' is_active daxguard.service
check 'the guard is loaded' loaded_is true
check 'the controllers are those that are shipped' test "$(daxguard controller list | sed 's/ (.*//' | sort | tr '\n' ' ')" = \
	'exe=/usr/bin/cxl exe=/usr/bin/daxctl exe=/usr/bin/ndctl '
check 'it was loaded before coldplug began' before "$(property daxguard.service ActiveEnterTimestampMonotonic)" \
	"$(property systemd-udev-trigger.service ExecMainStartTimestampMonotonic)"
at_boot=$(layers)
if grep -q module_blacklist=daxguard_hook /proc/cmdline; then
	layer=lsm
	check 'without the module the LSM layer is taken' test "$at_boot" = 'true none'
else
	layer=kernel
	check 'the unit has loaded the module and taken it' test "$at_boot" = 'false module'
fi
ready_by_udev
the_rule_and_the_guard
events_in_the_journal
the_unit
