# SPDX-License-Identifier: GPL-2.0-only
# Suite: policy and lists take effect at once, whether daxguard or bpftool wrote them, bytes that mean nothing are enforce, and a
# program is what has its path.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

POLICY=$PINS/v1/maps/policy
MORE=$PINS/v1/maps/policy_more
DAX0_0='64 61 78 30 2e 30 00 00 00 00 00 00 00 00 00 00'
ANY='2a 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00'

if ! dax_load || ! ready_device; then
	skip 'policy' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true
load_or_quit

# by_hand KEY VALUE: what an operator types.
by_hand()
{
	# shellcheck disable=SC2086 # bytes
	bpftool map update pinned $POLICY key hex $1 value hex $2
}

# Movable: of a block in zone Normal the kernel may take pages for itself, and then it does not go offline again.
knock()
{
	stranger dgprobe attempt write "$spare_file" online_movable
}

# lets_through NAME / is_refused NAME: a stranger's write, by what the counters say too.
lets_through()
{
	refused=$(counter refused)
	audited=$(counter audited)
	check "$1: let through" changes_block knock
	check "$1: not counted as refused" test "$(counter refused)" -eq "$refused"
	check "$1: audited $2" test "$(counter audited)" -eq $((audited + $2))
}

is_refused()
{
	refused=$(counter refused)
	offline_block "$spare"
	check "$1: refused" refused_block knock
	check "$1: counted" test "$(counter refused)" -eq $((refused + 1))
}

# policy_is VALUES: mode, scope, unbind, bind, auto_online, mapping, max_hold of the entry NUMBER in the list
policy_is()
{
	_number=$1
	shift
	[ "$(daxguard policy list -j | dgprobe json "$_number.device" "$_number.mode" "$_number.scope" "$_number.unbind" \
		"$_number.bind" "$_number.auto_online" "$_number.mapping" "$_number.max_hold" | tr '\t' ' ')" = "$*" ]
}

check 'from the start: enforce, in transitions, the default flags' \
	policy_is 0 '*' enforce transition refuse free allow refuse 600
lets_through 'nothing held' 0
daxguard begin dax0.0
is_refused 'from the start'

# --- modes, while the device is held ---

check 'set off' daxguard policy set dax0.0 mode=off
lets_through 'off' 0
check 'set audit' daxguard policy set dax0.0 mode=audit
collect_events
: >/tmp/events
lets_through 'audit' 1
collect_events
check 'audit is reported' event_seen audited dax0.0 declared "$spare" state lsm '* * *'
check 'the transition counts it too' test "$(field transitions.0.audited)" -ge 1
check 'set enforce' daxguard policy set dax0.0 mode=enforce
is_refused 'enforce'

# --- the same by bpftool: mode, scope, flags, zero, longest hold ---

by_hand "$DAX0_0" '01 01 09 00 58 02 00 00'
check 'bytes of off are read as off' policy_is 1 dax0.0 off transition refuse free allow refuse 600
lets_through 'off by hand' 0
by_hand "$DAX0_0" '02 01 09 00 58 02 00 00'
lets_through 'audit by hand' 1
by_hand "$DAX0_0" '03 01 0e 00 00 00 00 00'
check 'bytes of enforce are read as enforce' policy_is 1 dax0.0 enforce transition allow hold refuse refuse 0
is_refused 'enforce by hand'
check 'check has nothing to say about that' test -z "$(daxguard check | grep 'mean nothing')"

# said_to_mean_nothing BYTES
said_to_mean_nothing()
{
	by_hand "$DAX0_0" "$1"
	daxguard check >/tmp/check
	check "bytes $1: check says that one means nothing" grep -q "warning.*dax0\.0.*mean nothing" /tmp/check
	check "bytes $1: policy list says so" test "$(daxguard policy list -j | dgprobe json -t 1.meaningless)" = string
}

for bytes in '00 00 00 00 00 00 00 00' '07 01 09 00 58 02 00 00' 'ff ff ff ff ff ff ff ff'; do
	said_to_mean_nothing "$bytes"
	check "bytes $bytes: policy list has the word enforce" test "$(daxguard policy list -j | dgprobe json 1.mode)" = enforce
	is_refused "bytes $bytes"
