# SPDX-License-Identifier: GPL-2.0-only
# Suite: a region is disabled while its blocks are brought online, its device is bound, or the owner of it dies: nothing is ever lost.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./machines.sh

ROUNDS=$(boot_number daxguard.rounds 8)
# daxguard.part=1, 2 or 3 alone: the long runs are too long for one
case $(boot_number daxguard.part 0) in
0) MODES='lsm both' ;;
1) MODES=lsm ;;
2) MODES=both ;;
3) MODES='' ;;
esac
REGION=/sys/bus/cxl/drivers/cxl_region

lost()
{
	[ "$(counter leaked)" -ne 0 ] || memory_lost
}

# Until somebody ends it: every block of the device, as it comes and goes.
online_rival()
{
	while :; do
		for _b in $blocks; do
			echo online_movable >"$MEMORY/memory$_b/state"
		done
		# or the region would never be seen offline
		usleep 30000
	done 2>/dev/null
}

bind_rival()
{
	while :; do
		echo dax0.0 >"$DAX/drivers/kmem/bind"
	done 2>/dev/null
}

# Owners that online blocks and are killed in the middle of it.
dying_rival()
{
	while :; do
		daxguard run dax0.0 -- sh /tmp/owner.sh &
		_owner=$!
		usleep $((200000 + $$ % 7 * 30000))
		kill -KILL $_owner
		wait $_owner
		# a while without an owner
		usleep 100000
	done 2>/dev/null
}

bound_again()
{
	[ -e "$CXL/$region/driver" ] || echo "$region" >$REGION/bind
	wait_for 10 test -e "$DAX/devices/dax0.0" && wait_for 10 in_kmem
}

in_kmem()
{
	dax_to_kmem dax0.0
	[ "$(dax_driver dax0.0)" = kmem ]
}

# One round: the region is disabled while the rival is about. Adds to gone and refused. Returns 1 if memory is lost.
one_round()
{
	bound_again || return 1
	offline_all dax0.0
	_try=0
	while [ $_try -lt 20 ]; do
		_try=$((_try + 1))
		if echo "$region" >$REGION/unbind; then
			gone=$((gone + 1))
			break
		fi
		refused=$((refused + 1))
		usleep 20000
		offline_all dax0.0
	done 2>/dev/null
	! lost
}

race()
{
	gone=0 refused=0 round=0
	$1 &
	rival=$!
	while [ $round -lt "$ROUNDS" ] && one_round 2>/dev/null; do
		round=$((round + 1))
	done
	kill -KILL $rival
	wait $rival
	note "$mode: $1: rounds $round, disabled $gone, refused $refused, leaked $(counter leaked)"
	[ $round -eq "$ROUNDS" ]
}

comes_and_goes()
{
	round=0
	while [ $round -lt "$ROUNDS" ]; do
		unmake_region "$region" && make_memory && dax_to_kmem dax0.0 && offline_all dax0.0 || return 1
		round=$((round + 1))
	done
}

if ! load_machine || ! make_memory || ! dax_to_kmem dax0.0; then
	not_ok "the memory of the machine $MACHINE" 'there is none'
	exit 0
fi
blocks=$(dax_blocks dax0.0 | tr '\n' ' ')
cat >/tmp/owner.sh <<END
for b in $blocks; do
	echo online_movable >$MEMORY/memory\$b/state
done
sleep 5
END
stranger true
check 'there is a refusal point' hook_ready
for mode in $MODES; do
	says 0 "$mode: load" '' daxguard load --hooks="$mode"
	# how often it finds the blocks offline is a matter of luck
	check "$mode: online_rival: nothing is lost in $ROUNDS rounds" race online_rival
	check "$mode: online_rival: the region was refused at times" test "$refused" -gt 0
	check "$mode: dying_rival: nothing is lost in $ROUNDS rounds" race dying_rival
	check "$mode: dying_rival: the region went at times, and was refused at times" test "$gone" -gt 0 -a "$refused" -gt 0
	# what a bind brings is online at once then
	echo online_movable >"$MEMORY/auto_online_blocks"
	check "$mode: bind_rival: nothing is lost in $ROUNDS rounds" race bind_rival
	echo offline >"$MEMORY/auto_online_blocks"
	check "$mode: unload" daxguard unload
done
bound_again
offline_all dax0.0
says 0 'load' '' daxguard load
check "a region comes and goes $ROUNDS times" comes_and_goes
unmake_region "$region"
daxguard status >/dev/null
check 'the map ancestors is empty' test "$(bpftool map dump pinned "$PINS/v1/maps/ancestors" -j | tr -d ' \n')" = '[]'
check 'the map below is empty' test "$(bpftool map dump pinned "$PINS/v1/maps/below" -j | tr -d ' \n')" = '[]'
