# SPDX-License-Identifier: GPL-2.0-only
# Suite: where policy says zone=movable (or kernel), no block of the device comes online elsewhere, whoever writes whichever word; with the
# LSM layer alone that is so for the words that name a zone.
# daxguard.writes: so many in a storm, and of whole-device changes a 200th part.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./verbs.sh

WRITES=$(boot_number daxguard.writes 1200)
CHANGES=$((WRITES / 200))
[ "$CHANGES" -le 48 ] || CHANGES=48
TRACE=/sys/kernel/tracing

if ! dax_load || ! ready_device; then
	skip 'zones' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi

# --- the witness: which zone each block went to that came online, by the kernel's own function, for good ---

# Two lines for each, in this order, for the kernel does one at a time.
watch_zones()
{
	echo 8192 >$TRACE/buffer_size_kb
	echo 'p:zones/into online_pages zone=%dx' >$TRACE/kprobe_events &&
		echo "r:zones/done online_pages ret=\$retval" >>$TRACE/kprobe_events &&
		echo 1 >$TRACE/events/zones/enable
}

# zones_used: prints each zone, by its address, that a block came online in, and how many did; and empties the trace.
zones_used()
{
	sed -n 's/.* into: .* zone=\(.*\)/into \1/p; s/.* done: .* ret=\(.*\)/done \1/p' $TRACE/trace |
		awk '/^into/ { zone = $2 } /^done 0(x0)?$/ { n[zone]++ } END { for (z in n) print z, n[z] }'
	echo >$TRACE/trace
}

# only_in ZONE: all of them since the last look were in that one, and there were some.
only_in()
{
	zones_used >/tmp/zones
	note "came online: $(sed "s/$movable_zone/movable/; s/$kernel_zone/kernel/" /tmp/zones | tr '\n' ' ')"
	[ "$(cut -d ' ' -f 1 /tmp/zones)" = "$1" ]
}

# find_zones: sets $movable_zone and $kernel_zone; without the guard.
find_zones()
{
	zones_used >/dev/null
	offline_block "$spare" && echo online_movable >"$spare_file" && movable_zone=$(zones_used | cut -d ' ' -f 1) || return 1
	offline_all dax0.0 && echo online_kernel >"$spare_file" && kernel_zone=$(zones_used | cut -d ' ' -f 1) || return 1
	offline_block "$spare" && [ -n "$movable_zone" ] && [ -n "$kernel_zone" ] && [ "$movable_zone" != "$kernel_zone" ]
}

# --- word by word ---

# is_in FILE: prints the zone of the block, "none" where it is offline.
is_in()
{
	case $(cat "$1/state") in
	online) line_of "$1/valid_zones" ;;
	*) echo none ;;
	esac
}

# Those that are there.
all_offline()
{
	for _b in $(online_blocks); do
		echo offline >"$MEMORY/memory$_b/state" || return 1
	done
}

# word_goes WORD FILE ZONE: all are offline; a stranger writes that, and the block goes to that zone.
word_goes()
{
	all_offline && stranger dgprobe attempt write "$MEMORY/memory$spare/$2" "$1"
	_status=$?
	if [ $_status -ne 0 ] || [ "$(is_in "$MEMORY/memory$spare")" != "$3" ]; then
		echo "exit status $_status, and the block is in $(is_in "$MEMORY/memory$spare")" >&2
		return 1
	fi
}

word_is_refused()
{
	all_offline && stranger dgprobe attempt write "$MEMORY/memory$spare/$2" "$1"
	_status=$?
	if [ $_status -ne 1 ] || [ "$(is_in "$MEMORY/memory$spare")" != none ]; then
		echo "exit status $_status, and the block is in $(is_in "$MEMORY/memory$spare")" >&2
		return 1
	fi
}

# whole_goes WORD ZONE / whole_is_refused WORD: the same for the device's own file, which has no blocks before.
unplugged()
{
	all_offline
	[ "$(line_of "$STATE")" = unplugged ] || echo unplugged >"$STATE"
}

whole_goes()
{
	unplugged && stranger dgprobe attempt write "$STATE" "$1" && zones_are dax0.0 "$2"
}

