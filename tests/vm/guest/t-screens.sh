# SPDX-License-Identifier: GPL-2.0-only
# Suite: daxguard top on a terminal follows what is done to the devices and obeys its keys; daxguard timeline draws what was done.
# shellcheck shell=sh disable=SC1091,SC2154 # the four files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./screens.sh

if ! dax_load || ! dax_split 2 4 || ! dax_to_kmem dax0.0 || ! dax_to_kmem dax0.1 || ! online_all dax0.0 online_movable; then
	not_ok 'two dax devices of four blocks' 'they cannot be had'
	exit 0
fi
first=$(dax_blocks dax0.0 | head -n 1)
other=$(dax_blocks dax0.1 | head -n 1)
export TERM=xterm

# --- not on a terminal ---

once()
{
	daxguard top --once --interval=0.1 "$@" >/tmp/once
}

check 'top --once, with nothing loaded' once
check 'it says so, and shows the devices all the same' grep -Eq '^dax0\.0 .* MMMM' /tmp/once
check 'and what to do about it' grep -q "run 'daxguard load'" /tmp/once
stranger true
load_or_quit
says 1 'without a terminal top says what to do' "run it on one, or 'daxguard top --once'" daxguard top
says 2 'an interval of nothing' "'0' is no interval" daxguard top --interval=0
check 'a terminal that is not known is named' sh -c "TERM=nonsense dgprobe tty daxguard top | grep -q \"'nonsense' is not known\""

# --- what is done to the devices ---

top_begin 80x24 --interval=0.2
check_shows 'a device that is all online' '^dax0\.0 +4/4 +MMMM +-'
check_shows 'one that is all offline' '^dax0\.1 +0/4 +\.\.\.\. +-'
check_shows 'how it is loaded' "^daxguard .*enforce \(lsm\)  held 0"
echo offline >"$MEMORY/memory$first/state"
check_shows 'a block that went offline' '^dax0\.0 +3/4 +\.MMM'
echo online_movable >"$MEMORY/memory$first/state"
check_shows 'and came back' '^dax0\.0 +4/4 +MMMM'
echo online_kernel >"$MEMORY/memory$other/state"
check_shows 'one that came online for the kernel' '^dax0\.1 +1/4 +N\.\.\.'
check 'begin' daxguard begin dax0.0
check_shows 'who holds it, and since when' "^dax0\.0 +4/4 +MMMM +declared $$ \([^)]*\) +[0-9.]+s"
check_gone 'the other is not held' '^dax0\.1 .* declared'

# refused_and_shows REGEX: one more write is refused, and a line of the screen matches.
refused_and_shows()
{
	stranger dgprobe attempt write "$MEMORY/memory$first/state" offline >/dev/null 2>&1
	shows "$1"
}

check 'refusals a second of the device' wait_for 60 refused_and_shows '^dax0\.0 .* ([1-9][0-9]*\.[0-9]|0\.[1-9])$'
check 'refusals a second of the program' wait_for 60 refused_and_shows '^dgprobe .* dax0\.0 +[1-9][0-9]* +([1-9][0-9]*\.[0-9]|0\.[1-9])$'
check_shows 'and none once it is over' '^dgprobe .* dax0\.0 +[1-9][0-9]* +0\.0$'

# --- keys ---

