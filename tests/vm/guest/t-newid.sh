# SPDX-License-Identifier: GPL-2.0-only
# Suite: new_id, drivers_probe and a module that comes bind no device that is held or unplugged, unless it is the one that was named.
# DAXGUARD_ROUNDS on the kernel's command line sets how many rounds daxctl plays on both sides.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

rounds=$(boot_number DAXGUARD_ROUNDS 5)

if ! dax_load || ! dax_split 3 2; then
	skip 'devices without a driver' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
# The worst case: what is bound comes online at once. daxctl does not like it either, hence its -f.
echo online >$MEMORY/auto_online_blocks
stranger true
hook_ready

driver_is()
{
	_is=$(dax_driver "$1")
	[ "$_is" = "$2" ] || {
		echo "$1 has the driver $_is" >&2
		return 1
	}
}

# No driver: the test's own way, whatever it has.
bare()
{
	for _dev in "$@"; do
		case $(dax_driver "$_dev") in
		none) continue ;;
		kmem) offline_all "$_dev" ;;
		esac
		dax_unbind "$_dev" || return 1
	done
}

# What binds more than it names; each is done by a stranger, about dax0.2 or none.
names_another()
{
	case $1 in
	new_id) stranger sh -c "echo dax0.2 >$DAX/drivers/kmem/new_id" ;;
	device_dax) stranger sh -c "echo dax0.2 >$DAX/drivers/device_dax/new_id" ;;
	drivers_probe) stranger sh -c "echo dax0.2 >$DAX/drivers_probe" ;;
	modprobe) stranger sh -c 'rmmod kmem; modprobe kmem' ;;
	daxctl) stranger daxctl reconfigure-device -m system-ram -N -f dax0.2 ;;
	plug) stranger daxguard plug dax0.2 ;;
	esac >/dev/null 2>&1
	:
}

# held_stays_bare WAY
held_stays_bare()
{
	bare dax0.1 dax0.2
	# shellcheck disable=SC2016 # for that shell
	sh -c 'daxguard begin dax0.1 && : >/tmp/holds && until [ -e /tmp/let-go ]; do usleep 20000; done; daxguard end dax0.1' &
	_holder=$!
	wait_for 60 test -e /tmp/holds
	names_another "$1"
	driver_is dax0.1 none
	_status=$?
	: >/tmp/let-go
	wait $_holder
	rm -f /tmp/holds /tmp/let-go
	return $_status
}

# unplugged_stays_bare WAY
unplugged_stays_bare()
{
	bare dax0.2
	dax_to_kmem dax0.1
	daxguard unplug dax0.1 >/dev/null || return 1
	names_another "$1"
	driver_is dax0.1 none
}

# An older kernel (6.1) has kmem take by their names alone the devices that new_id has told it, and "bind" none beside.
bare dax0.1 dax0.2
names_another new_id
by_type=$(dax_driver dax0.1)
bare dax0.1 dax0.2

for hooks in lsm kernel; do
	says 0 "load --hooks=$hooks" '' daxguard load --hooks=$hooks
	for way in new_id device_dax drivers_probe modprobe daxctl plug; do
		check "$hooks, $way for another: a held device stays without driver" held_stays_bare $way
		check "$hooks, $way for another: an unplugged device stays without driver" unplugged_stays_bare $way
	done
	check "$hooks, new_id for another has bound that one" driver_is dax0.2 kmem

	# The one that is named, by anybody.
	bare dax0.1 dax0.2
	for file in new_id bind; do
		if [ $file = bind ] && [ "$by_type" = none ]; then
			skip "$hooks, unplugged and then named to bind" "kernel $(uname -r) binds to kmem by new_id alone"
			continue
		fi
		daxguard plug dax0.1 >/dev/null
		daxguard unplug dax0.1 >/dev/null
		stranger sh -c "echo dax0.1 >$DAX/drivers/kmem/remove_id; echo dax0.1 >$DAX/drivers/kmem/$file"
		check "$hooks, unplugged and then named to $file: it is bound" driver_is dax0.1 kmem
		offline_all dax0.1
	done
	daxguard unplug dax0.1 >/dev/null
	check "$hooks, unplugged: daxctl that names it" stranger daxctl reconfigure-device -m system-ram -N -f dax0.1
	check "$hooks, it is bound" driver_is dax0.1 kmem
	offline_all dax0.1
	daxguard unplug dax0.1 >/dev/null
	check "$hooks, unplugged: daxguard plug" daxguard plug dax0.1
	# A device that was made anew is not the one that was unplugged.
	daxguard unplug dax0.1 >/dev/null
	bare dax0.1 dax0.2
	echo 0 >$DAX/devices/dax0.1/size
	echo dax0.1 >"$(realpath $DAX/devices/dax0.0)/../dax_region/delete"
	dax_create && dax_unbind dax0.1
	dax_resize dax0.1 $((2 * $(block_size)))
	names_another new_id
	check "$hooks, unplugged, deleted and made anew: new_id for another does what it did before" driver_is dax0.1 "$by_type"
	bare dax0.0 dax0.1 dax0.2

	# Both sides by daxctl, again and again.
	rm -f /tmp/enough
	stranger sh -c "until [ -e /tmp/enough ]; do
		daxctl reconfigure-device -m system-ram -N -f dax0.2; daxctl offline-memory dax0.2; daxctl reconfigure-device -m devdax -f dax0.2
		echo dax0.2 >$DAX/drivers/device_dax/unbind; done" >/dev/null 2>&1 &
	other=$!
	daxguard plug dax0.1 >/dev/null
	n=0
	failed=0
	tripped=0
	while [ $n -lt "$rounds" ]; do
		if daxguard run --timeout=60 dax0.1 -- daxctl reconfigure-device -m devdax -f dax0.1 >/dev/null 2>/tmp/said.daxctl; then
			[ "$(dax_driver dax0.1)" = device_dax ] || failed=$((failed + 1))
		elif grep -q 'memory[0-9]*: Unable to determine phys_index: No such file' /tmp/said.daxctl; then
			# it reads all blocks of the machine, and gives up where one of another device goes meanwhile
			tripped=$((tripped + 1))
		else
			failed=$((failed + 1))
			note "$(tr '\n' ' ' </tmp/said.daxctl)"
		fi
		daxguard plug dax0.1 >/dev/null || failed=$((failed + 1))
		n=$((n + 1))
	done
	: >/tmp/enough
	wait $other
	note "$hooks: in $tripped of $rounds rounds daxctl gave up over a block of another device"
	check "$hooks, $rounds rounds of daxctl on both sides: $failed failed" test $failed -eq 0
	check "$hooks, most of them did not end otherwise" test $((2 * tripped)) -le "$rounds"
	bare dax0.0 dax0.1 dax0.2
	check "$hooks, nothing has slipped" test "$(counter slipped)" = 0
	check "$hooks, nothing has leaked" test "$(counter leaked)" = 0
	check "$hooks, unload" daxguard unload
done
