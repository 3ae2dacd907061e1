# SPDX-License-Identifier: GPL-2.0-only
# The checks of what daxguard writes into systemd's journal: its fields, the catalogue, each event once; sourced after guard.sh by a suite
# that has property and is_active.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh and guard.sh

CATALOGUE=/usr/lib/systemd/catalog/daxguard.catalog
LOG=daxguard-journal.service

# logged MATCH...: the messages of the journal with these fields, JSON a line.
logged()
{
	journalctl --sync
	journalctl -b -o json --no-pager "$@"
}

# fields_of FILE FIELD...: each set of values that its messages have there, once, a line each.
fields_of()
{
	_messages=$1
	shift
	dgprobe json "$@" <"$_messages" | sort -u | tr '\t' ' '
}

# catalogue_id EVENT
catalogue_id()
{
	sed -n "/^# $1\$/{n;s/^-- //p}" $CATALOGUE
}

# The number of the last event, as the command and as the journal has it.
last_event()
{
	daxguard events -j | tail -n 1 | dgprobe json seq
}

logged_numbers()
{
	logged -u $LOG | dgprobe json DAXGUARD_SEQ | grep -x '[0-9][0-9]*'
}

all_logged()
{
	[ "$(logged_numbers | tail -n 1)" = "$(last_event)" ]
}

# All that has happened has come, in time; else what the unit has to say.
has_all()
{
	wait_for 120 all_logged && return 0
	systemctl status --no-pager -n 10 $LOG >&2
	return 1
}

started_again()
{
	[ "$(property $LOG NRestarts)" -ge 1 ] && is_active $LOG
}

# Each number of an event is there once, in its order, and without a hole, also after it was killed.
logs_once()
{
	systemctl kill --signal=KILL $LOG
	wait_for 120 started_again || return 1
	daxguard run dax0.0 -- true
	has_all || return 1
	logged_numbers >/tmp/numbers
	[ -s /tmp/numbers ] && seq 1 "$(wc -l </tmp/numbers)" | cmp -s - /tmp/numbers && return 0
	tr '\n' ' ' </tmp/numbers >&2
	return 1
}

# explains EVENT REGEX: journalctl -x has that in the text below the messages of dgprobe.
explains()
{
	journalctl -b -x --no-pager DAXGUARD_EVENT="$1" DAXGUARD_COMM=dgprobe >/tmp/explained
	grep -Eq "$2" /tmp/explained || {
		cat /tmp/explained >&2
		return 1
	}
}

# the_journal BLOCK: while dax0.0 was held dgprobe has been refused to write to the state of that block.
the_journal()
{
	check 'journal: the catalogue is taken' journalctl --update-catalog
	check 'journal: the log of events starts' systemctl start $LOG
	check 'journal: it has what was before' has_all
	logged DAXGUARD_EVENT=refused | dgprobe json DAXGUARD_SEQ DAXGUARD_COUNT >/tmp/logged
	daxguard events -j --event=refused | dgprobe json seq count >/tmp/refused
	check 'journal: each refusal is there, with its count' cmp /tmp/logged /tmp/refused
	check 'journal: there are some' test -s /tmp/refused
	logged DAXGUARD_EVENT=refused DAXGUARD_COMM=dgprobe >/tmp/logged
	note_lines /tmp/logged
	# the kernel hook knows the change, not the file
	_file=$(daxguard events -j --event=refused | grep '"comm":"dgprobe"' | tail -n 1 | dgprobe json file)
	check 'journal: device, file, block, priority and unit are fields' test "$(fields_of /tmp/logged DAXGUARD_DEVICE DAXGUARD_FILE \
		DAXGUARD_BLOCK PRIORITY SYSLOG_IDENTIFIER _SYSTEMD_UNIT)" = "dax0.0 $_file $1 5 daxguard $LOG"
	check 'journal: its text in the catalogue is that of a refusal' test "$(fields_of /tmp/logged MESSAGE_ID)" = "$(catalogue_id refused)"
	for _event in begin end; do
		logged DAXGUARD_EVENT=$_event DAXGUARD_DEVICE=dax0.0 >/tmp/logged
		check "journal: $_event is there, with its text" test "$(fields_of /tmp/logged MESSAGE_ID PRIORITY)" = "$(catalogue_id $_event) 6"
	done
	check 'journal: -x has the remedy' explains refused 'daxguard allow add exe=PATH'
	check 'journal: -x has the names of this event' explains refused "EBUSY when it wrote to '$_file' of the dax device dax0\.0"
	check 'journal: killed, it goes on where it was' logs_once
}

# failure_is_logged REGEX STATUS: the journal has that sentence once, as an error of the guard's unit. The command has ended before the
# journal looks for its unit, so it has named that itself.
failure_is_logged()
{
	logged -u daxguard.service DAXGUARD_STATUS="$2" | grep -E "$1" >/tmp/logged
	[ "$(wc -l </tmp/logged)" -eq 1 ] &&
		[ "$(fields_of /tmp/logged PRIORITY SYSLOG_IDENTIFIER MESSAGE_ID)" = "3 daxguard $(catalogue_id error)" ] && return 0
	journalctl -b -o json --no-pager -n 5 -u daxguard.service >&2
	return 1
}
