# SPDX-License-Identifier: GPL-2.0-only
# Suite: the package daxguard-dkms: dkms builds the module for the running kernel, the guard takes it at once, and what removes it leaves
# the guard. In a root of boot-root --packaged with dkms and what it needs.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

# While dax0.0 is held: whoever is not its owner, nor below it, is refused.
held()
{
	offline_all dax0.0 && ! stranger sh -c "echo online >$(state_files dax0.0 | head -n 1)" && [ "$(count_blocks dax0.0 online)" = 0 ]
}

case ${1:-} in
'') ;;
*)
	"$1"
	exit
	;;
esac

kernel_hook_is()
{
	[ "$(field hooks.kernel)" = "$1" ]
}

dkms_has()
{
	# a release has a +
	dkms status | grep -F ", $(uname -r), " | grep "^daxguard-hook.*: $1"
}

module_file()
{
	modinfo -n daxguard_hook 2>/dev/null
}

ready_by_udev()
{
	udevadm settle
	[ -e $DAX/devices/dax0.0 ] || dax_load
	dax_to_kmem dax0.0
}

stranger true
check 'the unit is active' systemctl is-active daxguard.service
check 'without a module: the guard is loaded' test "$(field loaded)" = true
check 'without a module: the kernel hook is none' kernel_hook_is none
check 'dpkg installs daxguard-dkms' sh -c 'dpkg --install /packages/now/daxguard-dkms_*.deb >/tmp/dpkg 2>&1'
note_lines /tmp/dpkg
check 'dkms has built and installed the module' dkms_has installed || {
	cat /var/lib/dkms/daxguard-hook/*/build/make.log >/tmp/make.log
	note_lines /tmp/make.log
}
check 'depmod knows that one' sh -c "echo $(module_file) | grep /updates/dkms/daxguard_hook.ko"
check 'the guard has taken it, unasked' wait_for 60 kernel_hook_is module
check 'check has nothing against the kernel hook' sh -c 'daxguard check | grep "the module .daxguard_hook. is there"'
check 'dax0.0 is in kmem' ready_by_udev
check 'a device is held, and a stranger is refused' daxguard run dax0.0 -- sh ./t-dkms.sh held
check 'nothing has slipped' test "$(counter slipped)" = 0
check 'dpkg removes daxguard-dkms' dpkg --remove daxguard-dkms
check 'dkms has nothing of it' sh -c '! dkms status | grep daxguard'
check 'and depmod neither' test -z "$(module_file)"
check 'the guard goes on with the module that is loaded' kernel_hook_is module