# The stock 7.3 does not look whether the blocks that it has added came online, and says that all is well: what counts is that none did.
whole_is_refused()
{
	unplugged || return 1
	stranger dgprobe attempt write "$STATE" "$1"
	_status=$?
	if [ -n "$(online_blocks)" ] || { [ $_status -ne 1 ] && { [ "$mode" = lsm ] || patched; }; }; then
		echo "exit status $_status, and online are: $(online_blocks | tr '\n' ' ')" >&2
		return 1
	fi
}

online_blocks()
{
	for _b in $(dax_blocks dax0.0); do
		[ ! -e "$MEMORY/memory$_b" ] || [ "$(block_state "$_b")" = offline ] || echo "$_b"
	done
}

# words ALLOWED OTHER: of movable and kernel, the zone that is allowed, and the other.
words()
{
	only=$1
	other=$2
	zone=Movable elsewhere=Normal
	[ "$only" = movable ] || zone=Normal elsewhere=Movable
	check "$mode, $only: set" daxguard policy set dax0.0 zone="$only"
	check "$mode, $only: online_$only goes there" word_goes "online_$only" state $zone
	collect_events
	check "$mode, $only: online_$other is refused" word_is_refused "online_$other" state
	daxguard events >/tmp/events.text
	check "$mode, $only: the event says both zones" grep -q \
		"refused *dax0\.0 memory$spare.*online into the $other zone, only $only is allowed" /tmp/events.text
	: >/tmp/events
	check "$mode, $only: and once more" word_is_refused "online_$other" state
	collect_events
	check "$mode, $only: so does its JSON" both_zones refused
	plain_words
	whole_words
	more_of_it
}

# both_zones EVENT: the last such event names them.
both_zones()
{
	grep "\"event\":\"$1\"" /tmp/events | tail -n 1 >/tmp/event
	[ "$(dgprobe json zone zone_allowed device </tmp/event)" = "$(printf '%s\t%s\tdax0.0' "$other" "$only")" ]
}

# What names no zone goes where the kernel chooses, which for a device that is all offline is its own.
plain_words()
{
	if [ "$only" = kernel ]; then
		check "$mode, $only: a plain online goes there" word_goes online state Normal
		return
	fi
	for word in 'online state' '1 online'; do
		# shellcheck disable=SC2086 # two
		set -- $word
		if [ "$mode" = lsm ]; then
			check "$mode, $only: '$1' to $2 is not seen through" word_goes "$1" "$2" Normal
		else
			check "$mode, $only: '$1' to $2 is refused where the kernel would have it" word_is_refused "$1" "$2"
			check "$mode, $only: '$1' to $2 goes where the kernel chooses movable" beside_movable "$1" "$2"
		fi
	done
}

# The blocks around it decide.
beside_movable()
{
	all_offline && online_all dax0.0 online_movable && offline_block "$spare" &&
		stranger dgprobe attempt write "$MEMORY/memory$spare/$2" "$1" && [ "$(is_in "$MEMORY/memory$spare")" = Movable ]
}

whole_words()
{
	if [ ! -e "$STATE" ]; then
		skip "$mode, $only: whole-device words" "no daxX.Y/state before 7.3: this is $(uname -r)"
		return
	fi
	check "$mode, $only: the device's online_$only goes there" whole_goes "online_$only" $zone
	check "$mode, $only: its online_$other is refused" whole_is_refused "online_$other"
	if [ "$only" = movable ] && [ "$mode" != lsm ]; then
		whole_plain
	fi
	# for who comes after: with its blocks
	unplugged && echo "online_$only" >"$STATE"
}

# Whether the kernel's choice or a refusal: never the other zone.
whole_plain()
{
	unplugged
	stranger dgprobe attempt write "$STATE" online
	check "$mode, $only: its plain online leads nowhere else" nowhere_else
}

# nowhere_else: no block of the device is online in another zone.
nowhere_else()
{
	for _b in $(online_blocks); do
		[ "$(zone_of "$_b")" = "$zone" ] || return 1
	done
}

# --- who may all the same ---

more_of_it()
{
	daxguard policy set dax0.0 mode=audit
	audited=$(counter audited)
	collect_events
	: >/tmp/events
	check "$mode, $only: audit lets online_$other through" word_goes "online_$other" state $elsewhere
	collect_events
	check "$mode, $only: audit counts it" test "$(counter audited)" -gt "$audited"
	check "$mode, $only: audit says both zones" both_zones audited
	daxguard policy set dax0.0 mode=enforce
	daxguard allow add uid=0
	check "$mode, $only: who is on the allow list may" word_goes "online_$other" state $elsewhere
	daxguard allow remove uid=0
	check "$mode, $only: and no more" word_is_refused "online_$other" state
	daxguard begin dax0.0
	all_offline
	expect_status 1 "$mode, $only: an owner may not" dgprobe attempt write "$spare_file" "online_$other"
	daxguard end dax0.0
}

