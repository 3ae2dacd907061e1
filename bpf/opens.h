/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files that are open to change a device.  One that was closed unseen is found
 * when the next is opened or written to: the object is dead, or of another file.
 */
#ifndef DAXGUARD_OPENS_H
#define DAXGUARD_OPENS_H

#include "event.h"
#include "file.h"

#define SWEEP_EVERY_NS 1000000000ULL

static __always_inline void opens_add(struct file *file, __u32 pid, __s32 block)
{
	struct daxguard_open o = { .pid = pid, .block = block };
	__u64 key = (__u64)file;

	if (!bpf_map_update_elem(&opens, &key, &o, BPF_NOEXIST))
		__sync_fetch_and_add(&daxguard_state.armed, 1);
	else if (bpf_map_update_elem(&opens, &key, &o, BPF_EXIST))
		count(DAXGUARD_UNDECIDED); /* full */
}

/* Returns false where it was not there. */
static __always_inline bool opens_drop(__u64 key)
{
	if (bpf_map_delete_elem(&opens, &key))
		return false;
	__sync_fetch_and_add(&daxguard_state.armed, -1);
	return true;
}

/* Is FILE, which may be anything by now, open to change BLOCK or a device? */
static __always_inline bool still_open(struct file *file, __s32 block)
{
	struct target t = {};

	return file_is_alive(file) && BPF_CORE_READ(file, f_mode) & FMODE_WRITE &&
	       find_target(file, &t) && t.block == block;
}

static long drop_closed(struct bpf_map *map, const __u64 *key, struct daxguard_open *o,
			void *ctx)
{
	struct file *file = (void *)*key;
	__u32 pid = o->pid;
	__s32 block = o->block;

	if (still_open(file, block) || !opens_drop((__u64)file))
		return 0;
	/* opened anew at this very moment: that open found the entry still there */
	if (still_open(file, block))
		opens_add(file, pid, block);
	else
		count(DAXGUARD_HEALED);
	return 0;
}

/* Once a second at most: nobody waits for it, and all who are armed pay. */
__subprog void opens_sweep(void)
{
	__u64 now, last = READ(daxguard_run.swept_ns);

	if (READ(daxguard_state.armed) == READ(daxguard_state.held))
		return; /* there is none */
	now = bpf_ktime_get_boot_ns();
	if (now - last < SWEEP_EVERY_NS ||
	    __sync_val_compare_and_swap(&daxguard_run.swept_ns, last, now) != last)
		return;
	bpf_for_each_map_elem(&opens, drop_closed, NULL, 0);
}

#endif
