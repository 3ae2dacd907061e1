# SPDX-License-Identifier: GPL-2.0-only
# Suite for patched kernels with fault injection: a write to the device's state, of which each single allocation fails once, leaves the
# device as asked or as before. daxguard.step=N on the kernel's command line lets only every Nth fail, where the kernel is slow.
# Not every complaint of the kernel's counts: x86 warns by itself of memory that could not be added, vmalloc of what it did not get.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh
. ./attribute.sh

# More allocations than any of the writes makes.
MOST=2000
step=$(boot_number daxguard.step 1)

# Also those that may wait for memory; and without a trace of the stack for each, which looks like a fault of the kernel's.
inject()
{
	echo N >/sys/kernel/debug/failslab/ignore-gfp-wait && echo 0 >/sys/kernel/debug/failslab/verbose
}

# one_fault N FROM WORD: sets $reached; fails where the device is in between.
one_fault()
{
	to_state "$2" || return 1
	picture >/tmp/before
	dgprobe fail-nth "$1" $STATE "$3" >/tmp/nth 2>/tmp/put
	_status=$?
	reached=$(cat /tmp/nth)
	if [ $_status -eq 0 ]; then
		[ "$(reads)" = "$3" ] && blocks_agree "$3"
	else
		refused=$((refused + 1))
		[ "$(reads)" = "$2" ] && unchanged
	fi
}

# each_fault FROM WORD
each_fault()
{
	n=1 tried=0 refused=0 wrong=0 reached=failed
	while [ "$reached" = failed ] && [ $n -lt $MOST ]; do
		one_fault $n "$@" || {
			wrong=$((wrong + 1))
			note "$1, $2, allocation $n: $(cat /tmp/put) reads $(reads): $(picture | tr '\n' ';')"
		}
		[ "$reached" != failed ] || tried=$((tried + 1))
		n=$((n + step))
	done
	note "$1, $2: $tried of about $((tried * step)) allocations tried, $refused made it fail"
	[ "$reached" = 'not reached' ] && [ $wrong -eq 0 ] && [ $refused -gt 0 ]
}

if ! dax_load || ! [ -e $STATE ]; then
	not_ok 'a whole-device attribute' "$(uname -r) has none, or no dax device"
	exit 0
fi
check 'allocations can be made to fail' inject
check 'two ranges of one block' dax_split 2 1
dax_resize dax0.0 $((2 * $(block_size)))
dax_bind dax0.0 kmem
blocks=$(dax_blocks dax0.0)
for word in online_movable $KERNEL; do
	check "unplugged, $word: as asked or as before, whichever allocation fails" each_fault unplugged $word
	check "$word, unplugged: as asked or as before, whichever allocation fails" each_fault $word unplugged
done
put $STATE unplugged
check_leaks