done
# Where mode means something, it holds: what is wrong with the rest is said.
for bytes in '03 07 09 00 58 02 00 00' '03 01 f9 00 58 02 00 00' '03 01 09 01 58 02 00 00'; do
	said_to_mean_nothing "$bytes"
	is_refused "bytes $bytes"
done
check 'set puts it right' daxguard policy set dax0.0 mode=enforce scope=transition
daxguard check >/tmp/check
check 'and check is content' test -z "$(grep 'mean nothing' /tmp/check)"

# --- the other half, which is a map of its own: zone, bring-up, idle ---

# more_is NUMBER VALUES: zone, online and idle of the entry NUMBER in the list
more_is()
{
	_number=$1
	shift
	[ "$(daxguard policy list -j | dgprobe json "$_number.zone" "$_number.online" "$_number.idle" | tr '\t' ' ')" = "$*" ]
}

# has_own MAP: has dax0.0 an entry of its own there?
has_own()
{
	# shellcheck disable=SC2086 # bytes
	bpftool map lookup pinned "$1" key hex $DAX0_0 2>&1 | grep -q value
}

has_none()
{
	! has_own "$1"
}

more_by_hand()
{
	# shellcheck disable=SC2086 # bytes
	bpftool map update pinned $MORE key hex $DAX0_0 value hex $1
}

# in_force TEXT: check's line about dax0.0
in_force()
{
	daxguard check | grep -q "^ok  *policy  *'dax0\.0' may come online in $1"
}

check 'from the start: any zone, left as it is, 5 s' more_is 0 any leave 5
check 'check says so' in_force 'any zone, and when kmem has bound it, it is left as it is'
check 'set zone, idle and online' daxguard policy set dax0.0 zone=movable idle=0 online=movable
check 'they are in the list' more_is 1 movable movable 0
check 'the mode is its own since before' has_own "$POLICY"
check 'unset takes both' daxguard policy unset dax0.0
check 'the one is gone' has_none "$POLICY"
check 'and the other' has_none "$MORE"
check 'set zone alone' daxguard policy set dax0.0 zone=movable
check 'which makes an entry in the one map' has_own "$MORE"
check 'and none in the other' has_none "$POLICY"
check 'the row has the rest from that of all' policy_is 1 dax0.0 enforce transition refuse free allow refuse 600
check 'check says what holds to it' in_force 'the movable zone only (enforced by the words online_movable and online_kernel only)'
more_by_hand '03 02 00 00 07 00 00 00 00 00 00 00 00 00 00 00'
check 'bytes of the other half are read' more_is 1 kernel movable 7
daxguard check >/tmp/check
check 'check warns of what is at odds' grep -q "^warning  *policy  *'dax0\.0' is to be brought online where" /tmp/check
more_by_hand '02 01 00 00 05 00 00 00 00 00 00 00 00 00 00 00'
check 'check has nothing to say about its bytes' test -z "$(daxguard check | grep 'mean nothing')"
for bytes in '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00' '07 07 00 00 05 00 00 00 00 00 00 00 00 00 00 00' \
	'02 01 01 00 05 00 00 00 00 00 00 00 00 00 00 00' '02 01 00 00 05 00 00 00 00 00 00 00 00 00 00 80'; do
	more_by_hand "$bytes"
	daxguard check >/tmp/check
	check "more bytes $bytes: check says that one means nothing" grep -q "warning.*dax0\.0.*mean nothing" /tmp/check
	check "more bytes $bytes: policy list says so" test "$(daxguard policy list -j | dgprobe json -t 1.meaningless)" = string
	check "more bytes $bytes: movable, and left" \
		test "$(daxguard policy list -j | dgprobe json 1.zone 1.online | tr '\t' ' ')" = 'movable leave'
done
check 'set puts that right, too' daxguard policy set dax0.0 zone=any online=leave
check 'check is content with it' test -z "$(daxguard check | grep 'mean nothing')"
check 'unset the one half' daxguard policy unset dax0.0
says 1 'unset what is in neither' "'dax0\.0'" daxguard policy unset dax0.0
for map in "$POLICY" "$MORE"; do
	bpftool map dump pinned "$map"
done >/tmp/both-before
says 2 'one bad word in the other half' "'zone=auto'" daxguard policy set dax0.0 mode=off zone=auto
says 2 'one bad word in the first' "'mode=loud'" daxguard policy set dax0.0 zone=movable mode=loud
for map in "$POLICY" "$MORE"; do
	bpftool map dump pinned "$map"
