# SPDX-License-Identifier: GPL-2.0-only
# Suite: what the verbs print: JSON with the documented fields, errors in JSON too, and figures that are those of sysfs.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

have_dax=yes
if ! dax_load || ! ready_device; then
	have_dax=
fi
stranger true

# typed NAME "COMMAND" "FIELD..." "TYPE...": each field is there and has the type.
typed()
{
	# shellcheck disable=SC2086 # words
	$2 >/tmp/json 2>$SAID
	# shellcheck disable=SC2086 # words
	_types=$(dgprobe json -t $3 </tmp/json 2>&1 | sort -u | tr '\t\n' '  ')
	if [ "$_types" = "$4 " ] && [ ! -s $SAID ]; then
		ok "$1"
	else
		not_ok "$1" "fields $3 are '$_types', not '$4' ($(cat $SAID))"
	fi
}

COUNTERS='counters.refused counters.audited counters.slipped counters.expired counters.released counters.undecided counters.missed'

typed 'status, not loaded' 'daxguard status -j' 'version loaded hooks.lsm hooks.kernel transitions' \
	'string boolean boolean string array'
for command in '--help' '--version' '--list-verbs' 'begin --help'; do
	# shellcheck disable=SC2086 # words
	says 0 "$command exits 0" '' daxguard $command
done
for verb in load unload status list check events policy run begin end release; do
	check "--list-verbs has $verb" sh -c "daxguard --list-verbs | grep -qx $verb"
done

# in_json N NAME COMMAND...: the error is a document on stdout, and nothing is on stderr.
in_json()
{
	_want=$1
	_name=$2
	shift 2
	"$@" >/tmp/json 2>$SAID
	_got=$?
	if [ $_got -eq "$_want" ] && [ ! -s $SAID ] && [ "$(dgprobe json status </tmp/json)" = "$_want" ] &&
		[ "$(dgprobe json -t error </tmp/json)" = string ]; then
		ok "$_name"
	else
		not_ok "$_name" "exit status $_got, said '$(cat $SAID)', printed '$(tr '\n' ' ' </tmp/json)'"
	fi
}

in_json 2 'an unknown verb, in JSON' daxguard -j nonsense
in_json 2 'an unknown option, in JSON' daxguard load --nonsense -j
in_json 3 'not loaded, in JSON' daxguard begin -j dax0.0
in_json 3 'not root, in JSON' dgprobe as-uid 1000 daxguard load --json

load_or_quit
typed 'status' 'daxguard status -j' "version loaded mode hooks.lsm hooks.kernel transitions $COUNTERS" \
	'string boolean string boolean string array int int int int int int int'
check 'the LSM layer is said to be there' test "$(field loaded hooks.lsm hooks.kernel | tr '\t' ' ')" = 'true true none'
typed 'policy list' 'daxguard policy list -j' '0.device 0.mode 0.scope 0.max_hold 0.zone 0.online 0.idle' \
	'string string string int string string int'
typed 'check' 'daxguard check -j' 'missing checks checks.0.check checks.0.result checks.0.text' 'int array string string string'
if [ -z "$have_dax" ]; then
	skip 'the rest of the reports' "kernel $(uname -r) has no dax device"
	check 'list without a device' daxguard list -j
	exit 0
fi
in_json 1 'no such device, in JSON' daxguard -j begin dax9.9
says 1 'list of no such device' "'dax9\.9'" daxguard list dax9.9

offline_block "$spare"
LIST='0.device 0.driver 0.target_node 0.size 0.blocks.total 0.blocks.online 0.blocks.offline 0.zones 0.ranges 0.ranges.0.start
	0.ranges.0.end 0.desync'
typed 'list' 'daxguard list -j' "$LIST" 'string string int int int int int object array int int boolean'
total=$(dax_blocks dax0.0 | wc -l)
check 'list has the figures of sysfs' test "$(daxguard list -j dax0.0 | dgprobe json 0.device 0.driver 0.size 0.blocks.total \
	0.blocks.online 0.blocks.offline 0.zones.Movable 0.target_node | tr '\t' ' ')" = \
	"dax0.0 kmem $(cat $DAX/devices/dax0.0/size) $total $((total - 1)) 1 $((total - 1)) $(cat $DAX/devices/dax0.0/target_node)"
check 'list has the range of sysfs' test "$(daxguard list -j | dgprobe json 0.ranges.0.start 0.ranges.0.end | tr '\t' ' ')" = \
	"$(($(cat $DAX/devices/dax0.0/mapping0/start))) $(($(cat $DAX/devices/dax0.0/mapping0/end)))"
if [ -e $DAX/devices/dax0.0/state ]; then
	typed 'list with the attribute' 'daxguard list -j' '0.attribute 0.attribute_value' 'string string'
	check 'list has the value of the attribute' test "$(daxguard list -j | dgprobe json 0.attribute_value)" = \
		"$(cat $DAX/devices/dax0.0/state)"
else
	typed 'list without an attribute' 'daxguard list -j' '0.attribute 0.attribute_value' 'null null'
fi
typed 'list of what is free' 'daxguard list -j' '0.transition' 'null'

take_events >/dev/null
daxguard begin --deadline=100 dax0.0
typed 'status, held' 'daxguard status -j' 'transitions.0.device transitions.0.kind transitions.0.owner.pid transitions.0.owner.comm
	transitions.0.age_ms transitions.0.deadline_ms transitions.0.refused' 'string string int string int int int'
typed 'list, held' 'daxguard list -j' '0.transition.device 0.transition.kind 0.transition.owner.pid' 'string string int'
stranger dgprobe attempt write "$spare_file" online
daxguard end dax0.0

take_events >/tmp/events
typed 'events' 'cat /tmp/events' 'time event device kind hook pid comm uid exe cgroup result' \
	'string string string string string int string int string string int'
grep '"refused"' /tmp/events >/tmp/refused
check 'one event a refusal' test "$(wc -l </tmp/refused)" -eq 1
typed 'the event of a refusal' 'cat /tmp/refused' 'block file' 'int string'
check 'it has the whole path of who is gone, or the last part' \
	test "$(dgprobe json event uid exe block file result </tmp/refused | sed 's,/usr/bin/,,' | tr '\t' ' ')" = \
	"refused 0 dgprobe $spare state -16"
daxguard events -j >/tmp/again
check 'events are read as often as one likes' grep -qxFf /tmp/refused /tmp/again

# A flood of refusals is a trickle of events that say for how many they stand.
offline_block "$spare"
refused=$(counter refused)
daxguard begin dax0.0
dgprobe ask "$AGENT" dgprobe rivals 2 online "$spare_file" >/tmp/rivals &
writer=$!
many()
{
	[ "$(counter refused)" -gt $((refused + 500)) ]
}
check 'a flood is counted' wait_for 60 many
kill $writer
check 'the flood ends when told' ended_with 0
daxguard end dax0.0
busy=$(sed 's/.*busy \([0-9]*\).*/\1/' /tmp/rivals)
now=$(($(counter refused) - refused))
note "rivals were refused $busy times, counted $now, $(cat /tmp/rivals)"
# Each of the two was killed while a refusal of its own may not have been tallied yet.
check 'the counter is exact' test $now -ge "$busy" -a $now -le $((busy + 2))
take_events >/tmp/events
grep '"refused"' /tmp/events >/tmp/refused
stands=0
for n in $(dgprobe json count </tmp/refused); do
	stands=$((stands + n))
done
check 'the events are few' test "$(wc -l </tmp/refused)" -le 200
check 'no event is lost, none stands for too many' test "$stands" -le "$now" -a "$stands" -gt 0
