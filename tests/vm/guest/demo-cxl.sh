#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The guest's part of the demo about what is above: cxl disables a region whose memory is online.
# daxguard.demo=with on the command line puts daxguard in between.
# shellcheck disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./guard.sh
. ./machines.sh

set_up()
{
	load_machine && make_memory && dax_to_kmem dax0.0 && offline_all dax0.0 && online_all dax0.0 online_movable
}

# A block goes offline and comes back: the memory is there and can be used.
still_there()
{
	_b=$(dax_blocks dax0.0 | head -n 1)
	[ -n "$_b" ] && echo offline >"$MEMORY/memory$_b/state" && echo online_movable >"$MEMORY/memory$_b/state"
}

if ! check 'a CXL region with its memory online' set_up; then
	exit 1
fi
if grep -qw 'daxguard\.demo=with' /proc/cmdline; then
	check 'daxguard load' daxguard load
fi
cxl disable-region "$region" >/tmp/out 2>&1
status=$?
note "cxl disable-region $region: exit status $status: $(grep -m 1 -E 'region|fail|busy' /tmp/out)"
if still_there 2>/dev/null; then
	note "demo: region=kept"
elif memory_lost; then
	note "demo: region=lost"
fi
ok 'cxl was tried'
