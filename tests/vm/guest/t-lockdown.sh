# SPDX-License-Identifier: GPL-2.0-only
# Suite: a machine whose lockdown level lets BPF programs read nothing of the kernel: load says so in the sentence of check; the log is for causes that nobody knows.
# run-vm: --append lockdown=confidentiality
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

if ! grep -q '\[confidentiality\]' /sys/kernel/security/lockdown; then
	not_ok 'the lockdown level is confidentiality' "$(cat /sys/kernel/security/lockdown)"
	exit 0
fi

expect_status 3 'check exits 3' daxguard check
daxguard check >/tmp/check
check 'check finds one thing missing' test "$(grep -c '^missing' /tmp/check)" -eq 1
lacks=$(sed -n 's/^missing *lockdown *//p' /tmp/check)
for hooks in lsm auto kernel; do
	says 3 "load --hooks=$hooks exits 3 and says what check says" "^daxguard: $lacks\$" daxguard load --hooks=$hooks
done
daxguard load -j >/tmp/load 2>$SAID
check 'as JSON, too' test "$(dgprobe json error status </tmp/load)" = "$(printf '%s\t3' "$lacks")"
check 'and nothing else is said' test ! -s $SAID
daxguard load -v 2>$SAID
check '-v shows the log all the same' grep -q 'BEGIN PROG LOAD LOG' $SAID
check 'load leaves no pin' test -z "$(ls -A /sys/fs/bpf)"
check 'load leaves no program' wait_for 60 nothing_left
