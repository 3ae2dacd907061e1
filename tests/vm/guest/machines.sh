# SPDX-License-Identifier: GPL-2.0-only
# Functions for suites on the machines of machines.conf: the memory that they have, made and taken apart; sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # variables of lib.sh, and for the suites

MACHINE=$(sed -n 's/.*daxguard\.machine=\([^ ]*\).*/\1/p' /proc/cmdline)
: "${MACHINE:=soft}"
CXL=/sys/bus/cxl/devices
ND=/sys/bus/nd/devices

# monitor COMMAND...: has the host give the command to the monitor of the emulator.
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

# endpoint_of MEMDEV: prints the name of its endpoint port.
endpoint_of()
{
	for _e in "$CXL"/endpoint*; do
		[ "$(basename "$(realpath "$_e/uport")")" = "$1" ] && basename "$_e"
	done
}

# expanders: prints the memdevs.
expanders()
{
	for _mem in "$CXL"/mem*; do
		basename "$_mem"
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

# make_region MEGABYTES N: makes a CXL region of that size, of the N-th decoder of each expander, and prints its name. Its dax device comes by itself.
make_region()
{
	_r=$(cat $CXL/decoder0.0/create_ram_region) && echo "$_r" >$CXL/decoder0.0/create_ram_region || return 1
	_ways=$(expanders | wc -l)
	echo 256 >"$CXL/$_r/interleave_granularity" && echo "$_ways" >"$CXL/$_r/interleave_ways" || return 1
	echo $(($1 * 1048576)) >"$CXL/$_r/size" || return 1
	_i=0
	for _x in $(expanders); do
		_d=decoder$(endpoint_of "$_x" | tr -dc 0-9).$2
		echo ram >"$CXL/$_d/mode" && echo $(($1 * 1048576 / _ways)) >"$CXL/$_d/dpa_size" || return 1
		echo "$_d" >"$CXL/$_r/target$_i" || return 1
		_i=$((_i + 1))
	done
	echo 1 >"$CXL/$_r/commit" && echo "$_r" >/sys/bus/cxl/drivers/cxl_region/bind || return 1
	echo "$_r"
}

# unmake_region REGION: takes it apart so that its parts can be used again.
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

# nvdimm_to_dax: makes namespace0.0 a dax device for system RAM.
nvdimm_to_dax()
{
	[ ! -e $ND/namespace0.0/driver ] || echo namespace0.0 >/sys/bus/nd/drivers/nd_pmem/unbind
	echo 2097152 >$ND/dax0.0/align && cat /proc/sys/kernel/random/uuid >$ND/dax0.0/uuid || return 1
	echo ram >$ND/dax0.0/mode && echo namespace0.0 >$ND/dax0.0/namespace && echo dax0.0 >/sys/bus/nd/drivers/dax_pmem/bind
}

# make_memory: the machine's memory as dax0.0. Sets $region where it is of CXL.
make_memory()
{
	case $MACHINE in
	cxl) region=$(make_region 512 0) ;;
	cxl2) region=$(make_region 1024 0) ;;
	nvdimm) nvdimm_to_dax ;;
	esac && wait_for 10 test -e "$DAX/devices/dax0.0"
}
