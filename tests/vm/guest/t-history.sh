# SPDX-License-Identifier: GPL-2.0-only
# Suite: the history of events, read by many at once and again, also over an upgrade; what is lost is told; and who did it.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

EVENTS=$(boot_number daxguard.events 10000)
HISTORY=16384

if ! dax_load || ! ready_device; then
	skip 'the history' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true

# next_event: prints the number that the next event gets.
next_event()
{
	bpftool map dump pinned $PINS/v1/maps/history_next | sed -n 's/.*"daxguard_history_next": \([0-9]*\).*/\1/p'
}

# has_lines N FILE
has_lines()
{
	[ "$(wc -l <"$2")" -ge "$1" ]
}

# mayflies N: so many refusals, by a process each.
mayflies()
{
	stranger dgprobe mayflies "$1" "$spare_file" online
}

# follow NAME: a reader of all from $from on, into /tmp/NAME; process $reader.
follow()
{
	daxguard events -j --follow --since=seq:"$from" >"/tmp/$1" 2>>/tmp/readers.err &
	reader=$!
}

# are_numbered FILE: the events in it are $EVENTS, from $from on, without a hole.
are_numbered()
{
	dgprobe json seq <"$1" >/tmp/numbers
	seq "$from" $((from + EVENTS - 1)) | cmp - /tmp/numbers
}

# same A B: the same lines but for what each reader works out by its own look: the time, of that since the boot, and the paths of executable
# and cgroup, of which only the last part or the number is known when they are gone.
same()
{
	for _file in "$1" "$2"; do
		sed -E 's/"(time|first|last|exe|cgroup)": ?("[^"]*"|null|[0-9]+)//g' "$_file" >"$_file.timeless"
	done
	cmp "$1.timeless" "$2.timeless"
}

# who_has PROGRAM FIELD...: prints these fields of daxguard who about the program.
who_has()
{
	_program=$1
	shift
	daxguard who -j >/tmp/who
	_n=$(dgprobe json '#' </tmp/who)
	while [ "$_n" -gt 0 ]; do
		_n=$((_n - 1))
		[ "$(dgprobe json $_n.program </tmp/who)" = "$_program" ] || continue
		for _field in "$@"; do
			set -- "$@" "$_n.$_field"
			shift
		done
		dgprobe json "$@" </tmp/who | tr '\t' ' '
		return
	done
}

# --- many readers ---

load_or_quit
check 'the first number is 1' test "$(next_event)" = 1
offline_block "$spare"
# on a busy machine all this takes longer than a hold may
daxguard policy set dax0.0 max_hold=0
daxguard begin dax0.0
check 'a begin is an event' test "$(next_event)" = 2
check 'it has its number' test "$(daxguard events -j | dgprobe json seq event | tr '\t' ' ')" = '1 begin'
from=2
follow one
readers=$reader
follow two
readers="$readers $reader"
follow three
readers="$readers $reader"
follow killed
killed=$reader
begun=$(uptime_s)
mayflies "$EVENTS" &
flies=$!
check 'a reader reads while they come' wait_for 120 has_lines $((EVENTS / 10)) /tmp/killed
kill -KILL $killed
wait $killed
wait $flies
expect_status 1 'all of them are refused' test $? -eq 0
note "$EVENTS refusals in $(($(uptime_s) - begun)) s"
for name in one two three; do
	check "reader $name has them" wait_for 60 has_lines "$EVENTS" /tmp/$name
done
check 'reader one has each number once, in order' are_numbered /tmp/one
check 'reader two has the same' same /tmp/one /tmp/two
check 'reader three has the same' same /tmp/one /tmp/three

# The line that it was killed in is not whole.
grep '}$' /tmp/killed >/tmp/resumed
check 'the one that was killed had not all' test "$(wc -l </tmp/resumed)" -lt "$EVENTS"
last=$(tail -n 1 /tmp/resumed | dgprobe json seq)
daxguard events -j --since=seq:$((last + 1)) >>/tmp/resumed
check 'it goes on where it was' same /tmp/one /tmp/resumed
daxguard events -j --since=seq:$from >/tmp/again
check 'who comes later has the same' same /tmp/one /tmp/again
check 'nothing was dropped' test "$(counter dropped)" = 0
check 'the readers complain of nothing' test ! -s /tmp/readers.err

# One waits for the next of them each time. More were written than the ring has room for.
one_by_one()
{
	_begun=$(uptime_s)
	for _i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		mayflies 1
		for _reader in one two three; do
			wait_for 20 has_lines $((EVENTS + _i)) /tmp/$_reader || return 1
		done
	done
	note "20 events, one by one, in $(($(uptime_s) - _begun)) s"
}

# who and the filters count these, too
SEEN=$((EVENTS + 20))
check 'each reader has each event before the next' one_by_one

# --- filters ---

check 'of this device' test "$(daxguard events --device=dax0.0 | wc -l)" -eq $((SEEN + 1))
check 'of another there are none' test -z "$(daxguard events --device=dax9.9)"
check 'one kind of event' test "$(daxguard events -j --event=begin | dgprobe json event)" = begin
check 'several' test "$(daxguard events --event=begin,refused | wc -l)" -eq $((SEEN + 1))
says 2 'no such event' "'beginn' is no event" daxguard events --event=begin,beginn
says 2 'no such number' "'seq:0' is not a time, nor the number of an event" daxguard events --since=seq:0
says 0 'a number that is still to come' 'the next event is number [0-9]*, not 99999:' daxguard events --since=seq:99999 >/tmp/out
check 'what there is follows' has_lines $((SEEN + 1)) /tmp/out

# --- who it is ---

check 'who: the program, with each refusal' test "$(who_has dgprobe device uid refused would_be slipped file)" = \
	"dax0.0 0 $SEEN 0 0 state"
