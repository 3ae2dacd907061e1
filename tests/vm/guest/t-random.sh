# SPDX-License-Identifier: GPL-2.0-only
# Suite for patched kernels with their own checkers: random words to a device's state while rivals change its blocks one by one.
# daxguard.transitions=N and daxguard.rivals=N on the kernel's command line set how many; no daxguard is loaded.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh
. ./attribute.sh

RIVALS=$(boot_number daxguard.rivals 32)
transitions=$(boot_number daxguard.transitions 500)
devices='dax0.0 dax0.1'
seed=11

state_file()
{
	echo "$DAX/devices/$1/state"
}

start_rivals()
{
	# shellcheck disable=SC2046,SC2086 # words
	dgprobe flippers $RIVALS 1 $(state_files $devices) >/tmp/flips &
	rivals=$!
}

end_rivals()
{
	kill $rivals
	wait $rivals
	note "the rivals: $(cat /tmp/flips)"
}

# What a successful write leaves cannot be changed by a rival only where no block is left.
one_transition()
{
	random 4
	case $drawn in
	0) word=online ;;
	1) word=${KERNEL:-online_movable} ;;
	2) word=online_movable ;;
	*) word=unplugged ;;
	esac
	dgprobe attempt write "$(state_file "$1")" $word 2>/tmp/why
	case $?-$word in
	0-unplugged)
		done=$((done + 1))
		no_blocks "$1" && return
		;;
	0-*)
		done=$((done + 1))
		return
		;;
	# EBUSY: it has another state first, or a block that does not go
	1-*)
		refused=$((refused + 1))
		return
		;;
	esac
	wrong=$((wrong + 1))
	note "$1 $word: $(cat /tmp/why) $(snapshot "$1" | tr '\n' ';')"
}

# A device whose blocks no rival touches any more goes through all words, and is what it reads.
obeys()
{
	for _word in unplugged online_movable unplugged ${KERNEL:-online} unplugged; do
		dgprobe attempt write "$(state_file "$1")" $_word && grep -qx $_word "$(state_file "$1")" || return 1
	done
	no_blocks "$1"
}

totals()
{
	grep MemTotal /proc/meminfo
	grep -E '^Node|spanned|present|managed' /proc/zoneinfo
	grep -i -E 'kmem|dax' /proc/iomem
}

same_totals()
{
	totals >/tmp/totals.after
	diff /tmp/totals.before /tmp/totals.after >&2
}

if ! dax_load || ! dax_two_ranges; then
	not_ok 'two devices, one of two ranges' "$(uname -r) has none, or they cannot be made"
	exit 0
fi
for dev in $devices; do
	dax_bind "$dev" kmem
	check "$dev obeys before" obeys "$dev"
done
totals >/tmp/totals.before
for dev in $devices; do
	dgprobe attempt write "$(state_file "$dev")" online_movable
done
start_rivals
i=0 done=0 refused=0 wrong=0
while [ $i -lt "$transitions" ]; do
	random 2
	one_transition "dax0.$drawn"
	i=$((i + 1))
	[ $((i % 100)) -ne 0 ] || note "$i transitions: $done done"
done
end_rivals
note "$i transitions: $done done, $refused refused or taken back"
check "$i random words with $RIVALS rivals: every answer is one that the interface has" test $wrong -eq 0
check 'more than a few were done, and more than a few were not' test $done -gt $((i / 10)) -a $refused -gt $((i / 20))
for dev in $devices; do
	check "$dev obeys after" obeys "$dev"
done
check 'memory, zones and iomem are as at the start' same_totals
check_leaks
