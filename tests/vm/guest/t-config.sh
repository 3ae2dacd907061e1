# SPDX-License-Identifier: GPL-2.0-only
# Suite: the configuration is applied again in the middle of a held transition with writers: nothing slips, what the file does not name any
# more goes, what is by hand stays and is told of, a wrong file changes nothing; and sections for several devices.
# daxguard.rounds on the kernel's command line sets the number of reloads.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

CONF=/tmp/daxguard.conf
POLICY=$PINS/v1/maps/policy
DAX8_0='64 61 78 38 2e 30 00 00 00 00 00 00 00 00 00 00'
WRITERS=8
rounds=$(boot_number daxguard.rounds 10)

if ! dax_load || ! ready_device; then
	skip 'configuration' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true
node=$(cat /sys/bus/dax/devices/dax0.0/target_node)

# write_conf LINE...: the configuration has these lines.
write_conf()
{
	printf '%s\n' "$@" >$CONF
}

reload()
{
	daxguard load --hooks=lsm --config=$CONF --reload
}

# --- without a guard ---

write_conf '[dax0.0]' 'mode = audit' '[*]' 'max_hold = 77' '[dax*]' 'idle = 9'
check 'check --config: no guard is needed' daxguard check --config $CONF
check 'check --config: what would be in force' test \
	"$(daxguard check -j --config=$CONF | dgprobe json policy.1.device policy.1.mode policy.1.max_hold policy.1.idle | tr '\t' ' ')" = \
	'dax0.0 audit 77 9'
check 'check --config: and from where' test \
	"$(daxguard check -j --config=$CONF | dgprobe json policy.1.origin.mode policy.1.origin.scope | tr '\t' ' ')" = "$CONF:2 built in"
write_conf '[*]' 'mode = loud'
says 2 'check --config: a wrong line' "line 2 of .*'$CONF'" daxguard check --config=$CONF
says 1 'check --config: no file' "'/tmp/none' cannot be read" daxguard check --config=/tmp/none
says 2 'load of a wrong file loads nothing' "line 2 of .*'$CONF'" daxguard load --hooks=lsm --config=$CONF
check 'and leaves nothing' test ! -e $PINS
mkdir -p /etc/daxguard
cp $CONF /etc/daxguard/daxguard.conf
daxguard load --hooks=lsm --fallback 2>$SAID
check 'load --fallback of a wrong file fails' test $? -eq 2
check 'and says which line, and what it did instead' test "$(grep -cE "line 2 of|is loaded without the configuration" $SAID)" = 2
check 'and the guard is loaded' test "$(field loaded)" = true
check 'with what is built in' policy_has '*' origin.mode 'built in'
expect_status 3 'check names the line' daxguard check
check 'of that file' grep -q "missing.*line 2 of .*'/etc/daxguard/daxguard.conf'" <<-END
	$(daxguard check)
END
rm /etc/daxguard/daxguard.conf
daxguard unload

# --- what goes, what stays ---

write_conf '[dax0.0]' 'scope = always' '[*]' 'max_hold = 77' '[allow]' 'uid = 71' 'uid = 72' '[controllers]' 'exe = /tmp/none'
check 'load' daxguard load --hooks=lsm --config=$CONF
check 'in whatever order: what the section does not name is that of [*]' policy_has dax0.0 max_hold 77
check 'origin: the line' policy_has dax0.0 origin.scope $CONF:2
check 'origin: that of [*]' policy_has dax0.0 origin.max_hold $CONF:4
check 'origin: built in' policy_has dax0.0 origin.mode 'built in'
check 'origin: of who is allowed' test "$(daxguard allow list | sort | sed -n 1p)" = "uid=71 ($CONF:6)"
check 'origin: of a controller' test "$(daxguard controller list -j | dgprobe json 0.origin)" = $CONF:9
daxguard policy set dax9.0 mode=off
daxguard allow add uid=73
# shellcheck disable=SC2086 # bytes
bpftool map update pinned $POLICY key hex $DAX8_0 value hex 02 01 09 00 58 02 00 00
check 'origin: by hand' policy_has dax9.0 origin.mode 'by hand'
check 'origin: by bpftool' policy_has dax8.0 origin.mode 'by hand'
write_conf '[allow]' 'uid = 72'
reload 2>$SAID
check 'reload' test $? -eq 0
check 'what the file has no more goes: a device' policy_has dax0.0 mode ''
check 'what the file has no more goes: of [*]' policy_has '*' max_hold 600
check 'what the file has no more goes: lists' test "$(daxguard controller list)$(daxguard allow list -j | dgprobe json '#')" = 2
check 'by hand stays: set' policy_has dax9.0 mode off
check 'by hand stays: bpftool' policy_has dax8.0 mode audit
check 'by hand stays: allow' grep -q 'uid=73 (by hand)' <<-END
	$(daxguard allow list)
