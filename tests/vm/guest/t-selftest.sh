# SPDX-License-Identifier: GPL-2.0-only
# Suite for patched kernels: the selftests that the series brings, as the kernel's own people run them.
# shellcheck shell=sh disable=SC1091,SC2154 # the file is beside it
. ./lib.sh

SELFTESTS=/lib/selftests/dax

# Each of its lines of TAP is a check of ours. What it leaves out it does on no machine: this VM and this kernel are all that it needs.
tap()
{
	while read -r _line; do
		case $_line in
		'ok '*'# SKIP'*)
			_line=${_line%% # SKIP*}
			skip "${_line#ok * }" "the selftest needs what the kernel $(uname -r) is built without"
			;;
		'ok '*) ok "${_line#ok * }" ;;
		'not ok '*) not_ok "${_line#not ok * }" 'see the log' ;;
		*) note "$_line" ;;
		esac
	done
}

if ! dax_load || ! [ -d $SELFTESTS ]; then
	not_ok 'selftests and a dax device' "$(uname -r) has none"
	exit 0
fi
dax_to_kmem dax0.0
modprobe memory-notifier-error-inject 2>/dev/null
for test in "$SELFTESTS"/*.sh; do
	note "$test"
	# some look for faults in all of the log, and busybox has no dmesg -C: a busy emulator's "loops_per_jiffy" has an "oops" in it
	dmesg -c >/dev/null
	DAX_KMEM_TEST_DEV=dax0.0 DAX_KMEM_TEST_POISON=1 DAX_KMEM_TEST_UNBIND=1 bash "$test" >/tmp/tap 2>&1
	status=$?
	tap </tmp/tap
	check "$(basename "$test") ends well" test $status -eq 0
done
