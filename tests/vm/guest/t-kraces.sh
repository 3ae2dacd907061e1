# SPDX-License-Identifier: GPL-2.0-only
# Suite: what goes wrong with whole devices on a stock kernel, each as a fault that is seen there and not on a patched one.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

# Each row answers 0: sound, 1: the fault is there, 2: could not be tried (the reason is on stderr).

# deny_while BLOCK online|offline COMMAND...: with that step failing.
deny_while()
{
	deny_block "$1" "$2" || return 2
	shift 2
	"$@"
	_rc=$?
	allow_block
	return $_rc
}

write_state()
{
	dgprobe attempt write $STATE "$1"
}

# From wherever it is to all blocks online in the movable zone.
fresh()
{
	# all of them are gone where the row before has ended so
	if [ -e "$MEMORY/memory$(echo "$blocks" | head -n 1)" ]; then
		offline_all dax0.0 || return 1
	fi
	dax_unbind dax0.0 && dax_bind dax0.0 kmem && online_all dax0.0 online_movable && zones_are dax0.0 Movable
}

# A writer's online between the victim's last look and the release: 6.12 has only unbind, which loses the range.
row_online_before_release()
{
	fresh || return 2
	offline_all dax0.0
	# the rival, where the victim does not see it; in the range that the next bind could do without
	online_block "$(echo "$blocks" | tail -n 1)"
	if [ -e $STATE ]; then
		write_state unplugged || return 1
	fi
	dax_unbind dax0.0
	no_blocks dax0.0
}

# One range cannot go: all of the device is as it was.
row_unplug_of_the_second_range_fails()
{
	fresh || return 2
	deny_while "$(echo "$blocks" | tail -n 1)" offline write_state unplugged && return 1
	zones_are dax0.0 Movable
}

# One block cannot come: that is an error, and nothing has come.
row_online_of_the_last_block_fails()
{
	fresh && write_state unplugged || return 2
	deny_while "$(echo "$blocks" | tail -n 1)" online write_state online_movable && return 1
	no_blocks dax0.0
}

# A block changed by its own file: the device does not say the old thing.
row_reads_what_was()
{
	fresh && write_state unplugged && write_state online_movable || return 2
	offline_block "$(echo "$blocks" | head -n 1)"
	[ "$(cat $STATE)" != online_movable ]
}

# A write that failed does not choose the zone of a later one.
row_zone_of_a_failed_write()
{
	fresh && offline_all dax0.0 || return 2
	_b=$(echo "$blocks" | head -n 1)
	echo online_kernel >"$MEMORY/memory$_b/state"
	dgprobe attempt write "$MEMORY/memory$_b/state" online_movable && return 2
	offline_block "$_b"
	echo 1 >"$MEMORY/memory$_b/online"
	_zone=$(zone_of "$_b")
	echo "the zone is $_zone" >&2
	[ "$_zone" = Normal ]
}

# The ranges of a device change under its driver. Last: the next unbind reads out of bounds on a stock kernel.
row_mapping_of_a_bound_device()
{
	# one range may be lost by now
	dax_to_kmem dax0.0
	[ "$(dax_driver dax0.0)" = kmem ] || return 2
	add_range dax0.0
	[ $? -eq 1 ]
}

# faulty ROW: does this kernel have it?
faulty()
{
	! patched || return 1
	case $1-$(uname -r) in
	online_before_release-7.* | unplug_of_the_second_range_fails-7.*) return 1 ;;
	*) ;;
	esac
}

# row NAME: sound on a patched kernel, and the fault seen where it should be.
row()
{
	"row_$1"
	case $? in
	0) word=sound ;;
	1) word=fault ;;
	*) word='not tried' ;;
	esac
	note "race $(uname -r) $1: $word"
	want=sound
	faulty "$1" && want=fault
	check "$1: $want" test "$word" = "$want"
}

if ! dax_load || ! dax_two_ranges; then
	not_ok 'a dax device in two ranges' 'there is none'
	exit 0
fi
check 'there is a refusal point' hook_ready
dax_bind dax0.0 kmem
blocks=$(dax_blocks dax0.0)
note "blocks: $(echo "$blocks" | tr '\n' ' ')"
for name in unplug_of_the_second_range_fails online_of_the_last_block_fails reads_what_was; do
	if [ -e $STATE ]; then
		row $name
	else
		skip "$name" "no daxX.Y/state before 7.3 without our patches: this is $(uname -r)"
	fi
done
row zone_of_a_failed_write
row online_before_release
row mapping_of_a_bound_device
