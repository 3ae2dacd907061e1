# SPDX-License-Identifier: GPL-2.0-only
# Before the boot of t-dkms.sh: the module that boot-root has put there is gone, the guard begins without one.
# shellcheck shell=sh

rm "/lib/modules/$(uname -r)/updates/daxguard_hook.ko"
