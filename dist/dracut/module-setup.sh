#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Puts the guard into an initramfs in which memory can come online: one that has kmem.
# shellcheck disable=SC2154 # variables of dracut's

# Built in, loaded on this machine which the image is for, or asked for.
check()
{
	require_binaries daxguard || return 1
	[[ " $drivers $add_drivers $force_drivers " == *' kmem '* ]] && return 0
	grep -qs '/kmem\.ko$' "/lib/modules/$kernel/modules.builtin" && return 0
	return 255
}

depends()
{
	return 0
}

installkernel()
{
	hostonly='' instmods '=drivers/dax' daxguard_hook
}

install()
{
	local file

	inst_multiple daxguard mount
	for file in /etc/daxguard/daxguard.conf /etc/daxguard/conf.d/*.conf; do
		[[ -e $file ]] && inst_simple "$file"
	done
	# before udev, with systemd in the image and without
	inst_hook pre-udev 10 "$moddir/daxguard-load.sh"
}