# --- all at once ---

# rival N WORD...: N writes of them in turn, to blocks by chance; then what came of it in a line of /tmp/rivals.
cat >/tmp/rival <<'EOF'
me=$1 left=$2
shift 2
seed=$me done=0 failed=0
. /tmp/rival.files
while [ $left -gt 0 ]; do
	for _word in "$@"; do
		seed=$(((seed * 1103515245 + 12345) % 2147483648))
		eval "f=\$file$((seed / 65536 % nr))"
		name=${_word#*=} f=$f/${_word%%=*}
		[ "${_word%%=*}" != device ] || f=$device
		if echo "$name" >"$f"; then
			done=$((done + 1))
		else
			failed=$((failed + 1))
		fi
		left=$((left - 1))
	done
done 2>/dev/null
echo "$((done + failed)) $done $failed" >>/tmp/rivals
EOF

# all_rivals: four of them, to the end.
all_rivals()
{
	nr=0
	for _b in $(dax_blocks dax0.0); do
		echo "file$nr=$MEMORY/memory$_b"
		nr=$((nr + 1))
	done >/tmp/rival.files
	echo "nr=$nr device=$STATE" >>/tmp/rival.files
	: >/tmp/rivals
	_share=$((WRITES / 4))
	_whole1='' _whole2='' _whole3=''
	[ ! -e "$STATE" ] || _whole1=device=online _whole2=device=online_$other _whole3="device=unplugged device=online_$only"
	# shellcheck disable=SC2086 # words
	{
		stranger sh /tmp/rival 1 $_share state=online "state=online_$other" state=offline $_whole1 &
		stranger sh /tmp/rival 2 $_share "state=online_$other" online=1 state=offline $_whole2 &
		stranger sh /tmp/rival 3 $_share state=online state=online_kernel online=0 &
		stranger sh /tmp/rival 4 $_share online=1 state=online_movable state=offline online=0 $_whole3 &
		wait
	}
	awk '{ w += $1; d += $2; f += $3 } END { print w, d, f }' /tmp/rivals >/tmp/all
}

storm()
{
	daxguard policy set dax0.0 zone="$only"
	[ "$(dax_driver dax0.0)" = kmem ] || dax_to_kmem dax0.0
	zones_used >/dev/null
	online_all dax0.0 online_"$only" 2>/dev/null
	_before=$(counter undecided)
	all_rivals
	# of two whole-device writes at a time one alone can be a transition, and the other is counted
	[ ! -e "$STATE" ] || at_a_time=$((at_a_time + $(counter undecided) - _before))
	read -r writes through failed </tmp/all
	note "$mode, $only: $writes writes, $through let through, $failed refused or without effect; refused: $(counter refused)"
	check "$mode, $only: $WRITES writes by four rivals" test "$writes" -ge "$WRITES"
	if [ "$only" = movable ]; then
		check "$mode, $only: no block was ever in a kernel zone" only_in "$movable_zone"
	else
		check "$mode, $only: no block was ever in the movable zone" only_in "$kernel_zone"
	fi
	check "$mode, $only: none is" nowhere_else
	[ ! -e "$STATE" ] || { unplugged && echo "online_$only" >"$STATE"; }
}

# --- what the kernel does by itself at a bind ---

auto_online()
{
	all_offline
	dax_unbind dax0.0
	zones_used >/dev/null
	read -r _auto <"$MEMORY/auto_online_blocks"
	echo online >"$MEMORY/auto_online_blocks"
	dax_bind dax0.0 kmem
	echo "$_auto" >"$MEMORY/auto_online_blocks"
	zones_used >/tmp/zones
	check "$mode: auto_online_blocks=online at a bind: kmem has it" test "$(dax_driver dax0.0)" = kmem
	if [ "$mode" = lsm ]; then
		note "lsm: auto_online_blocks=online brought $(online_blocks | wc -l) blocks online"
		return
	fi
	! grep -q "$kernel_zone" /tmp/zones || not_ok "$mode: auto_online_blocks=online at a bind: nothing in a kernel zone" "$(cat /tmp/zones)"
	check "$mode: auto_online_blocks=online at a bind: nothing is in a kernel zone" nowhere_else
}

# --- whole devices under rivals ---

# Two write online, two offline, to every block they see.
start_rivals()
{
	# shellcheck disable=SC2086 # words
	_files=$(state_files $devices | tr '\n' ' ')
	for _word in online offline; do
		# shellcheck disable=SC2086 # words
		dgprobe ask $AGENT sh -c "echo \$\$ >/tmp/rivals.$_word && exec dgprobe rivals 2 $_word $_files" >/tmp/did.$_word &
		wait_for 60 test -s /tmp/rivals.$_word
	done
}

end_rivals()
{
	kill "$(cat /tmp/rivals.online)" "$(cat /tmp/rivals.offline)"
	wait
	note "$mode: rivals: online: $(cat /tmp/did.online); offline: $(cat /tmp/did.offline)"
}

choose()
{
	if [ "$(dax_driver "$1")" != kmem ]; then
		verb='plug --zone=movable'
		return
	fi
	random 4
	case $drawn in
	0) verb='online --zone=movable' ;;
	1) verb=offline ;;
	*) verb=unplug ;;
	esac
}