done >/tmp/both-after
check 'has changed neither' cmp /tmp/both-before /tmp/both-after

# fill_more update|delete: as many keys as the map has room for, that are no devices
fill_more()
{
	_n=0
	while [ $_n -lt 1024 ]; do
		printf 'map %s pinned %s key hex 66 %02x %02x 00 00 00 00 00 00 00 00 00 00 00 00 00' "$1" "$MORE" $((_n / 256)) \
			$((_n % 256))
		[ "$1" = delete ] || printf ' value hex 01 01 00 00 05 00 00 00 00 00 00 00 00 00 00 00'
		echo
		_n=$((_n + 1))
	done >/tmp/fill
	bpftool batch file /tmp/fill >/dev/null 2>&1
}

fill_more update
says 1 'the second map is full' "policy_more' is full" daxguard policy set dax0.0 mode=audit zone=movable
check 'then the first has nothing either' has_none "$POLICY"
check 'and the first alone can be set' daxguard policy set dax0.0 mode=enforce
fill_more delete
check 'there is room again' daxguard policy set dax0.0 zone=any

# --- '*' and the device's own ---

check 'set audit for all' daxguard policy set '*' mode=audit
is_refused 'its own goes before that of all'
check 'unset its own' daxguard policy unset dax0.0
lets_through 'that of all' 1
says 1 'unset what is not there' "'dax0\.0'" daxguard policy unset dax0.0
check 'unset for all' daxguard policy unset '*'
is_refused 'what is built in'
bpftool map dump pinned $POLICY >/tmp/policy-before
says 2 'one bad word of two' "'scope=loud'" daxguard policy set dax0.0 mode=off scope=loud
bpftool map dump pinned $POLICY >/tmp/policy-after
check 'has changed nothing' cmp /tmp/policy-before /tmp/policy-after
# shellcheck disable=SC2086 # bytes
bpftool map delete pinned $POLICY key hex $ANY
is_refused 'no entry at all'
check 'unset for all puts it back' daxguard policy unset '*'
daxguard end dax0.0

# --- scope ---

lets_through 'scope transition, nothing held' 0
offline_block "$spare"
check 'set always' daxguard policy set dax0.0 scope=always
is_refused 'scope always, nothing held'
expect_status 1 'scope always, nothing held: nor is this shell let through' dgprobe attempt write "$spare_file" online_movable
daxguard begin dax0.0
check 'scope always, held: the owner is let through' changes_block dgprobe attempt write "$spare_file" online_movable
is_refused 'scope always, held'
daxguard end dax0.0
check 'set always and audit' daxguard policy set dax0.0 mode=audit
lets_through 'scope always, audit' 1
check 'unset' daxguard policy unset dax0.0

# --- longest hold, and hold on bind ---

check 'set a longest hold' daxguard policy set dax0.0 max_hold=1
daxguard begin dax0.0
check 'the longest hold ends what has no deadline' wait_for 30 nothing_held
daxguard begin --deadline=100 dax0.0
check 'the longest hold ends what has a later deadline' wait_for 30 nothing_held
check 'set hold on bind' daxguard policy set dax0.0 bind=hold max_hold=600
offline_all dax0.0
dax_unbind dax0.0
collect_events
: >/tmp/events
dax_bind dax0.0 kmem
collect_events
check 'a bind is seen to begin' event_seen begin dax0.0 bind '* * * * * *'
check 'a bind is seen to end' event_seen end dax0.0 bind '* * * * * *'
check 'nothing is held after it' nothing_held
check 'and blocks can be onlined' changes_block knock

# --- bring-up, which may have to wait for the device: by what policy says when that is free ---

case $(uname -m) in
aarch64) POLL=73 ;; # ppoll, it has no other
*) POLL=7 ;;
esac

# Its holder is looked at again and again, with poll(2) between.
waits_for_it()
{
	_pid=$(pidof daxguard) && grep -qs "^$POLL " "/proc/$_pid/syscall"
}

