# SPDX-License-Identifier: GPL-2.0-only
# Suite: what a fleet sees of the guard: Debian's Prometheus scrapes its metrics and fires the alerts.
# shellcheck shell=sh disable=SC1091 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./systemd.sh

TEXTFILE=/var/lib/prometheus/node-exporter/daxguard.prom
# Seconds for a write of the file, a scrape and the rules, on an emulated processor of a busy host.
LONG=600

# query EXPRESSION: what Prometheus answers, as JSON.
query()
{
	curl -sS --get --data-urlencode "query=$1" http://localhost:9090/api/v1/query
}

# value EXPRESSION: the value of the only sample.
value()
{
	query "$1" | dgprobe json data.result.0.value.1
}

# has_value EXPRESSION VALUE: that is so now.
has_value()
{
	[ "$(value "$1")" = "$2" ]
}

# samples EXPRESSION: how many it has; nothing where Prometheus does not answer.
samples()
{
	query "$1" | dgprobe json 'data.result.#'
}

# is_true EXPRESSION: some sample answers to it.
is_true()
{
	[ "$(samples "$1")" -gt 0 ]
}

# fires ALERT
fires()
{
	is_true "ALERTS{alertstate=\"firing\",alertname=\"$1\"}"
}

rests()
{
	[ "$(samples "ALERTS{alertstate=\"firing\",alertname=\"$1\"}")" = 0 ]
}

# firing: the names of all that fire.
firing()
{
	for _i in 0 1 2 3 4 5; do
		query 'ALERTS{alertstate="firing"}' | dgprobe json data.result.$_i.metric.alertname
	done | grep '^Dax' | sort | tr '\n' ' '
}

all_blocks()
{
	_n=$(count_blocks dax0.0 "$1")
	echo "$_n of $total blocks are $1" >&2
	[ "$total" -gt 0 ] && [ "$_n" -eq "$total" ]
}

# What is held here ends when /tmp/go is there.
hold()
{
	rm -f /tmp/go
	dgprobe ask $AGENT daxguard run dax0.0 -- sh -c 'until [ -e /tmp/go ]; do usleep 100000; done' &
	wait_for 60 something_held
}

refused()
{
	stranger dgprobe attempt write "$MEMORY/memory$block/state" offline
	[ $? -eq 1 ]
}

# --- the suite ---

ready()
{
	check 'the boot is done' booted running
	check 'the guard is loaded' is_active daxguard.service
	check 'Prometheus is there' wait_for $LONG curl -sSf http://localhost:9090/-/ready
	check 'its rules are those that are installed' wait_for $LONG test "$(curl -sS http://localhost:9090/api/v1/rules |
		dgprobe json 'data.groups.0.rules.#')" = "$(grep -c -- '- alert:' /usr/share/daxguard/prometheus/daxguard.rules.yml)"
	udevadm settle
	[ "$(dax_driver dax0.0)" = kmem ] || daxctl reconfigure-device -m system-ram --no-online dax0.0
	udevadm settle
	total=$(dax_blocks dax0.0 | wc -l)
	block=$(dax_blocks dax0.0 | sed -n 1p)
	check 'its memory is online' all_blocks online
	stranger true
}

the_timer()
{
	says 0 'where there is no node_exporter the service does nothing, and does not fail' '' sh -c \
		'echo DAXGUARD_TEXTFILE_DIR=/nowhere >/etc/default/daxguard-metrics && systemctl start daxguard-metrics.service'
	check 'it is not failed' test "$(property daxguard-metrics.service ActiveState)" = inactive
	rm /etc/default/daxguard-metrics
	check 'the timer is enabled and started' systemctl --quiet enable --now daxguard-metrics.timer
	check 'the file is there' wait_for $LONG test -s $TEXTFILE
	[ -s $TEXTFILE ] || journalctl -b --no-pager -n 20 -u daxguard-metrics.service -u daxguard-metrics.timer >&2
	check 'it is for all to read' test "$(stat -c %a $TEXTFILE)" = 644
	check 'promtool has nothing against it' sh -c "promtool check metrics <$TEXTFILE"
	check 'the file is as the command prints it' test "$(daxguard metrics | grep -c '^# TYPE')" = "$(grep -c '^# TYPE' $TEXTFILE)"
	systemd-analyze --man=no verify daxguard-metrics.service daxguard-metrics.timer >"$SAID" 2>&1
	check 'systemd-analyze has nothing against both units' test $? -eq 0 -a -z "$(cat "$SAID")"
}

the_metrics()
{
	check 'Prometheus has it loaded' wait_for $LONG has_value daxguard_loaded 1
	curl -sS http://localhost:9090/api/v1/targets | dgprobe json data.activeTargets.0.health data.activeTargets.0.lastError >/tmp/target
	note_lines /tmp/target
	check 'its target is up' grep -q '^up' /tmp/target
	check 'Prometheus has the blocks' has_value 'daxguard_blocks{device="dax0.0",state="online",zone="Movable"}' "$total"
	check 'Prometheus has the mode' has_value 'daxguard_policy_mode{device="dax0.0",mode="enforce"}' 1
	check 'nothing is held' has_value daxguard_transitions 0
	note "firing: $(firing)"
	check 'no alert fires' test "$(samples 'ALERTS{alertstate="firing"}')" = 0
}

a_hold_and_a_refusal()
{
	check 'held' hold
	check 'another is refused' refused
	check 'Prometheus has the hold' wait_for $LONG has_value daxguard_transitions 1
	check 'Prometheus has who holds it' is_true 'daxguard_transition_owner_info{device="dax0.0",kind="declared",comm="daxguard"}'
	check 'Prometheus has the refusal' wait_for $LONG is_true 'daxguard_refused_total > 0'
	check 'the refusal: its alert fires' wait_for $LONG fires DaxguardRefused
	check 'the hold: its alert fires' wait_for $LONG fires DaxguardHeldTooLong
	note "firing: $(firing)"
	check 'no other fires' test "$(firing)" = 'DaxguardHeldTooLong DaxguardRefused '
	touch /tmp/go
	check 'free: the alert of the hold rests' wait_for $LONG rests DaxguardHeldTooLong
	check 'free: Prometheus has no hold' wait_for $LONG has_value daxguard_transitions 0
}

unguarded()
{
	check 'unloaded' systemctl stop daxguard.service
	check 'unloaded: its alert fires' wait_for $LONG fires DaxguardUnguarded
	check 'unloaded: so Prometheus says' has_value daxguard_loaded 0
	check 'loaded again' systemctl start daxguard.service
	check 'loaded again: the alert rests' wait_for $LONG rests DaxguardUnguarded
}

# What the kernel cannot take back while it is in use stays.
leaks()
{
	daxguard policy set dax0.0 unbind=allow
	dax_unbind dax0.0
	[ "$(counter leaked)" = 1 ]
}

a_leak()
{
	check 'a leak' leaks
	check 'Prometheus has the leak' wait_for $LONG has_value daxguard_leaked_total 1
	check 'the leak: its alert fires' wait_for $LONG fires DaxguardLeaked
	check 'the leak: as critical' is_true 'ALERTS{alertname="DaxguardLeaked",severity="critical"}'
}

ready
the_timer
the_metrics
a_hold_and_a_refusal
unguarded
a_leak
