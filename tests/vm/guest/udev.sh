# SPDX-License-Identifier: GPL-2.0-only
# udev by itself, for suites without systemd.
# shellcheck shell=sh

# hotplug_rule WORD: memory that comes is brought online with WORD, as distributions have it.
hotplug_rule()
{
	mkdir -p /run/udev/rules.d
	echo 'SUBSYSTEM=="memory", ACTION=="add", TEST=="state", ATTR{state}=="offline", ATTR{state}="'"$1"'"' \
		>/run/udev/rules.d/80-hotplug.rules
}

start_udev()
{
	ln -sf "$(command -v udevadm)" /tmp/systemd-udevd
	/tmp/systemd-udevd --daemon && wait_for 20 udevadm control --ping
}