press '?'
check_shows 'help' '^daxguard top: keys'
press x
check_gone 'help ends with any key' '^daxguard top: keys'
press h
check_gone 'held only: the other is gone' '^dax0\.1 '
check_shows 'and the held one is there' '^dax0\.0 '
press h
check_shows 'all of them again' '^dax0\.1 '
press '/0.1'
check_gone 'a filter while it is typed' '^dax0\.0 '
check_shows 'what is typed' 'filter: 0\.1_'
press "$(printf '\033')"
check_shows 'escape ends it' '^dax0\.0 '
press s
check_shows 'another order' 'by refusals a second'
press r
check 'the other way round' wait_for 60 sh -c "grep -Eo '^dax0\.[01]' $SCREEN | tr '\n' ' ' | grep -q '^dax0.1 dax0.0 '"
press ' '
check_shows 'a pause' 'paused'
echo offline >"$MEMORY/memory$other/state"
check_shows 'in which nothing changes' '^dax0\.1 +1/4 +N\.\.\.'
press ' '
check_shows 'and which ends' '^dax0\.1 +0/4 +\.\.\.\.'
echo 'size 60x12' >$ORDERS
check 'a smaller terminal' wait_for 60 sh -c "[ \$(wc -l <$SCREEN) = 12 ] && sed -n 12p $SCREEN | grep -q '^q quit'"
echo 'size 120x30' >$ORDERS
check_shows 'a larger one has room for the size' '^dax0\.0 +4/4 +512 MiB'
check 'end' daxguard end dax0.0
check_shows 'nobody holds it any more' '^dax0\.0 .* -  +'
check 'q quits' top_end
check 'the terminal is left as it was' sh -c "tail -c 200 $SCREEN.raw | grep -q '\[?1049l'"
check 'it was in colour' grep -q '\[3[0-7].*m' $SCREEN.raw
TERM=vt100 top_begin 80x24 --interval=0.2
check_shows 'a terminal without colour' '^dax0\.0 +4/4 +MMMM +-'
check 'and without a word of it' sh -c "! grep -Eq '\[([0-9;]*;)?[34][0-7]m' $SCREEN.raw"
check 'it quits, too' top_end

# --- for programs ---

check 'one screen as text' once
check 'the same of the device' grep -Eq '^dax0\.0 +4/4 .* MMMM' /tmp/once
check 'and of the program' grep -Eq '^dgprobe .* dax0\.0 ' /tmp/once
daxguard top -j --interval=0.1 >/tmp/json
check 'the same as JSON' test "$(dgprobe json devices.0.device devices.0.blocks devices.1.blocks who.0.program </tmp/json)" = \
	"$(printf 'dax0.0\tMMMM\t....\tdgprobe')"

# --- the timeline ---

daxguard begin --deadline=1 dax0.1
check 'a hold expires' wait_for 60 sh -c "daxguard status -j | dgprobe json counters.expired | grep -qx 1"
says 2 'a timeline of no kind' "'--svg' or '--html' is missing" daxguard timeline
says 2 'of what is no device' "'memory1' is no dax device" daxguard timeline --svg memory1

# draw WORD...: a timeline in /tmp/timeline.
draw()
{
	daxguard timeline "$@" >/tmp/timeline
}

# drawn_refusals: how many refusals its marks stand for.
drawn_refusals()
{
	sed -n 's/^.*<title>\([0-9]*\) refused: dax0\.0 .*/\1/p' /tmp/timeline | awk '{ sum += $1 } END { print sum + 0 }'
}

check 'as SVG' draw --svg
check 'who held the device, and how it ended' sh -c \
	"grep -A 2 '<title>dax0.0 held (declared) by .*, pid $$, uid 0' /tmp/timeline | grep -q '^ended by its owner, [1-9][0-9]* refused meanwhile'"
told=$(daxguard events -j --event=refused --device=dax0.0 | dgprobe json count | awk '{ sum += $1 } END { print sum + 0 }')
check 'each refusal that events tells' test "$(drawn_refusals)" = "$told"
check 'of that block, by that program' sh -c "grep -A 1 'refused: dax0.0 memory$first/state' /tmp/timeline | grep -q '^by dgprobe [0-9]'"
check 'the block has a row' grep -q ">memory$first</text>" /tmp/timeline
check 'what expired is red' sh -c "grep -A 3 'expired: dax0.1' /tmp/timeline | grep -q 'class=\"m bad\"'"
check 'of one device alone' draw --svg dax0.1
check 'without the other' sh -c "grep -q '>dax0.1</text>' /tmp/timeline && ! grep -q 'dax0\.0' /tmp/timeline"
check 'since a time that has not come' draw --svg --since="@$(($(date +%s) + 1000))"
check 'nothing has happened' grep -q 'nothing has happened' /tmp/timeline
check 'and nothing is missing of it' sh -c "! grep -q 'not kept any more' /tmp/timeline"
check 'as HTML' draw --html
check 'with a table of who it was' sh -c "grep -A 99 '<table>' /tmp/timeline | grep -q '<td>dgprobe</td><td>0</td><td>dax0.0</td>'"
check 'unload' daxguard unload
says 3 'a timeline of no guard' "run 'daxguard load'" daxguard timeline --svg
