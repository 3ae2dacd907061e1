#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Behaves well or badly, as daxguard.case= on the command line says: tests/vm/selftest looks whether run-vm notices.

. ./lib.sh
. ./guard.sh

# complain STATUS WORD...: prints what it was given, says two lines on stderr, exits so.
complain()
{
	printf 'got %s: ' $#
	printf '%s|' "$@"
	echo
	echo 'first words on stderr' >&2
	echo 'words on stderr' >&2
	return "$1"
}

case $(sed -n 's/.*daxguard\.case=\([a-z-]*\).*/\1/p' /proc/cmdline) in
good)
	ok "the script runs"
	check "dax0.0 appears and has all its blocks" dax_load
	note "free text: $(dax_blocks dax0.0 | wc -l) blocks"
	skip "something" "not possible here"
	;;
bad-check)
	ok "one thing"
	check "another thing" false
	;;
bad-status)
	ok "one thing"
	exit 3
	;;
panic)
	ok "one thing"
	echo c >/proc/sysrq-trigger
	;;
power-off)
	ok "one thing"
	poweroff -f
	;;
hang)
	ok "one thing"
	tail -f /dev/null
	;;
warning)
	ok "one thing"
	echo "WARNING: test" >/dev/kmsg
	;;
explain)
	check 'a command that is well' complain 0
	check 'a command fails' complain 2 'two words' "it's" ''
	expect_status 3 'a command succeeds' true
	says 4 'a sentence' 'wor.s' complain 4
	not_ok "the suite's own words" 'why'
	;;
until-none)
	check "the first" true
	;;
until)
	check "the first" true
	(check "the second" true)
	# in a subshell, as in a pipeline
	(check "the third: \"quotes\" and more" true)
	check "after the end" false
	;;
silent) ;;
esac
