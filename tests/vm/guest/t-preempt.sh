# SPDX-License-Identifier: GPL-2.0-only
# Suite: on a kernel that preempts, which leaves programs out, killed owners hold nothing and no bind is refused or goes unguarded.
# DAXGUARD_OWNERS and DAXGUARD_ROUNDS on the kernel's command line set how many owners and how many rounds of binds.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

DEVICES=8
owners=$(boot_number DAXGUARD_OWNERS 200)
rounds=$(boot_number DAXGUARD_ROUNDS 25)

if ! dax_load || ! dax_split $DEVICES 1; then
	skip 'programs that are left out' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
pairs=''
n=0
while [ $n -lt $DEVICES ]; do
	dax_to_kmem dax0.$n || not_ok "dax0.$n is bound" "$(dax_driver dax0.$n)"
	pairs="$pairs dax0.$n=$MEMORY/memory$(dax_blocks dax0.$n)/state"
	n=$((n + 1))
done
load_or_quit

# It did come to what this is about.
has_missed()
{
	_was=$missed
	missed=$(counter missed)
	[ "$missed" -gt "$_was" ]
}
missed=$(counter missed)

check "$owners owners are killed" dgprobe killed-owners "$owners" dax0.0 "$MEMORY/memory$(dax_blocks dax0.0)/state" >/tmp/storm
note "$(cat /tmp/storm), missed $(counter missed), healed $(counter healed)"
check 'nothing is held' within_a_second nothing_held
case $(uname -r) in
6.*) skip 'the kernel has left out programs' 'this kernel runs the programs of tracepoints without being preempted' ;;
*) check 'the kernel has left out programs' has_missed ;;
esac

# Binds are transitions, too.
daxguard policy set '*' bind=hold >/dev/null
# shellcheck disable=SC2086 # words
check "$DEVICES devices, $rounds rounds of unbind and bind" dgprobe bind-storm "$rounds" $pairs >/tmp/storm
note "$(cat /tmp/storm), missed $(counter missed), healed $(counter healed)"
check 'nothing is held' within_a_second nothing_held
check 'the kernel has left out programs' has_missed
check 'all blocks are known' daxguard check
collect_events
grep '"leak"' /tmp/events | head -n 5 >/tmp/leaks
note_lines /tmp/leaks
check 'nothing has leaked' test "$(counter leaked)" = 0
check 'nothing has slipped' test "$(counter slipped)" = 0
check 'nothing was undecided' test "$(counter undecided)" = 0
