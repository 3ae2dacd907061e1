# SPDX-License-Identifier: GPL-2.0-only
# Suite: the ways to take online memory away from above: each refused while a block is online, each let through when all is offline.
# shellcheck shell=sh disable=SC1091,SC2154 # the five files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./machines.sh
. ./ways.sh

newline='
'

# go_down TEXT FILE: tries that way. Returns 0 if it is let through, 1 if the guard refuses it, else the kernel's own answer as dgprobe has it.
go_down()
{
	case "$*" in
	*' rmmod') stranger dgprobe delete-module 64 "$1" ;;
	nothing*) stranger dgprobe attempt write "$2" "$newline" ;;
	*) stranger dgprobe attempt write "$2" "$1" ;;
	esac
}

# is_refused TEXT FILE: it is, and the guard has counted that.
is_refused()
{
	_before=$(counter refused)
	go_down "$1" "$2"
	_status=$?
	# 6.1 does not say whose an ACPI driver is, but knows that the module is in use
	[ "$1 $_status" != 'nfit 3' ] || return 0
	[ $_status -eq 1 ] || echo "exit status $_status, not 1" >&2
	[ $_status -eq 1 ] && [ "$(counter refused)" -gt "$_before" ]
}

# not_refused TEXT FILE: by the guard; the kernel may have an answer of its own.
not_refused()
{
	_before=$(counter refused)
	go_down "$1" "$2"
	echo "exit status $?" >&2
	[ "$(counter refused)" -eq "$_before" ]
}

# each_way CHECK WORD: a check for each way down that is made for it: as long as kmem has the device, no eject may go through.
each_way()
{
	ways >/tmp/ways
	while read -r text file; do
		[ "$2 ${file##*/}" != 'let through eject' ] || continue
		check "$mode: $3: $text > $file is $2" "$1" "$text" "$file" </dev/null
	done </tmp/ways
}

all_online()
{
	[ "$(count_blocks dax0.0 online)" -eq "$blocks" ]
}

# still_works: all blocks are online, and one goes offline and comes back.
still_works()
{
	all_online && offline_block "$first" && dgprobe attempt write "$MEMORY/memory$first/state" online_movable && all_online
}

to_online()
{
	to_online_kmem dax0.0 || return 1
	blocks=$(dax_blocks dax0.0 | wc -l)
	first=$(dax_blocks dax0.0 | head -n 1)
	all_online
}

nothing_lost()
{
	[ "$(counter leaked)" -eq 0 ] && ! dmesg | grep -q 'until the next reboot\|until reboot'
}

# An event names the ancestor, its bus, and what is below.
ancestor_is_named()
{
	take_events >/tmp/events
	dgprobe json event device ancestor.subsystem below.0 below_total </tmp/events | grep -Fq "$(printf 'refused\tdax0.0\t%s\tdax0.0\t1' "$1")"
}

# leak_names ANCESTOR: a leak of dax0.0 has been reported, with that ancestor.
leak_names()
{
	collect_events
	dgprobe json event device ancestor.name </tmp/events | grep -Fqx "$(printf 'leak\tdax0.0\t%s' "$1")"
}

subsystem()
{
	case $MACHINE in
	cxl*) echo cxl ;;
	nvdimm) echo nd ;;
	*) echo platform ;;
	esac
}

# The maps have what is above a device, as long as it is there.
nothing_above()
{
	daxguard status >/dev/null
	[ "$(bpftool map dump pinned "$PINS"/v1/maps/ancestors -j | tr -d '\n')" = '[]' ] &&
		[ "$(bpftool map dump pinned "$PINS"/v1/maps/below -j | tr -d '\n')" = '[]' ]
}

# --- a neighbour that has nothing online is nobody's business ---

neighbour_goes()
{
	case $MACHINE in
	cxl)
		other=$(make_region 256 1) && wait_for 10 test -e "$DAX/devices/dax1.0" || return 1
		dax_to_kmem dax1.0
		offline_all dax1.0
		not_refused "$other" /sys/bus/cxl/drivers/cxl_region/unbind && unmake_region "$other"
		;;
	cxl2) not_refused 1 /sys/bus/pci/devices/0000:00:1f.3/remove && [ ! -e /sys/bus/pci/devices/0000:00:1f.3 ] ;;
	nvdimm)
		for _x in $(there /sys/bus/nd/drivers/nd_pmem/namespace* /sys/bus/nd/drivers/nd_pmem/pfn*); do
			not_refused "${_x##*/}" /sys/bus/nd/drivers/nd_pmem/unbind && [ ! -e "$_x" ]
			return
		done
		echo 'there is no other namespace' >&2
		return 1
		;;
	*) not_refused pcspkr /sys/bus/platform/drivers/pcspkr/unbind ;;
	esac
}

# --- with everything offline each goes through, and the memory can be made again ---

# back: what was taken away comes back.
back()
{
	case $MACHINE in
	cxl*) cxl_back ;;
	nvdimm)
		modprobe nfit
		modprobe dax_pmem
		for _f in $(there /sys/bus/*/drivers/nfit /sys/bus/*/drivers/acpi-nfit); do
			[ -e "$_f/ACPI0012:00" ] || echo ACPI0012:00 >"$_f/bind"
		done
		wait_for 10 test -e "$ND/region0"
		[ -e "$ND/region0/driver" ] || echo region0 >/sys/bus/nd/drivers/nd_region/bind
		[ -e "$DAX/devices/dax0.0" ] || nvdimm_to_dax || echo dax0.0 >/sys/bus/nd/drivers/dax_pmem/bind
		;;
	*)
		modprobe dax_hmem
		[ -e /sys/bus/platform/devices/hmem.0 ] || echo hmem_platform.0 >/sys/bus/platform/drivers/hmem_platform/bind
		[ -e /sys/bus/platform/devices/hmem.0/driver ] || echo hmem.0 >/sys/bus/platform/drivers/hmem/bind
		;;
	esac
	wait_for 20 test -e "$DAX/devices/dax0.0" && dax_to_kmem dax0.0 && offline_all dax0.0
}

