# SPDX-License-Identifier: GPL-2.0-only
# Suite: a dax device that is gone and still open somewhere: what was above it is not above the next one of its name. Two expanders.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./machines.sh

# made_of MEMDEV: a region of that expander alone, and its dax device.
made_of()
{
	region=$(make_region 256 0 "$1") && wait_for 10 test -e $DAX/devices/dax0.0
}

# above MEMDEV: the guard has it above a device.
above()
{
	bpftool map dump pinned "$PINS"/v1/maps/below | grep -q "\"name\": \"$1\""
}

to_device_dax()
{
	dax_to_kmem dax0.0 && dax_unbind dax0.0 || return 1
	echo dax0.0 >$DAX/drivers/device_dax/new_id
	[ -e $DAX/devices/dax0.0/driver ] || echo dax0.0 >$DAX/drivers/device_dax/bind
}

load_machine
stranger true
load_or_quit
check 'a region of mem0' made_of mem0
check 'mem0 is above its device' above mem0
check 'the device can be opened' to_device_dax
# shellcheck disable=SC2046 # two words
mknod /tmp/dax c $(tr : ' ' <$DAX/devices/dax0.0/dev)
exec 5<>/tmp/dax
check 'the region goes' unmake_region "$region"
check 'a region of mem1 gives a device of the same name' made_of mem1
check 'mem1 is above it' above mem1
check 'mem0 is not' sh -c "! bpftool map dump pinned $PINS/v1/maps/below | grep -q '\"mem0\"'"
exec 5>&-
check 'mem1 still is when the former is closed' above mem1
check 'it is in kmem' dax_to_kmem dax0.0
check 'all its blocks are online' online_all dax0.0 online_movable
expect_status 0 'mem0 may be unbound' stranger dgprobe attempt write /sys/bus/cxl/drivers/cxl_mem/unbind mem0
expect_status 1 'mem1 may not' stranger dgprobe attempt write /sys/bus/cxl/drivers/cxl_mem/unbind mem1
check 'nothing is lost' test "$(counter leaked)" = 0