check 'policy online=movable' daxguard policy set dax0.0 online=movable
daxguard begin dax0.0
offline_all dax0.0
dgprobe ask $AGENT daxguard online --by-policy dax0.0 >/tmp/by-policy &
waiting=$!
check 'online --by-policy waits' wait_for 60 waits_for_it
check 'meanwhile online=leave' daxguard policy set dax0.0 online=leave
daxguard end dax0.0
check 'it ends' wait $waiting
check 'it says that the device is left' grep -q "left as it is: its policy is online=leave" /tmp/by-policy
check 'nothing is online' test "$(count_blocks dax0.0 online)" = 0
check 'online=movable again' daxguard policy set dax0.0 online=movable
daxguard begin dax0.0
dgprobe ask $AGENT daxguard online --by-policy dax0.0 >/tmp/by-policy &
waiting=$!
check 'it waits again' wait_for 60 waits_for_it
daxguard end dax0.0
check 'it ends, too' wait $waiting
check 'and all is online' test "$(count_blocks dax0.0 offline)" = 0
check 'no policy of its own' daxguard policy unset dax0.0

# --- who is never refused: programs by path ---

PROGRAM=/tmp/program
LABEL='2f 74 6d 70 2f 70 72 6f 67 72 61 6d'

# probe PATH: what has that path is a dgprobe from now on, in a new file.
probe()
{
	cp "$(command -v dgprobe)" "$1.new" && mv "$1.new" "$1"
}

# let_in NAME COMMAND... / kept_out NAME COMMAND...: the write of a command that nobody's transition covers
let_in()
{
	_name=$1
	shift
	check "$_name: let through" changes_block stranger "$@"
}

kept_out()
{
	_name=$1
	shift
	offline_block "$spare"
	check "$_name: refused" refused_block stranger "$@"
}

# start_program: the program in the background, with the file open, until go.
start_program()
{
	rm -f "$GO" "$GO.ready"
	dgprobe ask $AGENT $PROGRAM attempt-held write "$spare_file" online_movable "$GO" &
	writer=$!
	wait_for 60 test -e "$GO.ready" || not_ok 'the program is ready' 'not within 60 s'
}

# goes_on N: it ends with that
goes_on()
{
	offline_block "$spare"
	go
	ended_with "$1"
}

# lists_are ALLOW CONTROLLERS PROGRAMS: how many entries the maps have
lists_are()
{
	for _map in allow controllers programs; do
		bpftool map dump pinned $PINS/v1/maps/$_map -j | grep -o '"formatted"' | grep -c .
	done | tr '\n' ' ' >/tmp/lists
	echo "$1 $2 $3 (wanted), $(cat /tmp/lists)" >&2
	[ "$(cat /tmp/lists)" = "$1 $2 $3 " ]
}

probe $PROGRAM
daxguard begin dax0.0
kept_out 'on no list' $PROGRAM attempt write "$spare_file" online_movable
check 'lists: empty' lists_are 0 0 0
start_program
check 'allow add' daxguard allow add exe=$PROGRAM
check 'allow list has it' test "$(daxguard allow list)" = "exe=$PROGRAM (by hand)"
check 'allow list -j has it' test "$(daxguard allow list -j | dgprobe json 0.who 0.label 0.path 0.dev | tr '\t' ' ')" = \
	"exe $PROGRAM $PROGRAM 0"
check 'it counts at once for what runs already' goes_on 0
let_in 'the program' $PROGRAM attempt write "$spare_file" online_movable
let_in 'a child of it' $PROGRAM tree child "$spare_file" online_movable
kept_out 'what it executes, which is another' $PROGRAM as-uid 0 dgprobe attempt write "$spare_file" online_movable
# shellcheck disable=SC2016 # for the other shell
let_in 'by a link' sh -c 'ln -sf $0 /tmp/link && exec /tmp/link "$@"' $PROGRAM attempt write "$spare_file" online_movable
# shellcheck disable=SC2016 # for the other shell
kept_out 'by another name of the file' sh -c 'ln -f $0 /tmp/name && exec /tmp/name "$@"' $PROGRAM attempt write "$spare_file" online_movable
start_program
probe $PROGRAM
check 'an upgrade: the old process goes on as what it was' goes_on 0
let_in 'an upgrade: the new file' $PROGRAM attempt write "$spare_file" online_movable
mv $PROGRAM /tmp/away
kept_out 'renamed' /tmp/away attempt write "$spare_file" online_movable
mv /tmp/away $PROGRAM
let_in 'named as before' $PROGRAM attempt write "$spare_file" online_movable
mkdir -p /tmp/root/tmp /tmp/root/sys /tmp/root/proc /tmp/root/lib /tmp/root/lib64 /tmp/root/usr
for dir in lib lib64 usr sys proc; do
	[ -d /$dir ] && mount --bind /$dir /tmp/root/$dir
