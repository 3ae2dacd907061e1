# SPDX-License-Identifier: GPL-2.0-only
# Suite: each machine of machines.conf has the memory that it is there for, which can be taken apart and made again; nothing of daxguard runs.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./machines.sh

# wanted: prints how many blocks of 128 MiB each of its dax devices should have. An NVDIMM loses one to its own data at either end.
wanted()
{
	case $MACHINE in
	cxl | cxl-two-regions) echo 4 ;;
	nvdimm) echo 6 ;;
	*) echo 8 ;;
	esac
}

# all_offline: each device is in kmem, with so many blocks, all offline.
all_offline()
{
	for _dev in $(machine_dax); do
		_is="$(dax_driver "$_dev") $(dax_blocks "$_dev" | wc -l) $(count_blocks "$_dev" offline)"
		[ "$_is" = "kmem $(wanted) $(wanted)" ] || {
			echo "$_dev: $_is" >&2
			return 1
		}
	done
}

# first_block_works DEV: it goes online and offline again.
first_block_works()
{
	_b=$(dax_blocks "$1" | head -n 1)
	echo online_movable >"$MEMORY/memory$_b/state" && [ "$(block_state "$_b")" = online ] &&
		echo offline >"$MEMORY/memory$_b/state" && [ "$(block_state "$_b")" = offline ]
}

# nothing_there: neither the devices nor the blocks, whose numbers are in $numbers.
nothing_there()
{
	! dax_made && for _b in $numbers; do
		[ ! -e "$MEMORY/memory$_b" ] || return 1
	done
}

all_numbers()
{
	for _dev in $(machine_dax); do
		dax_blocks "$_dev"
	done
}

# sees TOOL WORD...: what the tool lists has the words.
sees()
{
	_tool=$1
	shift
	"$_tool" list $LIST >/tmp/list || return 1
	for _w in "$@"; do
		grep -Fq "\"$_w\"" /tmp/list || {
			cat /tmp/list >&2
			return 1
		}
	done
}

# Both tools of each kind, this Debian's and the newer one, which only guests of the host's own processor have.
tools_see()
{
	for tool in '' newer-; do
		command -v "${tool}daxctl" >/dev/null || continue
		LIST=
		check "${tool}daxctl sees the device in kmem" sees "${tool}daxctl" dax0.0 system-ram
		case $MACHINE in
		cxl*)
			LIST='-M -R'
			check "${tool}cxl sees expander and region" sees "${tool}cxl" mem0 "$region"
			;;
		nvdimm)
			LIST='-N'
			check "${tool}ndctl sees both namespaces" sees "${tool}ndctl" devdax fsdax
			;;
		esac
	done
}

# One of two regions loses its driver and gets it again; the other stays as it is.
neighbour_stays()
{
	echo "$region" >/sys/bus/cxl/drivers/cxl_region/unbind && [ ! -e $DAX/devices/dax0.0 ] && first_block_works dax1.0 &&
		echo "$region" >/sys/bus/cxl/drivers/cxl_region/bind && wait_for 10 dax_made
}

fsdax_works()
{
	[ "$(cat /sys/block/pmem1/queue/dax)" = 1 ] && echo 'a line' >/dev/pmem1 && [ "$(head -n 1 /dev/pmem1)" = 'a line' ]
}

# made WHEN: the memory is made, and works. Without it nothing that follows would say anything, so the suite ends.
made()
{
	check "$1: the machine $MACHINE has its memory" make_memory || exit 0
	check "$1: it is in kmem" to_offline_kmem || exit 0
	check "$1: all blocks are there, offline" all_offline || exit 0
	for dev in $(machine_dax); do
		check "$1: a block of $dev goes online and offline" first_block_works "$dev"
	done
}

check 'what its memory is made of appears' load_machine || exit 0
made first
numbers=$(all_numbers)
[ "$MACHINE" = soft ] || tools_see
[ "$MACHINE" != nvdimm ] || check 'the other namespace is a block device with dax' fsdax_works
[ "$MACHINE" != cxl-two-regions ] || check 'one region goes and comes back, the other stays' neighbour_stays
check 'its memory is taken apart' unmake_memory
check 'nothing of it is left' nothing_there
made again
case $MACHINE in
cxl*)
	check 'its memory is taken apart again' unmake_memory
	check 'an expander is unplugged' unplug_expander 0
	check 'another is plugged in' plug_expander 0
	made 'plugged in'
	;;
esac
