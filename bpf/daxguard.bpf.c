// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guard of dax devices' memory blocks, and the global data of its programs.
 *
 * A dax device that kmem has is many memory blocks.  While it changes as a whole, from
 * "online" to "offline" say, it is in transition, and somebody owns that.  Each program
 * asks at most two questions:
 *
 *   Which device does this touch?  A file by its kernfs node (file.h), a memory block by
 *   its number (block.h), a device by its struct device (object.h).
 *   May the current task do it now?  Not where another owns the transition that the
 *   device is in, nor where policy says never (decide.h); the names that are written to
 *   the files of a bus are read for it (knob.h, bind.h).
 *
 * lsm.bpf.c asks early and cheaply, before the kernel takes a lock.  hook.bpf.c asks
 * last, under device_hotplug_lock, where nothing gets past.  observe.bpf.c and slip.bpf.c
 * look on: who begins and ends, which block changed all the same.  control.bpf.c does
 * what the command asks for.
 *
 * Not covered: what a kernel without the hook does by itself (a loop device on a block's
 * file, nvmet, kernel callers); code that runs in the kernel; a task on the allow list;
 * whoever may load BPF programs and take these away.
 *
 * Where a program cannot decide (map full, memory not readable) it lets the change
 * through and counts it as "undecided": a broken guard never blocks memory hotplug.
 */
#include "base.h"

/* The map "state": a section of its own, so that it is pinned like the others. */
struct daxguard_state daxguard_state SEC(".data.state") = {
	.abi = DAXGUARD_ABI,
};

/* The same: the number that the next event gets. */
__u64 daxguard_history_next SEC(".data.history_next") = 1;

struct daxguard_run daxguard_run SEC(".data.run") = {
	.no_block = ~0U,
};

char LICENSE[] SEC("license") = "GPL";