check 'the counter says the same' test "$(counter refused)" = "$SEEN"
for n in 1 2 3 4 5 6 7; do
	stranger sh -c "echo online >$spare_file" 2>/dev/null && not_ok "write $n is refused" 'it is not'
done
shell=$(daxguard who -j | dgprobe json 1.program)
note "the other program is $shell"
check 'who: another program has its own' test "$(who_has "$shell" device refused)" = 'dax0.0 7'
check 'who: both together are all' test "$(counter refused)" = $((SEEN + 7))
daxguard who >/tmp/who.text
note_lines /tmp/who.text
check 'who: a table, who was refused most comes first' test "$(awk 'NR == 2 { print $1 }' /tmp/who.text)" = dgprobe
check 'who: of another device nobody' test "$(daxguard who -j --device=dax9.9 | dgprobe json '#')" = 0
says 0 'check --enforce: nobody yet' '' daxguard check --enforce >/tmp/check
check 'and says so' grep -q '^ok *enforce .*nobody was let through' /tmp/check
daxguard policy set dax0.0 mode=audit
check 'audit lets through' stranger dgprobe attempt write "$spare_file" online
offline_block "$spare"
check 'who: would be refused' test "$(who_has dgprobe refused would_be)" = "$SEEN 1"
says 0 'check --enforce' '' daxguard check --enforce >/tmp/check
grep enforce /tmp/check >/tmp/enforce
note_lines /tmp/enforce
check 'check --enforce names it' grep -q "^warning *enforce *'dgprobe' of .*would have been refused 1 times at 'dax0.0'" /tmp/check
check 'and its JSON how many' test "$(daxguard check --enforce -j | dgprobe json hurt)" = 1
daxguard policy set dax0.0 mode=enforce

# --- a gap ---

# came_to NUMBER FILE: its last line is the event of that number; one that is just being written is none yet.
came_to()
{
	[ "$(tail -n 1 "$2" | dgprobe json seq 2>/dev/null)" = "$1" ]
}

check 'the oldest are overwritten' test $(($(next_event) + HISTORY - EVENTS - 100)) -gt 0
mayflies $((HISTORY - EVENTS + 100))
next=$(next_event)
for name in one two three; do
	check "reader $name comes to the end" wait_for 120 came_to $((next - 1)) /tmp/$name
done
kill $readers
wait $readers
cp /tmp/one /tmp/one.before
daxguard events -j --since=seq:1 >/tmp/gapped 2>$SAID
check 'a gap is told with its size' test "$(head -n 1 /tmp/gapped | dgprobe json event first last lost | tr '\t' ' ')" = \
	"gap 1 $((next - HISTORY - 1)) $((next - HISTORY - 1))"
check 'what is there follows' test "$(sed -n 2p /tmp/gapped | dgprobe json seq)" = $((next - HISTORY))
check 'to the end' test "$(wc -l </tmp/gapped)" -eq $((HISTORY + 1))
check 'a line of text tells it, too' sh -c "daxguard events --since=seq:1 | head -n 1 | grep -Eq '^- +gap +[0-9]+ lost, from number 1 to '"
check 'without a number nothing is missed' test "$(daxguard events | grep -c '^-')" = 0
check 'two of the readers have the same, to the end' same /tmp/one /tmp/two
check 'and nothing was dropped' test "$(counter dropped)" = 0

# --- bpftool ---

check 'bpftool shows the history' test \
	"$(bpftool map dump pinned $PINS/v1/maps/history | grep -c '"seq":')" -eq $HISTORY
check 'and who' sh -c "bpftool map dump pinned $PINS/v1/maps/tally | grep -q '\"exe\": \"dgprobe\"'"

# --- a cursor file ---

# by_cursor COMMAND: prints the numbers of what is new to the reader with that file.
by_cursor()
{
	"$1" events -j --cursor-file=/tmp/cursor 2>/tmp/cursor.err | dgprobe json seq | tr '\n' ' '
}

by_cursor daxguard >/dev/null
check 'with a cursor file nothing comes twice' test -z "$(by_cursor daxguard)"

# --- an upgrade ---

daxguard events -j --since=seq:$((next - 100)) >/tmp/before
daxguard who -j >/tmp/who.before
follow over
check 'a reader follows' wait_for 60 test -s /tmp/over
says 0 'the next version is loaded' '' daxguard-next load --hooks=lsm
daxguard-next events -j --since=seq:$((next - 100)) >/tmp/after
check 'the history goes on' same /tmp/before /tmp/after
daxguard-next who -j >/tmp/who.after
check 'so does who' same /tmp/who.before /tmp/who.after
mayflies 3
check 'and the numbers' test "$(daxguard-next events -j --since=seq:"$next" | dgprobe json seq | tr '\n' ' ')" = \
	"$next $((next + 1)) $((next + 2)) "
check 'it is where the cursor file goes on' test "$(by_cursor daxguard-next)" = "$next $((next + 1)) $((next + 2)) "
says 0 'the next version unloads' '' daxguard-next unload
wait $reader
expect_status 1 'who has followed is told of the unload' test $? -eq 0
check 'it has seen the last one' test "$(grep '"seq"' /tmp/over | tail -n 1 | dgprobe json seq)" = $((next + 2))
says 0 'load' '' daxguard load --hooks=lsm
check 'the numbers begin anew' test "$(next_event)" = 1
daxguard begin dax0.0 >/dev/null && daxguard end dax0.0
check 'a cursor file of before hides nothing' test "$(by_cursor daxguard)" = '1 2 '
check 'and that is said' grep -q "'/tmp/cursor' is of before a boot or an unload" /tmp/cursor.err
rm $PINS/v1/maps/history
says 1 'without its map' "maps/history is missing.*'daxguard load'" daxguard events
