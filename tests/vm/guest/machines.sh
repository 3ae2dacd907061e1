# SPDX-License-Identifier: GPL-2.0-only
# Functions for suites on the machines of machines.conf: the memory that they have, made and taken apart; sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of lib.sh, and for the suites

MACHINE=$(boot_word daxguard.machine)
: "${MACHINE:=soft}"
CXL=/sys/bus/cxl/devices

# monitor COMMAND...: has the host give the command to the emulator's monitor. Nothing comes back: wait for what it does.
monitor()
{
	report "monitor: $*"
}

# load_machine: loads the modules of the machine. Returns 1 if what its memory is made of does not appear.
load_machine()
{
	case $MACHINE in
	cxl*)
		for _m in cxl_acpi cxl_port cxl_pci cxl_mem device_dax dax_hmem dax_cxl kmem; do
			modprobe "$_m" || return 1
		done
		wait_for 20 expanders_ready
		;;
	nvdimm)
		for _m in nfit nd_pmem dax_pmem device_dax kmem; do
			modprobe "$_m" || return 1
		done
		wait_for 10 test -e $ND/namespace0.0
		;;
	*) dax_load ;;
	esac
}

# --- CXL ---

# endpoint_of MEMDEV: prints the name of its endpoint port, nothing as long as it has none.
endpoint_of()
{
	for _e in "$CXL"/endpoint*; do
		[ ! -e "$_e/uport" ] || [ "$(basename "$(realpath "$_e/uport")")" != "$1" ] || basename "$_e"
	done
}

# expanders: prints the memdevs.
expanders()
{
	for _mem in "$CXL"/mem*; do
		[ ! -e "$_mem" ] || basename "$_mem"
	done
}

# expanders_ready: each memdev has its endpoint, with decoders.
expanders_ready()
{
	[ -e $CXL/mem0 ] || return 1
	[ "$MACHINE" != cxl2 ] || [ -e $CXL/mem1 ] || return 1
	for _x in $(expanders); do
		[ -e "$CXL/decoder$(endpoint_of "$_x" | tr -dc 0-9).0/mode" ] || return 1
	done
}