END
note "$(tr '\n' ' ' <$SAID)"
check 'it says so, a line each' test "$(grep -cE "'dax9.0' keeps mode=off|'dax8.0' keeps mode=audit|'uid=73' stays on the allow list" $SAID)" = 3
check 'unset, and the file says nothing of it' daxguard policy unset dax9.0
check 'gone by hand' policy_has dax9.0 mode ''
bpftool map dump pinned $POLICY >/tmp/before
write_conf '[*]' 'mode = off' '[dax0.0]' 'mode = loud'
says 2 'reload of a wrong file' "line 4 of .*'$CONF'" reload
bpftool map dump pinned $POLICY >/tmp/after
check 'and nothing is changed' cmp /tmp/before /tmp/after
daxguard policy unset dax8.0
daxguard allow remove uid=73

# --- in the middle of a held transition ---

# dax0.0 is enforced by both, and by all that lies between.
conf_of()
{
	if [ $(($1 % 2)) -eq 0 ]; then
		write_conf '[*]' 'mode = enforce' '[allow]' 'uid = 71'
	else
		write_conf '[*]' 'mode = audit' '[dax0.0]' 'mode = enforce' '[controllers]' 'exe = /tmp/none'
	fi
}

# Writers on every block, of nobody's transition, until end_writers.
start_writers()
{
	# shellcheck disable=SC2046 # words
	dgprobe ask $AGENT sh -c "echo \$\$ >/tmp/storm && exec dgprobe flippers $WRITERS 1 $(state_files dax0.0 | tr '\n' ' ')" >/tmp/flips &
	storm=$!
	wait_for 60 test -s /tmp/storm
}

end_writers()
{
	kill "$(cat /tmp/storm)"
	wait "$storm"
	note "the writers: $(cat /tmp/flips)"
}

refused_since()
{
	[ "$(counter refused)" -gt "$1" ]
}

conf_of 0
reload 2>/dev/null
daxguard begin dax0.0
held=$(field transitions.0.device transitions.0.owner.pid)
begun=$(counter begun)
online=$(count_blocks dax0.0 online)
start_writers
i=1
failed_reloads=0
wait_for 60 refused_since "$(counter refused)"
while [ $i -le "$rounds" ]; do
	conf_of $i
	before=$(counter refused)
	reload >/dev/null 2>&1 || failed_reloads=$((failed_reloads + 1))
	# the writers have tried under what is in force now
	wait_for 60 refused_since "$before" || failed_reloads=$((failed_reloads + 1))
	i=$((i + 1))
done
end_writers
note "$rounds reloads, $(counter refused) refused"
check "held: $rounds reloads" test $failed_reloads -eq 0
check 'held: no change has slipped' test "$(counter slipped)" = 0
check 'held: at no moment was it audit' test "$(counter audited)" = 0
check 'held: as many blocks are online' test "$(count_blocks dax0.0 online)" = "$online"
check 'held: by the same transition' test "$(field transitions.0.device transitions.0.owner.pid)" = "$held"
check 'held: nothing else has begun' test "$(counter begun)" = "$begun"
check 'end' daxguard end dax0.0

# --- sections for several devices, and one that comes later ---

write_conf "[node$node]" 'zone = movable' '[node77]' 'zone = kernel' '[dax0.?]' 'max_hold = 50' 'idle = 9' '[dax0.0]' 'idle = 8'
check 'patterns: reload' reload
check 'patterns: by its node' policy_has dax0.0 zone movable
check 'patterns: by its name' policy_has dax0.0 max_hold 50
check 'patterns: its own section wins' policy_has dax0.0 idle 8
check 'patterns: the line' policy_has dax0.0 origin.zone $CONF:2
check 'patterns: a device is made' dax_split 2 2
check 'patterns: of that nothing is known yet' policy_has dax0.1 zone ''
rm $CONF
check 'patterns: apply, without the file' daxguard policy apply dax0.1
check 'patterns: by its node' policy_has dax0.1 zone movable
check 'patterns: by its name' policy_has dax0.1 idle 9
check 'patterns: the line of a file that is gone' policy_has dax0.1 origin.idle $CONF:7
daxguard policy set dax0.1 idle=3
check 'patterns: as the udev rule does it' daxguard online --by-policy dax0.1
check 'patterns: by hand stays' policy_has dax0.1 idle 3
: >$CONF
check 'patterns: reload without them' reload
check 'patterns: they go' policy_has dax0.0 zone ''
check 'patterns: by hand stays' policy_has dax0.1 idle 3
check 'patterns: and the rest of that goes' policy_has dax0.1 zone any
check 'apply after that' daxguard policy apply dax0.0
check 'has nothing to apply' policy_has dax0.0 zone ''
says 2 'apply: no device' "'region0' is not a device" daxguard policy apply region0
check 'nothing was left undecided' test "$(counter undecided)" = 0
