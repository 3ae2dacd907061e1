#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Loads the guard in the initramfs, before udev there. It moves along with /sys, and daxguard.service finds it.

bpffs_mounted()
{
	while read -r _ where type _; do
		[ "$where $type" != '/sys/fs/bpf bpf' ] || return 0
	done </proc/mounts
	return 1
}

# As in daxguard.service: for a machine that does not come up with it.
turned_off()
{
	read -r cmdline </proc/cmdline
	case " $cmdline " in
	*' daxguard=off '*) ;;
	*) return 1 ;;
	esac
}

# systemd may have mounted it already; without the guard the boot goes on
if ! turned_off; then
	bpffs_mounted || mount -t bpf -o nosuid,nodev,noexec,mode=700 bpf /sys/fs/bpf
	daxguard load --fallback >/dev/null 2>/dev/kmsg || :
fi