# make_region MEGABYTES N [MEMDEV...]: makes a CXL region of that size, interleaved over these expanders (all), of the N-th decoder of
# each, and prints its name. The size is a multiple of 256 MiB for each expander. Its dax device comes by itself.
make_region()
{
	_mb=$1
	_n=$2
	shift 2
	# shellcheck disable=SC2046 # words
	[ $# -gt 0 ] || set -- $(expanders)
	_r=$(cat $CXL/decoder0.0/create_ram_region) && echo "$_r" >$CXL/decoder0.0/create_ram_region || return 1
	echo 256 >"$CXL/$_r/interleave_granularity" && echo $# >"$CXL/$_r/interleave_ways" || return 1
	echo $((_mb * 1048576)) >"$CXL/$_r/size" || return 1
	_share=$((_mb * 1048576 / $#))
	_i=0
	for _x in "$@"; do
		_d=decoder$(endpoint_of "$_x" | tr -dc 0-9).$_n
		echo ram >"$CXL/$_d/mode" && echo $_share >"$CXL/$_d/dpa_size" && echo "$_d" >"$CXL/$_r/target$_i" || return 1
		_i=$((_i + 1))
	done
	echo 1 >"$CXL/$_r/commit" && echo "$_r" >/sys/bus/cxl/drivers/cxl_region/bind || return 1
	echo "$_r"
}

# unmake_region REGION: takes it apart so that its parts can be used again, the last one that was made first: the expander's memory is let go
# (dpa_size) in that order only, else EBUSY. Memory that is online then is lost until the next boot.
unmake_region()
{
	[ ! -e "$CXL/$1/driver" ] || echo "$1" >/sys/bus/cxl/drivers/cxl_region/unbind
	echo 0 >"$CXL/$1/commit"
	_parts=$(cat "$CXL/$1"/target*)
	echo "$1" >$CXL/decoder0.0/delete_region || return 1
	for _d in $_parts; do
		[ ! -e "$CXL/$_d" ] || echo 0 >"$CXL/$_d/dpa_size"
	done
}

# The emulator's names of what is in port N: /tmp/card.N has those of a card that was plugged in since the boot.
card_id()
{
	cat "/tmp/card.$1" 2>/dev/null || echo "cxl$1"
}

# card_of MEMDEV: prints the PCI address of its card.
card_of()
{
	basename "$(dirname "$(realpath "$CXL/$1")")"
}

# slot N: prints the directory of the hotplug slot of port N; machines.conf numbers them from 2.
slot()
{
	echo /sys/bus/pci/slots/$(($1 + 2))
}

# memdev_in N: prints the memdev whose card is in port N, nothing if there is none. The drivers begin side by side: mem0 may be in port 1.
memdev_in()
{
	_address=$(cat "$(slot "$1")/address")
	for _x in $(expanders); do
		case $(card_of "$_x") in
		"$_address".*) echo "$_x" ;;
		esac
	done
}

no_memdev_in()
{
	[ -z "$(memdev_in "$1")" ]
}

# unplug_expander N: takes out the card in port N, as who presses the slot's button; all its memory is offline. Its regions are gone before,
# for they would stay behind without their targets.
unplug_expander()
{
	monitor "device_del $(card_id "$1")"
	wait_for 60 grep -qx 0 "$(slot "$1")/power" && wait_for 60 no_memdev_in "$1"
}

# plug_expander N: puts a card of 1 GiB into port N, with other names and other memory: qemu 10 never lets go of those that it had. It refuses
# while the slot is not through with the old one, so it is asked again.
plug_expander()
{
	_card=$(card_id "$1")-
	echo "$_card" >"/tmp/card.$1"
	monitor "object_add memory-backend-ram,id=vm-$_card,share=on,size=1G"
	for _i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		monitor "device_add cxl-type3,bus=rp$1,volatile-memdev=vm-$_card,id=$_card"
		! wait_for 5 expanders_ready || return 0
	done
	return 1
}

# --- NVDIMM ---

# nvdimm_to_fsdax: makes namespace1.0 a block device for a filesystem with dax, /dev/pmem1.
nvdimm_to_fsdax()
{
	claim pfn1.0 namespace1.0 nd_pmem
}

# --- the machine's memory, whatever it is made of ---

# machine_dax: prints the dax devices of the machine.
machine_dax()
{
	echo dax0.0
	[ "$MACHINE" != cxl-two-regions ] || echo dax1.0
}

# dax_made: they are there, and so is what comes last of each, after its driver.
dax_made()
{
	for _x in $(machine_dax); do
		[ -e "$DAX/devices/$_x/mapping0/end" ] || return 1
	done
}

# make_memory: the machine's memory as its dax devices, where it is not there already. Sets $region, and $region2 where there are two, where it is of CXL.
make_memory()
{
	case $MACHINE in
	cxl) region=$(make_region 512 0) ;;
	cxl2) region=$(make_region 1024 0) ;;
	cxl-two-regions) region=$(make_region 512 0) && region2=$(make_region 512 1) ;;
	nvdimm) nvdimm_to_dax && nvdimm_to_fsdax ;;
	*) [ -e /sys/bus/platform/devices/hmem.0/driver ] || echo hmem.0 >/sys/bus/platform/drivers/hmem/bind ;;
	esac && wait_for 10 dax_made
}

# unmake_memory: takes apart what make_memory has made, all of it offline.
unmake_memory()
{
	case $MACHINE in
	cxl-two-regions) unmake_region "$region2" && unmake_region "$region" ;;
	cxl*) unmake_region "$region" ;;
	nvdimm) echo dax0.0 >/sys/bus/nd/drivers/dax_pmem/unbind ;;
	*) echo hmem.0 >/sys/bus/platform/drivers/hmem/unbind ;;
	esac
}

# to_offline_kmem: each dax device in kmem with its blocks there, all of them offline.
to_offline_kmem()
{
	for _dev in $(machine_dax); do
		dax_to_kmem "$_dev" && [ -n "$(dax_blocks "$_dev")" ] || return 1
		# the last one is the last that kmem adds
		wait_for 10 test -e "$MEMORY/memory$(dax_blocks "$_dev" | tail -n 1)" && offline_all "$_dev" || return 1
	done
}

# to_online_kmem DEV: it is in kmem, and those of its blocks that are not online are brought online, movable.
to_online_kmem()
{
	dax_to_kmem "$1" || return 1
	for _b in $(dax_blocks "$1"); do
		[ "$(block_state "$_b")" = online ] || echo online_movable >"$MEMORY/memory$_b/state" || return 1
	done
}

# ready_machine: all of that, from a fresh boot.
ready_machine()
{
	load_machine && make_memory && to_offline_kmem
}
