#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Behaves well or badly, as daxguard.case= on the command line says: tests/vm/selftest looks whether run-vm notices.

. ./lib.sh

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
silent) ;;
esac
