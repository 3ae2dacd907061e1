# SPDX-License-Identifier: GPL-2.0-only
# What systemd and udev say of this boot, in a root of boot-root.
# shellcheck shell=sh

# property UNIT NAME; of the manager itself where UNIT is empty.
property()
{
	systemctl show -P "$2" ${1:+"$1"}
}

is_active()
{
	[ "$(property "$1" ActiveState)" = active ]
}

# booted WORD: the boot is over, and systemd says this about it.
booted()
{
	_word=$(systemctl is-system-running --wait)
	[ "$_word" = "$1" ] || {
		echo "$_word: $(systemctl --failed --plain --no-legend | tr '\n' ' ')" >&2
		return 1
	}
}

# When udev had handled the first event of a memory block, in microseconds, as its database has it. On 6.1 kmem is not the driver that
# takes the device first: then no block is there to be handled.
first_seen()
{
	for _b in "$MEMORY"/memory[0-9]*; do
		udevadm info -q property --property=USEC_INITIALIZED --value "$_b"
	done | grep . | sort -n | head -n 1
}
