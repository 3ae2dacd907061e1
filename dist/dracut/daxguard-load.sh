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

# systemd has mounted it already
bpffs_mounted || mount -t bpf -o nosuid,nodev,noexec,mode=700 bpf /sys/fs/bpf
# Without it the boot goes on.
daxguard load --fallback >/dev/null 2>/dev/kmsg || :
