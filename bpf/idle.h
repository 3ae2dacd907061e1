/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An adopted transition ends when its owner has changed nothing for a while: when that
 * was, and whether a change is still under way.  Changes of blocks come one after the
 * other, so the last that was begun is the one that may be.
 */
#ifndef DAXGUARD_IDLE_H
#define DAXGUARD_IDLE_H

#include "order.h"
#include "policy.h"
#include "task.h"

/* The current task changes the device that was adopted with generation STATE. */
static __always_inline void note_change(const struct daxguard_name *device, __u64 state)
{
	struct daxguard_adopted *a = bpf_map_lookup_elem(&adopted, device);
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);

	if (!a)
		return;
	/* 0 while it is written: what belongs to no generation makes none end */
	__sync_lock_test_and_set(&a->state, 0);
	a->changed_ns = bpf_ktime_get_boot_ns();
	note_thread(&a->task, task, regs);
	task_place(task, regs, &a->place);
	__sync_lock_test_and_set(&a->state, state);
}

/*
 * The same for what may be a change, unless another thread is in the middle of one: a
 * program that tries something else meanwhile does not make that idle.  SURE: it is one,
 * under device_hotplug_lock, where no second can be.
 */
__subprog void note_try(const struct daxguard_name *device, __u64 state, bool sure)
{
	struct daxguard_adopted *a;

	if (!device)
		return;
	a = bpf_map_lookup_elem(&adopted, device);
	if (!a)
		return;
	if (!sure && READ(a->state) == state && a->task.nr != bpf_get_current_task_btf()->pid &&
	    thread_still_at(&a->task, &a->place))
		a->changed_ns = bpf_ktime_get_boot_ns();
	else
		note_change(device, state);
}

/* Has generation STATE of an adopted transition been idle for too long? */
__subprog_alone int daxguard_is_idle(const struct daxguard_name *device, __u64 state)
{
	struct daxguard_name key;
	struct daxguard_adopted *a;
	__u64 limit;

	if (!device)
		return 0;
	key = *device;
	a = bpf_map_lookup_elem(&adopted, &key);
	limit = idle_ns(&key);
	if (!a || !limit || READ(a->state) != state)
		return 0;
	keep_order();
	if (bpf_ktime_get_boot_ns() - READ(a->changed_ns) < limit)
		return 0;
	if (thread_still_at(&a->task, &a->place))
		return 0;
	keep_order();
	return READ(a->state) == state;
}

#endif
