# SPDX-License-Identifier: GPL-2.0-only
# Before the boot of t-package.sh: the rule of openSUSE in place of that of boot-root, and a tag, for udev to note when it has handled
# a memory block first.
# shellcheck shell=sh

. ./rules.sh
rm -f /etc/udev/rules.d/80-online-memory.rules
suse_rule >/etc/udev/rules.d/80-memory.rules
echo 'SUBSYSTEM=="memory", TAG+="seen"' >/etc/udev/rules.d/90-seen.rules
