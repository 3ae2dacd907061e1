# SPDX-License-Identifier: GPL-2.0-only
# Suite: the control to t-above.sh: without daxguard one way down, with the memory online, and what becomes of it. daxguard.way=N says which.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./machines.sh
. ./ways.sh

# stuck: the kernel's worker that ejects waits for a lock that it has itself; whoever wants to change a block waits with it.
stuck()
{
	# shellcheck disable=SC2046 # words
	grep -qs ' remove_memory+' /dev/null $(grep -ls acpi_device_hotplug+ /proc/[0-9]*/stack)
}

# what_became: prints "stuck" if nothing of the machine's memory can be changed any more, "lost" if the kernel keeps memory that no device
# has, "kept" if all blocks are online as before.
what_became()
{
	if stuck; then
		echo stuck
	elif memory_lost; then
		echo lost
	elif [ -e "$DAX/devices/dax0.0/driver" ] && [ "$(count_blocks dax0.0 online)" -eq "$blocks" ]; then
		echo kept
	else
		echo other
	fi
}

if ! load_machine || ! make_memory || ! dax_to_kmem dax0.0; then
	not_ok "the memory of the machine $MACHINE" 'there is none'
	exit 0
fi
offline_all dax0.0
check 'all blocks are online' online_all dax0.0 online_movable
blocks=$(dax_blocks dax0.0 | wc -l)
ways >/tmp/ways
way=$(boot_number daxguard.way 1)
row=$(sed -n "${way}p" /tmp/ways)
if [ -z "$row" ]; then
	not_ok "way $way" "the machine $MACHINE has $(wc -l </tmp/ways)"
	exit 0
fi
text=${row%% *}
file=${row#* }
case "$text $file" in
*' rmmod') rmmod "$text" ;;
nothing*) echo >"$file" ;;
*) echo "$text" >"$file" ;;
esac
_status=$?
# What a decoder is made of the kernel itself lets nobody change while it is committed. The emulated card has its decoders after a reset as
# before it; a real one has not. Of an eject it makes nothing where no scan handler of ACPI has the device, as the root
# of the NVDIMMs; a host bridge has one.
case $file in
*/mode | */dpa_size | */reset* | */ACPI0012:*/eject) fate=kept ;;
*/eject) fate=stuck ;;
*) fate=lost ;;
esac
# done by a worker, later
[ $fate != stuck ] || wait_for 60 stuck
note "way $way: $text > $file: exit status $_status, the memory is $(what_became)"
check "way $way: $text > $file: without daxguard the memory is $fate" test "$(what_became)" = $fate
