# SPDX-License-Identifier: GPL-2.0-only
# Suite: daxctl's own persistent configuration and its unit under systemd, in a root of boot-root on the machine nvdimm, with rivals:
# as a controller it needs no wrapper. Each run is one adopted transition, and the device is free again at the end.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./machines.sh

ROUNDS=$(boot_number daxguard.rounds 3)
UNIT=daxdev-reconfigure@dax0.0.service

# What an agent does that wants all memory online: without end.
rival()
{
	while :; do
		for _b in $(dax_blocks dax0.0); do
			echo "$1" >"$MEMORY/memory$_b/state"
		done
	done 2>/dev/null
}

# As daxctl's sources have it; Debian 12 and 13 have the option, the configuration and the udev rule, but left out the unit.
write_unit()
{
	cat >/etc/systemd/system/daxdev-reconfigure@.service <<-'EOT'
		[Unit]
		Description=Automatic daxctl device reconfiguration
		[Service]
		Type=oneshot
		ExecStart=/usr/bin/daxctl reconfigure-device -C %I
	EOT
	systemctl daemon-reload
}

# The configuration knows the device by its namespace.
configure()
{
	_uuid=$(cat $ND/dax0.0/uuid) && [ -n "$_uuid" ] || return 1
	printf '[reconfigure-device tested]\nnvdimm.uuid = %s\nmode = system-ram\nonline = true\nmovable = true\n' "$_uuid" \
		>/etc/daxctl.conf.d/tested.conf
}

# What the unit's last run says of the device, while it had it: after that it is the rivals' again, one of which takes blocks offline.
found_all_online()
{
	journalctl --sync
	journalctl -b -u "$UNIT" -o cat --cursor-file=/tmp/cursor >/tmp/said
	_online=$(sed -n 's/.*"online_memblocks":\([0-9]*\).*/\1/p' /tmp/said)
	_total=$(sed -n 's/.*"total_memblocks":\([0-9]*\).*/\1/p' /tmp/said)
	if [ -z "$_total" ] || [ "$_online" != "$_total" ] || ! grep -q '"movable":true' /tmp/said; then
		cat /tmp/said >&2
		return 1
	fi
}

# one_round: away from kmem with the verb, back by the unit.
one_round()
{
	daxguard unplug dax0.0 >/dev/null && dax_bind dax0.0 device_dax && systemctl start "$UNIT" &&
		[ "$(dax_driver dax0.0)" = kmem ] && found_all_online
}

rounds()
{
	_round=0
	while [ $_round -lt "$ROUNDS" ]; do
		_round=$((_round + 1))
		one_round || return 1
	done
}

# adopted: the transitions of daxctl, and none of another kind by it.
adopted()
{
	take_events >/tmp/events
	grep '"event":"begin"' /tmp/events | dgprobe json kind comm | sort | uniq -c >&2
	[ "$(grep '"event":"begin"' /tmp/events | grep '"comm":"daxctl"' | grep -c '"kind":"adopted"')" -eq "$ROUNDS" ]
}

check 'the boot is done' sh -c 'systemctl is-system-running --wait; systemctl is-active daxguard.service'
note "failed units: $(systemctl --failed --plain --no-legend | tr '\n' ' ')"
if ! load_machine || ! make_memory; then
	not_ok 'the machine has its memory' "$(ls $DAX/devices 2>&1)"
	exit 0
fi
udevadm settle
check 'daxctl is configured' configure
check 'and has its unit' write_unit
# daxctl looks at its blocks once more when it is done, and with the kernel hook alone a rival's offline shows in them until it is refused
if [ "$(field hooks.kernel)" = module ]; then
	check 'load with both layers' daxguard load --hooks=both
fi
# a rival's block in a kernel zone would keep the device from leaving, before there is anything to hold
check 'only movable' daxguard policy set dax0.0 zone=movable
check 'dax0.0 is in kmem' dax_to_kmem dax0.0
for word in online online offline online_kernel; do
	rival $word &
done
take_events >/dev/null
refused=$(counter refused)
check "its unit brings the device into kmem, $ROUNDS rounds" rounds
note "refused: $(counter refused), before: $refused, slipped: $(counter slipped)"
check 'each was one adopted transition' adopted
check 'the device is free' within_a_second nothing_held
check 'rivals were refused' test "$(counter refused)" -gt "$refused"
check 'no unit has failed' test -z "$(systemctl --failed --plain --no-legend)"
check 'no memory is left behind' test "$(counter leaked)" = 0
