#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Counts instructions a call without programs, with an empty one, idle and active.
. ./lib.sh

# Each figure as a comment line: "# bench CONDITION CALL COUNT".
figures() {
	condition=$1
	shift
	"$@" >/tmp/figures || return 1
	while read -r call n; do
		note "bench $condition $call $n"
	done </tmp/figures
}

# Programs go away some time after their last link.
no_programs() {
	! bpftool prog show | grep -qE 'name (daxguard|floor)_'
}

gone() {
	wait_for 30 no_programs
}

# Those of the configuration that the package installs, of which not all are here.
controllers() {
	daxguard controller add exe=/usr/bin/daxctl exe=/usr/bin/cxl exe=/usr/bin/ndctl 2>/dev/null
}

dax_load
dax_to_kmem dax0.0
online_all dax0.0 online_movable
# shellcheck disable=SC2046 # one word a block
set -- $(dax_blocks dax0.0)
block=$MEMORY/memory$1/state

check "bench: no program" figures none dgbench "$block"
check "bench: empty LSM program" figures floor dgbench --floor
check "bench: empty LSM program gone" gone
check "bench: load" daxguard load --hooks=lsm
check "bench: what loading takes" figures load dgprobe verified daxguard_
check "bench: controllers" controllers
check "bench: idle" figures idle dgbench "$block"
check "bench: transition active" figures active daxguard run dax0.0 -- dgbench "$block"
check "bench: unload" daxguard unload
check "bench: programs gone" gone
check "bench: unloaded" figures unloaded dgbench

check "bench: module" insmod /lib/daxguard_hook.ko
check "bench: load on the kernel hook" daxguard load --hooks=kernel
check "bench: what loading on the kernel hook takes" figures loadkernel dgprobe verified daxguard_
check "bench: controllers on the kernel hook" controllers
check "bench: kernel hook, idle" figures kernel dgbench "$block"
check "bench: kernel hook, transition active" figures kernelactive daxguard run dax0.0 -- dgbench "$block"
check "bench: unload the kernel hook" daxguard unload
