# SPDX-License-Identifier: GPL-2.0-only
# Suite: what works under the settings that hardening guides ask for; check says what does not, and load says it where it is news.
# Settings of the kernel's command line: module.sig_enforce=1, lockdown=integrity; the rest is set here.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

UNBIND=$DAX/drivers/kmem/unbind
RELEASE=/lib/modules/$(uname -r)

if ! dax_load || ! ready_device; then
	skip 'hardening' "kernel $(uname -r) has no dax device"
	ok 'nothing to do'
	exit 0
fi
stranger true
# As dkms puts it.
mkdir -p "$RELEASE/updates"
cp /lib/daxguard_hook.ko "$RELEASE/updates/"

set_to()
{
	echo "$2" >"/proc/sys/$1" && grep -qx "$2" "/proc/sys/$1"
}

yes_no()
{
	if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi
}

unbind_is_refused()
{
	online_block "$spare"
	stranger dgprobe attempt write "$UNBIND" dax0.0
	[ $? -eq 1 ] && state_is "$spare" online
}

write_is_refused()
{
	offline_block "$spare"
	daxguard begin dax0.0 || return 1
	refused_block stranger dgprobe attempt write "$spare_file" online
	_refused=$?
	daxguard end dax0.0 && return $_refused
}

hook_loads()
{
	insmod /lib/daxguard_hook.ko && rmmod daxguard_hook
}

not_let_in()
{
	! hook_loads
}

# no_warning_but REGEX
no_warning_but()
{
	daxguard check | grep '^warning' | grep -vE "$1" >/tmp/warnings
	cat /tmp/warnings >&2
	[ ! -s /tmp/warnings ]
}

# works WHAT: everything that needs no module, and a line of the table.
works()
{
	says 0 "$1: load" '' daxguard load --hooks=lsm
	check "$1: an unbind with a block online is refused" unbind_is_refused
	check "$1: a stranger's write is refused" write_is_refused
	check "$1: status" daxguard status
	check "$1: check exits 0" daxguard check
	check "$1: check warns of the kernel hook alone" no_warning_but '^warning +(kernel hook|device +the blocks of)'
	check "$1: nothing was undecided" test "$(counter undecided)" = 0
	note "table: $1: unbind refused $(yes_no unbind_is_refused), write refused $(yes_no write_is_refused), module let in $(yes_no hook_loads)"
	check "$1: unload" daxguard unload
}

# kept_out WHAT REGEX: the module is not let in, check and load say why.
kept_out()
{
	works "$1"
	check "$1: the module is not let in" not_let_in
	says 0 "$1: load says it in one line" "$2" daxguard load
	check "$1: check says it" sh -c "daxguard check | grep '^warning *kernel hook' | grep -Eq \"$2\""
	says 3 "$1: where it was asked for, it is an error" 'refusal point|daxguard_hook' daxguard load --hooks=kernel
	check "$1: load -j is JSON all the same" test "$(daxguard load -j 2>/dev/null | dgprobe json loaded)" = true
	check "$1: unload" daxguard unload
}

# --- by the command line ---

if grep -q 'lockdown=integrity' /proc/cmdline; then
	check 'the lockdown level is integrity' grep -q '\[integrity\]' /sys/kernel/security/lockdown
	kept_out 'lockdown=integrity' "not let in.*lockdown.*sign it"
	exit 0
fi
if grep -q 'module.sig_enforce=1' /proc/cmdline; then
	kept_out 'module.sig_enforce=1' "not let in.*module.sig_enforce.*sign it"
	exit 0
fi

# --- by sysctl ---

for value in 0 1 2; do
	check "kptr_restrict=$value is set" set_to kernel/kptr_restrict $value
	works "kptr_restrict=$value"
done
for setting in net/core/bpf_jit_harden=1 net/core/bpf_jit_harden=2 kernel/perf_event_paranoid=3 kernel/unprivileged_bpf_disabled=2 \
	kernel/unprivileged_bpf_disabled=1; do
	check "$setting is set" set_to "${setting%=*}" "${setting#*=}"
	works "$setting"
done

# --- the kernel calls no program ---

