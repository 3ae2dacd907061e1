# SPDX-License-Identifier: GPL-2.0-only
# Suite: cxl, ndctl and daxctl as they are, of two Debians, on memory that is online: what each says, and that nothing is lost.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./machines.sh

all_online()
{
	[ "$(dax_driver dax0.0)" = kmem ] && [ "$(count_blocks dax0.0 online)" -eq "$blocks" ]
}

# tool COMMAND...: runs it and notes what it printed and returned.
tool()
{
	timeout 60 "$@" >/tmp/said 2>&1
	_status=$?
	note "$*: exit status $_status: $(tr '\n' ';' </tmp/said | cut -c1-200)"
	return $_status
}

nothing_lost()
{
	[ "$(counter leaked)" -eq 0 ] && ! memory_lost
}

# keeps COMMAND...: the tool is refused, all is as before. A tool may take the memory offline first: then nothing is lost either.
keeps()
{
	tool "$@"
	_tool=$?
	if all_online; then
		[ $_tool -ne 0 ] || echo 'it says that it has done it' >&2
		return 0
	fi
	nothing_lost && make_again
}

make_again()
{
	case $MACHINE in
	cxl*)
		for _x in "$CXL"/region*; do
			[ ! -e "$_x" ] || unmake_region "${_x##*/}"
		done
		make_memory && to_online_kmem dax0.0
		;;
	*) make_memory && to_online_kmem dax0.0 ;;
	esac
}

cxl_tools()
{
	for t in '' newer-; do
		check "${t}cxl disable-region" keeps "${t}cxl" disable-region "$region"
		check "${t}cxl destroy-region -f" keeps "${t}cxl" destroy-region -f "$region"
		check "${t}cxl disable-memdev -f" keeps "${t}cxl" disable-memdev -f mem0
		check "${t}daxctl destroy-device" keeps "${t}daxctl" destroy-device -f dax0.0
		check "${t}: nothing is lost" nothing_lost
	done
	offline_all dax0.0
	for t in '' newer-; do
		check "all offline: ${t}cxl disable-region works" tool "${t}cxl" disable-region "$region"
		check "all offline: ${t}cxl enable-region works" tool "${t}cxl" enable-region "$region"
		wait_for 10 test -e "$DAX/devices/dax0.0"
		dax_to_kmem dax0.0
		offline_all dax0.0
	done
}

nvdimm_tools()
{
	for t in '' newer-; do
		check "${t}ndctl disable-namespace" keeps "${t}ndctl" disable-namespace all
		check "${t}ndctl destroy-namespace -f" keeps "${t}ndctl" destroy-namespace -f all
		check "${t}ndctl disable-region" keeps "${t}ndctl" disable-region region0
		check "${t}daxctl destroy-device" keeps "${t}daxctl" destroy-device -f dax0.0
		check "${t}: nothing is lost" nothing_lost
	done
	offline_all dax0.0
	check 'all offline: ndctl disable-namespace works' tool ndctl disable-namespace namespace0.0
}

if ! load_machine || ! make_memory || ! to_online_kmem dax0.0; then
	not_ok "the memory of the machine $MACHINE" 'there is none'
	exit 0
fi
blocks=$(dax_blocks dax0.0 | wc -l)
load_or_quit
case $MACHINE in
cxl*) cxl_tools ;;
*) nvdimm_tools ;;
esac
check 'at the end nothing is lost' nothing_lost