# bound BUS DEVICE DRIVER: the device has its driver.
bound()
{
	[ -e "/sys/bus/$1/devices/$2/driver" ] || echo "$2" >"/sys/bus/$1/drivers/$3/bind"
}

card_there()
{
	grep -qx 0x050210 /sys/bus/pci/devices/*/class
}

# Each card has its driver, and so its memdev and endpoint.
cards_bound()
{
	for _x in /sys/bus/pci/devices/*; do
		[ "$(cat "$_x/class")" != 0x050210 ] || bound pci "${_x##*/}" cxl_pci
	done
	wait_for 5 test -e "$CXL/mem0" || return 1
	for _x in $(expanders); do
		bound cxl "$_x" cxl_mem
	done
	wait_for 5 expanders_ready
}

# A root port that was away is not looked for again by the host bridge's port, which has to come anew.
all_anew()
{
	for _x in $(there "$CXL"/mem*); do
		_card=$(dirname "$(realpath "$_x")")
		echo "${_card##*/}" >/sys/bus/pci/drivers/cxl_pci/unbind
	done
	echo ACPI0017:00 >/sys/bus/platform/drivers/cxl_acpi/unbind
	bound platform ACPI0017:00 cxl_acpi
	cards_bound
}

cxl_back()
{
	for _m in cxl_acpi cxl_pci cxl_mem dax_cxl; do
		modprobe $_m
	done
	echo 1 >/sys/bus/pci/rescan
	wait_for 10 card_there
	bound platform ACPI0017:00 cxl_acpi
	cards_bound || all_anew || return 1
	[ ! -e "$DAX/devices/dax0.0" ] || return 0
	for _x in $(there "$CXL"/region*); do
		unmake_region "$(basename "$_x")"
	done
	region=$(make_region "$size" 0)
}

# gone: the memory is unmade, the dax device and all.
gone()
{
	case $MACHINE in
	cxl*) unmake_region "$region" ;;
	nvdimm)
		for _x in $(there /sys/bus/nd/drivers/dax_pmem/dax*); do
			echo "${_x##*/}" >/sys/bus/nd/drivers/dax_pmem/unbind
		done
		;;
	*) echo hmem.0 >/sys/bus/platform/drivers/hmem/unbind ;;
	esac
	wait_for 10 test ! -e "$DAX/devices/dax0.0"
}

# The emulator takes a card out for good whose slot has no power.
goes_and_comes_back()
{
	case $2 in
	*/power) return 0 ;;
	esac
	not_refused "$1" "$2" && back
}

column()
{
	mode=$1
	says 0 "$mode: load" '' daxguard load --hooks="$mode"
	check "$mode: all blocks are online" to_online
	each_way is_refused refused online
	check "$mode: everything works as before" still_works
	check "$mode: nothing is lost" nothing_lost
	check "$mode: the event names what takes the device along" ancestor_is_named "$(subsystem)"
	# there the name is not known yet when the file is opened: a driver that has such an ancestor lets nothing go
	[ "$mode" = kernel ] || check "$mode: another, of the same bus, is let go" neighbour_goes
	check "$mode: all is offline" offline_all dax0.0
	for file in $(ejects); do
		check "$mode: offline, but in kmem: 1 > $file is refused" is_refused 1 "$file"
	done
	if [ "$mode" = lsm ]; then
		check "$mode: held by another" daxguard begin dax0.0
		each_way is_refused refused held
		daxguard end dax0.0
		each_way goes_and_comes_back 'let through' offline
	fi
	check "$mode: nothing is lost then" nothing_lost
	check "$mode: nothing was left undecided" test "$(counter undecided)" = 0
	check "$mode: unload" daxguard unload
}

size=512
[ "$MACHINE" != cxl2 ] || size=1024
if ! load_machine || ! make_memory; then
	not_ok "the memory of the machine $MACHINE" 'there is none'
	exit 0
fi
stranger true
check 'there is a refusal point' hook_ready
for hooks in lsm both kernel; do
	column $hooks
done
check 'the memory is there at last' back
says 0 'load' '' daxguard load
check 'region and all above go' gone
check 'of what is above nothing is left in the maps' nothing_above
if [ "$MACHINE" = cxl ]; then
	check 'the memory is made again' make_memory
	check 'all its blocks are online' to_online
	card=$(card_of mem0)
	monitor "device_del cxl0"
	check 'a card that is pulled out: the leak names it' wait_for 60 leak_names "$card"
fi
if [ "$MACHINE" = soft ]; then
	check 'the memory is made again' make_memory
	check 'all its blocks are online' to_online
	check 'policy allows it to be lost' daxguard policy set '*' unbind=allow
	check 'then it goes' not_refused hmem.0 /sys/bus/platform/drivers/hmem/unbind
	check 'and the leak names what went' leak_names hmem.0
fi
for slot in $(there /sys/bus/pci/slots/*/power); do
	check "offline: 0 > $slot is let through" not_refused 0 "$slot"
done