done
cp $PROGRAM /tmp/root/$PROGRAM
kept_out "that path in another root" chroot /tmp/root $PROGRAM attempt write "$spare_file" online_movable
start_program
check 'allow remove' daxguard allow remove exe=$PROGRAM
check 'it counts at once' goes_on 1
check 'lists: empty again' lists_are 0 0 0

# A script is its interpreter.
mkdir -p /tmp/shell
cp /bin/busybox /tmp/shell/sh
# shellcheck disable=SC2016 # for the other shell
printf '#!/tmp/shell/sh\necho online_movable >"$1" || exit 1\n' >/tmp/script
chmod 755 /tmp/script
says 1 'a script' "'exe=/tmp/script' is a script: scripts are their interpreter" daxguard allow add exe=/tmp/script
check 'allow the interpreter' daxguard allow add exe=/tmp/shell/sh
let_in 'a script of it' /tmp/script "$spare_file"
check 'no more' daxguard allow remove exe=/tmp/shell/sh
kept_out 'a script of it' /tmp/script "$spare_file"

# --- what the lists do not take ---

says 2 'not absolute' "'exe=program' is no path from the root" daxguard allow add exe=program
says 1 'a directory' "'exe=/tmp' is a directory" daxguard controller add exe=/tmp
says 2 'a path of 4096 bytes' 'more than 255 bytes' daxguard controller add "exe=/$(printf '%04095d' 7)"
says 2 'a controller that is no program' "'uid=1' is none of exe=PATH" daxguard controller add uid=1
says 1 'one that is not there to be removed' 'is not on the list of controllers' daxguard controller remove exe=/tmp/none
check 'nothing was changed' lists_are 0 0 0
says 0 'not there: a warning' "warning: '/tmp/later' is not there" daxguard allow add exe=/tmp/later
probe /tmp/later
let_in 'what is put there later' /tmp/later attempt write "$spare_file" online_movable
ln -sf /tmp/later /tmp/alias
says 0 'a link: a warning' "'/tmp/alias' leads to '/tmp/later', and that is what counts" daxguard controller add exe=/tmp/alias
check 'one number for both lists' lists_are 1 1 1
check 'controller list' test "$(daxguard controller list)" = 'exe=/tmp/later (by hand)'
check 'controller list -j' test "$(daxguard controller list -j | dgprobe json 0.path 0.label 0.there | tr '\t' ' ')" = \
	'/tmp/later /tmp/alias true'
daxguard check >/tmp/check
check 'check: they are there' test "$(grep -c "ok.*'/tmp/later' is there" /tmp/check)" -eq 2
printf '#!/bin/sh\n' >/tmp/later
daxguard check >/tmp/check
check 'check: a script now' test "$(grep -c "warning.*'/tmp/later' is a script now" /tmp/check)" -eq 2
rm /tmp/later
daxguard check >/tmp/check
check 'check: not there' test "$(grep -c "warning.*'/tmp/later' is not there" /tmp/check)" -eq 2
check 'remove by what was typed' daxguard controller remove exe=/tmp/alias
says 1 'remove: one that is not there keeps no other' "'exe=/tmp/none' is not on" daxguard allow remove exe=/tmp/none exe=/tmp/later
check 'lists: nothing is left' lists_are 0 0 0

full=$(i=0; while [ $i -lt 64 ]; do echo "exe=/tmp/many/$i"; i=$((i + 1)); done)
# shellcheck disable=SC2086 # words
check 'as many controllers as there is room for' daxguard controller add $full 2>/dev/null
check 'lists: full' lists_are 0 64 64
says 1 'one more' "the list of controllers is full, nothing was changed for 'exe=/tmp/more'" daxguard controller add exe=/tmp/more
check 'lists: nothing was changed' lists_are 0 64 64
# shellcheck disable=SC2086 # words
check 'all go' daxguard controller remove $full
check 'lists: empty in the end' lists_are 0 0 0

# An entry as daxguards before made them, of this very file: a load makes one by path of it.
# le BYTES NUMBER: as bpftool takes it
le()
{
	_rest=$2
	for _i in $(seq "$1"); do
		printf '%02x ' $((_rest % 256))
		_rest=$((_rest / 256))
	done
}

