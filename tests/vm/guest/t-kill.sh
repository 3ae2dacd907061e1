# SPDX-License-Identifier: GPL-2.0-only
# Suite: SIGKILL at every step of unplug and plug leaks nothing and holds nothing, and the verbs finish the work.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

# More than any of the verbs has with these few blocks.
MOST=80

if ! dax_load; then
	skip 'verbs that are killed' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
if ! dax_split 2 1 || ! dax_resize dax0.0 $((2 * $(block_size))); then
	not_ok 'two ranges of one block' 'the device cannot be divided'
fi
n=$(dax_blocks dax0.0 | wc -l)
load_or_quit

# No range is lost: memory is there for a device in kmem, and for no other.
nothing_lost()
{
	if [ "$(dax_driver dax0.0)" = kmem ]; then
		[ "$(ram_blocks)" -eq "$n" ] || no_blocks dax0.0
	else
		[ "$(ram_blocks)" -eq 0 ] && no_blocks dax0.0
	fi
}

# The child that puts auto_online_blocks back outlives the command, but not for long.
nobody_left()
{
	! pidof daxguard >/dev/null
}

auto_online_is()
{
	grep -qx "$1" $MEMORY/auto_online_blocks
}

listed()
{
	[ "$(daxguard list -j dax0.0 | dgprobe json 0.device 0.transition)" = "$(printf 'dax0.0\tnull')" ]
}

# All that has to be true after a kill; says what is not.
intact()
{
	wait_for 10 nobody_left || echo 'a process is left' >&2
	for _true in nothing_lost listed "auto_online_is $auto"; do
		$_true || {
			echo "not $_true" >&2
			return 1
		}
	done
	within_a_second nothing_held || {
		echo 'it is still held' >&2
		return 1
	}
}

# finished VERB: the verb goes through to the end now.
finished()
{
	daxguard "$1" dax0.0 >/dev/null && case $1 in
	unplug) is_unplugged dax0.0 && [ "$(ram_blocks)" -eq 0 ] ;;
	*) is_plugged dax0.0 Movable && [ "$(ram_blocks)" -eq "$n" ] ;;
	esac
}

# From what the kill has left: every second time the other way than it was going.
finish()
{
	if [ $(($1 % 2)) -eq 0 ]; then
		check "$2: $3 finishes it" finished "$3"
	else
		check "$2: $4 finishes it" finished "$4"
	fi
}

# Nothing of it is done, or nothing is left: where the next round starts from.
reset()
{
	if [ "$1" = unplug ]; then
		is_plugged dax0.0 Movable || daxguard plug dax0.0 >/dev/null
	else
		is_unplugged dax0.0 || daxguard unplug dax0.0 >/dev/null
	fi
}

# every_step VERB OTHER
every_step()
{
	step=1
	while [ $step -le $MOST ] && reset "$1"; do
		dgprobe kill-at $step daxguard "$1" dax0.0 >/tmp/killed
		killed=$?
		if [ $killed -eq 0 ]; then
			break
		elif [ $killed -ne 1 ]; then
			not_ok "$1, step $step" "exit status $killed: $(cat /tmp/killed)"
			return
		fi
		where="$1 $(grep -o 'killed at .*' /tmp/killed)"
		check "$step: $where: nothing is lost or held" intact
		finish $step "$step" "$1" "$2"
		step=$((step + 1))
	done
	note "$1 has $((step - 1)) steps"
	check "$1 was killed at each of its steps" test $step -gt $((2 * n)) -a $step -le $MOST
}

auto=offline
every_step unplug plug
# with something to put back
auto=online
echo $auto >$MEMORY/auto_online_blocks
every_step plug unplug
reset plug
check 'nothing has leaked' test "$(counter leaked)" = 0
check 'nothing has slipped' test "$(counter slipped)" = 0
check 'nothing is left in /proc/iomem' test "$(ram_blocks)" -eq 0
