# SPDX-License-Identifier: GPL-2.0-only
# Suite: a machine that was booted without bpf among its security modules: it is told what to do, and nothing stays behind.
# run-vm: --append lsm=landlock
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

if grep -q bpf /sys/kernel/security/lsm; then
	not_ok 'bpf is not among the security modules' "$(cat /sys/kernel/security/lsm)"
	exit 0
fi
dax_load && ready_device

parameter="lsm=$(cat /sys/kernel/security/lsm),bpf"
says 3 'check exits 3' '' daxguard check
daxguard check >/tmp/check
check 'check has one line with the whole parameter' grep -q "missing .*boot with $parameter\$" /tmp/check
check 'check finds nothing else missing' test "$(grep -c '^missing' /tmp/check)" -eq 1
says 3 'load exits 3 and names the parameter' "$parameter" daxguard load --hooks=lsm
check 'load leaves no pin' test -z "$(ls -A /sys/fs/bpf)"
check 'load leaves no program' wait_for 60 nothing_left
check 'status says that it is not loaded' test "$(field loaded)" = false
says 3 'begin' 'not loaded' daxguard begin dax0.0

# Since Linux 6.8 the kernel tells it where securityfs is missing, too.
umount /sys/kernel/security
says 3 'without securityfs: check exits 3' '' daxguard check
daxguard check >/tmp/check
check 'without securityfs: check knows all the same' grep -q "^missing *lsm *'bpf' is not among .*lsm=" /tmp/check
says 3 'without securityfs: load exits 3' 'lsm=|securityfs' daxguard load --hooks=lsm
check 'without securityfs: load leaves no pin' test -z "$(ls -A /sys/fs/bpf)"
if [ -e "$spare_file" ]; then
	check 'writers are as they were' changes_block dgprobe attempt write "$spare_file" online
fi
