# SPDX-License-Identifier: GPL-2.0-only
# Before the boot of t-bringup.sh: what policy says, and a rule that onlines each block as it comes, as openSUSE has it.
# daxguard.leave=1, for the control: policy says nothing. In a root of boot-root /init runs it, else the suite.
# shellcheck shell=sh

rules=/etc/udev/rules.d
[ -e /.daxguard-whole-root ] || rules=/run/udev/rules.d
mkdir -p $rules /etc/daxguard
rm -f $rules/80-online-memory.rules
echo 'SUBSYSTEM=="memory", ACTION=="add", TEST=="state", ATTR{state}=="offline", ATTR{state}="online"' >$rules/80-hotplug-memory.rules
grep -q 'daxguard\.leave=1' /proc/cmdline ||
	printf '\n[*]\nonline = movable\nzone = movable\n' >>/etc/daxguard/daxguard.conf