OFF="^daxguard: 'kernel.ftrace_enabled' is 0, .*: sysctl kernel.ftrace_enabled=1\$"
called_no_more()
{
	expect_status 3 'ftrace_enabled=0: check exits 3' sh -c 'daxguard check >/tmp/check'
	check 'ftrace_enabled=0: check finds one thing missing' test "$(grep -c '^missing' /tmp/check)" -eq 1
	check 'ftrace_enabled=0: check says it' grep -q "^missing *ftrace *'kernel.ftrace_enabled' is 0" /tmp/check
	for hooks in lsm auto; do
		says 3 "ftrace_enabled=0: load --hooks=$hooks refuses" "$OFF" daxguard load --hooks=$hooks
	done
	check 'ftrace_enabled=0: load leaves no pin' test -z "$(ls -A /sys/fs/bpf)"
	check 'ftrace_enabled=1 is set' set_to kernel/ftrace_enabled 1
	says 0 'load' '' daxguard load --hooks=lsm
	check 'all is well: no problem' test "$(field loaded problem)" = "$(printf 'true\tnull')"
	check 'ftrace_enabled=0 is set under a guard' set_to kernel/ftrace_enabled 0
	check 'ftrace_enabled=0: status -j is not well' sh -c "daxguard status -j | dgprobe json problem | grep -q \"^'kernel.ftrace_enabled' is 0\""
	daxguard status >/tmp/status
	check 'ftrace_enabled=0: status is not well' sh -c "head -n 1 /tmp/status | grep -q 'does nothing' && grep -q \"^problem: *'kernel.ftrace_enabled'\" /tmp/status"
	expect_status 3 'ftrace_enabled=0: check of a loaded guard exits 3' sh -c 'daxguard check >/tmp/check'
	says 3 'ftrace_enabled=0: load does not call it loaded' "$OFF" daxguard load --hooks=lsm
	says 3 'ftrace_enabled=0: nothing is held where nobody is refused' "$OFF" daxguard begin dax0.0
	note "table: ftrace_enabled=0: load no, begin no, nothing is refused"
	check 'ftrace_enabled=1 is set again' set_to kernel/ftrace_enabled 1
	check 'ftrace_enabled=1: an unbind with a block online is refused' unbind_is_refused
	check 'ftrace_enabled=1: the write of a stranger is refused' write_is_refused
	check 'ftrace_enabled=1: no problem' test "$(field problem)" = null
	check 'unload' daxguard unload
}
if set_to kernel/ftrace_enabled 0 2>/dev/null; then
	called_no_more
else
	skip 'ftrace_enabled=0' "this kernel does not let it be set: $(uname -r)"
fi

# --- a read-only /sys ---

readonly_sys()
{
	# shellcheck disable=SC2016 # for that shell
	unshare -m sh -c 'mount -o remount,ro,bind /sys; "$@"; exit $?' - "$@"
}
says 3 'read-only /sys: load says why' "^daxguard: '/sys' is read-only here, .*: mount -o remount,rw /sys\$" readonly_sys daxguard load --hooks=lsm
check 'read-only /sys: load leaves no pin' test -z "$(ls -A /sys/fs/bpf)"
check 'read-only /sys: load -j says the same' test "$(readonly_sys daxguard load -j 2>/dev/null | dgprobe json status)" = 3
daxguard load --hooks=lsm
check 'read-only /sys: status' readonly_sys daxguard status
check 'read-only /sys: begin and end' readonly_sys sh -c 'daxguard begin dax0.0 && daxguard end dax0.0'
online_block "$spare"
# What no waiting cures is not waited for, and the remedy is no longer wait.
before=$(uptime_s)
for verb in offline unplug; do
	says 5 "read-only /sys: $verb says why" "Read-only file system.*where '/sys' can be written" readonly_sys daxguard $verb --timeout=100 dax0.0
done
offline_all dax0.0
dax_unbind dax0.0
says 5 'read-only /sys: plug says why' "Read-only file system.*where '/sys' can be written" readonly_sys daxguard plug --timeout=100 dax0.0
check 'read-only /sys: at once' test $(($(uptime_s) - before)) -lt 60
dax_to_kmem dax0.0
note "table: read-only /sys: status yes, begin yes, offline, unplug and plug no"
check 'unload' daxguard unload

# --- last, as there is no way back ---

check 'modules_disabled=1 is set' set_to kernel/modules_disabled 1
kept_out 'modules_disabled=1' "not let in.*kernel.modules_disabled.*at boot"
