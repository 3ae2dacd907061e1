#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Puts the guard into an initramfs in which memory can come online: one that has kmem.
# shellcheck disable=SC2154 # variables of dracut's

# dracut does not look in /usr/local, where `make install` puts it.
find_daxguard()
{
	PATH=$PATH:/usr/sbin:/usr/local/sbin command -v daxguard
}

# Built in, or asked for; not where the unit is turned off or masked: who did that wants no guard from there either.
check()
{
	find_daxguard >/dev/null || return 1
	if command -v systemctl >/dev/null && ! systemctl --root=/ --quiet is-enabled daxguard.service 2>/dev/null; then
		return 1
	fi
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

	inst_binary "$(find_daxguard)" /usr/sbin/daxguard
	inst_multiple mount
	for file in /etc/daxguard/daxguard.conf /etc/daxguard/conf.d/*.conf; do
		[[ -e $file ]] && inst_simple "$file"
	done
	# before udev, with systemd in the image and without
	inst_hook pre-udev 10 "$moddir/daxguard-load.sh"
}
