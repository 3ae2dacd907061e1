# SPDX-License-Identifier: GPL-2.0-only
# Suite: a kmem that binds in the initramfs of initramfs-tools: the guard is there before udev, and goes along to the real root, where the
# unit puts the installed version in its place. In a root of boot-root --packaged, on a disk (run-vm --disk).
# shellcheck shell=sh disable=SC1091 # the files are beside it
. ./lib.sh
. ./guard.sh
. ./systemd.sh

# The microseconds since the boot when the directory of the pins was made, which no later load makes anew.
pins_made()
{
	echo $(($(date -d "$(stat -c %y $PINS)" +%s%6N) - $(date +%s%6N) + $(sed 's/\([0-9]*\)\.\([0-9]*\) .*/\1\20000/' /proc/uptime)))
}

made_in_the_initramfs()
{
	_made=$(pins_made)
	_system=$(property '' UserspaceTimestampMonotonic)
	_seen=$(first_seen)
	note "the guard was there after $_made us, udev handled the first memory event after $_seen us, systemd ran after $_system us"
	[ "$_made" -lt "$_seen" ] && [ "$_seen" -lt "$_system" ]
}

replaced()
{
	journalctl --sync
	journalctl -b -u daxguard.service -o cat | grep -x 'replaced by this version'
}

check 'the boot is done' booted running
check 'the guard was there before udev handled the first memory event, in the initramfs' made_in_the_initramfs
check 'the root is on the disk' grep -q '^/dev/[^ ]* / ext4' /proc/mounts
check 'there is one bpf file system' test "$(grep -c ' /sys/fs/bpf bpf ' /proc/mounts)" = 1
check 'the unit is active' test "$(property daxguard.service ActiveState)" = active
check 'the unit has put the installed version in the place of that of the initramfs' replaced
check 'it is loaded' test "$(field loaded)" = true
check 'the module is taken' test "$(field hooks.kernel)" = module
check 'nothing has slipped' test "$(counter slipped)" = 0