probe $PROGRAM
# of a file system in memory the major number is 0
# shellcheck disable=SC2046,SC2086 # bytes
bpftool map update pinned $PINS/v1/maps/allow key hex $(le 4 1) $(le 4 "$(stat -c %d $PROGRAM)") $(le 8 "$(stat -c %i $PROGRAM)") \
	value hex $(le 8 1) $LABEL $(le 108 0)
check 'by inode: listed' test "$(daxguard allow list)" = "exe=$PROGRAM (this one file, by its inode) (by hand)"
let_in 'by inode' $PROGRAM attempt write "$spare_file" online_movable
start_program
rm $PINS/v1/links/daxguard_task_alloc
check 'a load' daxguard load --hooks=lsm
check 'by path now' test "$(daxguard allow list)" = "exe=$PROGRAM (by hand)"
check 'by path now: in the map, too' lists_are 1 0 1
check 'what ran before goes on' goes_on 0
probe $PROGRAM
let_in 'by path now: another file' $PROGRAM attempt write "$spare_file" online_movable
check 'and it goes' daxguard allow remove exe=$PROGRAM
daxguard end dax0.0

# --- load with a mode, and what a load keeps ---

check 'set something to keep' daxguard policy set dax0.0 mode=audit max_hold=7
check 'load again' daxguard load --hooks=lsm
check 'a load keeps policy' policy_is 1 dax0.0 audit transition refuse free allow refuse 7
daxguard unload
check 'load in audit mode' daxguard load --hooks=lsm --mode=audit
check 'status says so' test "$(field mode)" = audit
check 'the policy of all says so' policy_is 0 '*' audit transition refuse free allow refuse 600
daxguard begin dax0.0
lets_through 'loaded in audit mode' 1
daxguard end dax0.0

# --- a verb asks for no zone that policy does not allow ---

check 'set a zone' daxguard policy set dax0.0 mode=enforce zone=kernel
offline_all dax0.0
cat "$spare_file" >/tmp/block-before
for words in '' --dry-run; do
	# shellcheck disable=SC2086 # none or one
	says 1 "online --zone=movable $words" "'dax0\.0' may come online in the kernel's zones only" \
		daxguard online $words --zone=movable dax0.0
	# shellcheck disable=SC2086 # none or one
	says 1 "plug --zone=movable $words" "'dax0\.0' may come online in the kernel's zones only" \
		daxguard plug $words --zone=movable dax0.0
done
cat "$spare_file" >/tmp/block-after
check 'nothing was changed' cmp /tmp/block-before /tmp/block-after
check 'auto is that zone, to be seen before' test "$(daxguard online -j --dry-run dax0.0 | dgprobe json movable)" = false
check 'of the other zone nothing is said where mode=audit' sh -c \
	'daxguard policy set dax0.0 mode=audit && daxguard online --dry-run --zone=movable dax0.0'
check 'set enforce again' daxguard policy set dax0.0 mode=enforce
check 'auto is that zone' daxguard online dax0.0
check 'nothing of it is movable' test "$(daxguard list -j dax0.0 | dgprobe json -t 0.zones.Movable)" != int
check 'and all of it is online' test "$(daxguard list -j dax0.0 | dgprobe json 0.blocks.offline)" = 0
check 'nothing was left undecided' test "$(counter undecided)" = 0

# --- lists of the configuration ---

probe $PROGRAM
daxguard unload
start_program
printf '[controllers]\nexe = /tmp/none\n[allow]\nexe = %s\n' $PROGRAM >/tmp/lists.conf
says 0 'load: what is not there is a warning' "warning: '/tmp/none' is not there" daxguard load --hooks=lsm --config=/tmp/lists.conf
check 'load: both lists are there' lists_are 1 1 2
daxguard begin dax0.0
check 'load: what ran before is marked' goes_on 0
let_in 'load: the program' $PROGRAM attempt write "$spare_file" online_movable
daxguard end dax0.0
printf '[controllers]\nexe = /tmp\n' >/tmp/lists.conf
daxguard unload
check 'unload leaves nothing' test ! -e $PINS
says 2 'load: a directory is an error' "line 2 of .*a directory 'exe=/tmp'" daxguard load --hooks=lsm --config=/tmp/lists.conf
check 'load without a configuration' daxguard load --hooks=lsm
check 'load without a configuration: no controller' lists_are 0 0 0
