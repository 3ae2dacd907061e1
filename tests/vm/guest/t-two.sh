# SPDX-License-Identifier: GPL-2.0-only
# Suite: two CXL regions on one expander: what they share stands for both, in what is refused and in what the verbs change.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./machines.sh

REGIONS=/sys/bus/cxl/drivers/cxl_region/unbind
MEMDEVS=/sys/bus/cxl/drivers/cxl_mem/unbind

online_dax()
{
	daxguard plug --zone=movable "$1" && [ "$(count_blocks "$1" offline)" -eq 0 ]
}

# last_refusal DEVICE ANCESTOR: the last event is a refusal with these two, and both devices are below, in any order.
last_refusal()
{
	take_events >/tmp/events
	_last=$(dgprobe json event device ancestor.name below_total below.0 below.1 </tmp/events | tail -n 1 | tr '\t' ' ')
	case $_last in
	"refused $1 $2 2 dax0.0 dax1.0" | "refused $1 $2 2 dax1.0 dax0.0") ;;
	*)
		echo "$_last" >&2
		return 1
		;;
	esac
}

# both_online: all blocks of both.
both_online()
{
	for _d in dax0.0 dax1.0; do
		[ "$(dax_driver $_d)" = kmem ] && [ "$(count_blocks $_d offline)" -eq 0 ] || return 1
	done
}

both_unplugged()
{
	[ "$(dax_driver dax0.0)$(dax_driver dax1.0)" = nonenone ] && [ ! -e "$MEMORY/memory$first" ]
}

held_devices()
{
	daxguard status -j | dgprobe json transitions.0.device transitions.1.device | tr '\t' ' ' | grep -qx "$*"
}

# listed NAME DEVICES: what list says is below that.
listed()
{
	[ "$(daxguard list -j "$1" | grep -o '"device": *"[^"]*"' | cut -d'"' -f4 | tr '\n' ' ')" = "$2 " ]
}

tree_is_right()
{
	daxguard list --tree >/tmp/tree
	[ "$(grep -c 'root0 ' /tmp/tree)" -eq 1 ] && [ "$(grep -c "$(card_of mem0)" /tmp/tree)" -eq 2 ]
}

# sections LINES: a configuration of these lines alone is put in force.
sections()
{
	printf '%s\n' "$@" >/tmp/regions.conf
	daxguard load --hooks=lsm --reload --config=/tmp/regions.conf
}

# seen_as EVENT DEVICE: what a stranger's write to a block of that device is.
seen_as()
{
	stranger dgprobe attempt write "$(state_files "$2" | head -n 1)" online
	take_events >/tmp/events
	[ "$(dgprobe json event device </tmp/events | tail -n 1 | tr '\t' ' ')" = "$*" ]
}

if ! ready_machine; then
	not_ok "the memory of the machine $MACHINE" 'there is none'
	exit 0
fi
stranger true
first=$(dax_blocks dax0.0 | head -n 1)
load_or_quit
check 'one has its memory online' online_dax dax1.0
expect_status 1 'so the expander does not go' stranger dgprobe attempt write $MEMDEVS mem0
check 'the event names both, and whose memory it is' last_refusal dax1.0 mem0
expect_status 1 'nor its region' stranger dgprobe attempt write $REGIONS "$region2"
check 'the other region goes' stranger dgprobe attempt write $REGIONS "$region"
check 'and comes back' dgprobe attempt write /sys/bus/cxl/drivers/cxl_region/bind "$region"
wait_for 10 test -e "$DAX/devices/dax0.0"

check 'plug mem0 means both' online_dax mem0
check 'both are online' both_online
check 'offline mem0 means both' daxguard offline mem0
check 'both are offline' test "$(count_blocks dax0.0 online)$(count_blocks dax1.0 online)" = 00
check 'online mem0 means both' daxguard online --zone=movable mem0
check 'all blocks are online' both_online
check 'list mem0 has both' listed mem0 'dax0.0 dax1.0'
check 'list says where one comes from' sh -c "daxguard list dax1.0 | grep -q ' $region2 (mem0) '"
check 'list of a region has one' listed "$region2" dax1.0
check 'the tree has root0 once, and the card below each region' tree_is_right
note_lines /tmp/tree

check 'begin mem0 holds both' daxguard begin mem0
check 'status says so' held_devices dax0.0 dax1.0
expect_status 4 'another cannot have one of them' stranger daxguard begin dax1.0
check 'a section for each region' sections "[$region]" 'mode = audit' "[$region2]" 'online = movable'
check "the one's device has what its section says" policy_has dax0.0 mode audit
check 'and no other' policy_has dax0.0 online leave
check "the other's has what its own says" policy_has dax1.0 online movable
check 'and no other' policy_has dax1.0 mode enforce
check 'a write to a block of the one is audited' seen_as audited dax0.0
check 'to one of the other refused' seen_as refused dax1.0
check 'the sections go' sections '# nothing'
check 'and with them what they said' seen_as refused dax0.0
check 'end mem0 frees both' daxguard end mem0
check 'nothing is held' nothing_held

check 'a stranger holds one' stranger daxguard begin --owner="$(pidof dgprobe)" dax1.0
expect_status 4 'then mem0 cannot be unplugged' daxguard unplug mem0
check 'and nothing has changed' both_online
daxguard release --force dax1.0
check 'unplug mem0' daxguard unplug mem0
check 'takes both from kmem' both_unplugged
check 'then the expander goes' daxguard run mem0 -- cxl disable-memdev -f mem0
check 'nothing is lost' test "$(counter leaked)" = 0
check 'nothing was left undecided' test "$(counter undecided)" = 0