is_as_asked()
{
	case $verb in
	plug* | online*) is_plugged "$1" Movable ;;
	offline) all_are "$1" offline ;;
	unplug) is_unplugged "$1" ;;
	esac
}

# Held around it, for a rival is free to change a block as soon as the verb is done.
one_change()
{
	daxguard begin --timeout=60 "$1" >/dev/null || note "begin $1 failed"
	choose "$1"
	# shellcheck disable=SC2086 # words
	daxguard $verb --timeout=20 "$1" >/dev/null 2>/tmp/said
	_status=$?
	# an offline that is refused shows as "going-offline" for a moment
	if [ $_status -eq 0 ] && wait_for 20 is_as_asked "$1" 2>/tmp/as-asked; then
		as_asked=$((as_asked + 1))
	else
		[ $_status -ne 5 ] || rolled=$((rolled + 1))
		note "$verb $1: exit status $_status: $(cat /tmp/said) $(tail -n 1 /tmp/as-asked)"
	fi
	daxguard end "$1" >/dev/null
}

changes()
{
	daxguard policy unset dax0.0
	daxguard policy set '*' zone=movable
	[ "$(dax_driver dax0.0)" != kmem ] || all_offline
	check "$mode: four devices" dax_split 4 2
	devices='dax0.0 dax0.1 dax0.2 dax0.3'
	for dev in $devices; do
		dax_bind "$dev" kmem && online_all "$dev" online_movable
	done
	# shellcheck disable=SC2034 # for random
	seed=7
	as_asked=0 rolled=0 n=0
	zones_used >/dev/null
	start_rivals
	while [ $n -lt $CHANGES ]; do
		for dev in $devices; do
			[ $n -ge $CHANGES ] || { one_change "$dev" && n=$((n + 1)); }
		done
	done
	end_rivals
	note "$mode: $as_asked of $n whole-device changes as asked, $rolled rolled back"
	check "$mode: $CHANGES whole-device changes: each as asked" test $as_asked -eq $CHANGES
	check "$mode: none rolled back" test $rolled -eq 0
	check "$mode: no block was ever in a kernel zone meanwhile" only_in "$movable_zone"
}

# in_mode MODE: with these hooks.
in_mode()
{
	mode=$1 at_a_time=0
	says 0 "$mode: load" '' daxguard load --hooks="$mode"
	[ "$_got" -eq 0 ] || return
	words movable kernel
	[ "$mode" = lsm ] || storm
	auto_online
	words kernel movable
	[ "$mode" = lsm ] || storm
	[ "$mode" = lsm ] || changes
	check "$mode: nothing else was left undecided" test "$(counter undecided)" -eq $at_a_time
	check "$mode: nothing has leaked" test "$(counter leaked)" = 0
	check "$mode: unload" daxguard unload
}

stranger true
watch_zones || not_ok 'the kernel says which zone a block goes to' "$(cat $TRACE/error_log)"
check 'the two zones are told apart' find_zones || exit 0
in_mode lsm
if hook_ready; then
	in_mode kernel
else
	not_ok 'there is a refusal point' 'none'
fi
