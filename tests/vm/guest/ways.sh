# SPDX-License-Identifier: GPL-2.0-only
# The ways in which a machine's memory is taken away from above: a row each, for the suites about that; sourced after machines.sh.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh and machines.sh

# there FILE...: prints "FILE" for each that is there.
there()
{
	for _f in "$@"; do
		[ ! -e "$_f" ] || echo "$_f"
	done
}

# ejects: prints the files that have firmware eject what is above the memory; machines.conf says which machine has one.
ejects()
{
	there /sys/bus/acpi/devices/ACPI00*/eject
}

# port N: prints the root port above the N-th expander.
port()
{
	basename "$(dirname "$(dirname "$(realpath "$CXL/mem$1")")")"
}

# ways: prints "TEXT FILE" for each way down that this machine has, "MODULE rmmod" for a module; the text "nothing" is an empty line. In each what is nearest to the memory comes first.
ways()
{
	case $MACHINE in
	cxl*) cxl_ways ;;
	nvdimm) nvdimm_ways ;;
	*)
		echo "hmem.0 /sys/bus/platform/drivers/hmem/unbind"
		# what has made the other from the firmware's table; in sysfs the two have nothing to do with each other
		for _f in $(there /sys/bus/platform/drivers/hmem_platform/unbind); do
			echo "hmem_platform.0 $_f"
		done
		echo "dax_hmem rmmod"
		;;
	esac
}

cxl_ways()
{
	echo "dax_cxl rmmod"
	echo "$region /sys/bus/cxl/drivers/cxl_region/unbind"
	echo "0 $CXL/$region/commit"
	echo "$region $CXL/decoder0.0/delete_region"
	for _f in "$CXL/$region"/target*; do
		echo "nothing $_f"
	done
	for _n in $(expanders | tr -dc '0-9\n'); do
		_d=decoder$(endpoint_of "mem$_n" | tr -dc 0-9).0
		echo "none $CXL/$_d/mode"
		echo "0 $CXL/$_d/dpa_size"
		echo "$(endpoint_of "mem$_n") /sys/bus/cxl/drivers/cxl_port/unbind"
		echo "mem$_n /sys/bus/cxl/drivers/cxl_mem/unbind"
		echo "$(card_of "mem$_n") /sys/bus/pci/drivers/cxl_pci/unbind"
		for _f in $(there "/sys/bus/pci/devices/$(card_of "mem$_n")"/reset "/sys/bus/pci/devices/$(card_of "mem$_n")"/remove); do
			echo "1 $_f"
		done
		for _f in $(there "/sys/bus/pci/devices/$(port "$_n")"/reset_subordinate "/sys/bus/pci/devices/$(port "$_n")"/remove); do
			echo "1 $_f"
		done
	done
	for _f in $(there /sys/bus/pci/slots/*/power); do
		echo "0 $_f"
	done
	echo "ACPI0017:00 /sys/bus/platform/drivers/cxl_acpi/unbind"
	for _m in cxl_mem cxl_pci cxl_acpi; do
		echo "$_m rmmod"
	done
	for _f in $(ejects); do
		echo "1 $_f"
	done
}

nvdimm_ways()
{
	# its number is another one after it has come back
	for _f in $(there /sys/bus/nd/drivers/dax_pmem/dax*); do
		echo "${_f##*/} /sys/bus/nd/drivers/dax_pmem/unbind"
	done
	echo "region0 /sys/bus/nd/drivers/nd_region/unbind"
	for _f in $(there /sys/bus/*/drivers/nfit/unbind /sys/bus/*/drivers/acpi-nfit/unbind); do
		echo "ACPI0012:00 $_f"
	done
	echo "dax_pmem rmmod"
	echo "nfit rmmod"
	for _f in $(ejects); do
		echo "1 $_f"
	done
}
