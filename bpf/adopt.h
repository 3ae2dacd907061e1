/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Controllers: programs whose first change of a device that nobody holds begins a
 * transition of it, for their process and all that it starts.
 */
#ifndef DAXGUARD_ADOPT_H
#define DAXGUARD_ADOPT_H

#include "idle.h"
#include "transition.h"

/*
 * Not in the callers' frames, which have no room left: so are the others here.  The host's
 * process 1 is none, as it cannot hold a device: all that runs descends from it.
 */
__subprog bool is_controller(struct task_struct *task)
{
	struct daxguard_allow_key key = { .what = DAXGUARD_ALLOW_PROGRAM };

	if (!task || task->tgid == 1)
		return false;
	key.id = program_of(task);
	return key.id && bpf_map_lookup_elem(&controllers, &key);
}

static const struct daxguard_adopted never_changed;

/* The current task has adopted DEVICE, generation STATE. */
__subprog void adoption_begins(const struct daxguard_name *device, __u64 state)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct owner o = { .pid = task->tgid };

	if (!device)
		return;
	o.start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	lineage_add(task, &o);
	if (bpf_map_update_elem(&adopted, device, &never_changed, BPF_ANY))
		count(DAXGUARD_UNDECIDED);
	note_change(device, state);
}

/* The current task has claimed DEVICE with C. */
static __always_inline void claim_done(const struct daxguard_name *device,
				       const struct claim *c)
{
	if (c->kind == DAXGUARD_KIND_ADOPTED)
		adoption_begins(device, c->state);
	report_begin(device);
}

/*
 * The current task is about to change DEVICE, which was seen to be free.  Returns whether it
 * is a controller that has adopted it with that: not where policy says off, which refuses
 * nobody, and others would be told by whom it is held.
 */
__subprog bool adopt(const struct daxguard_name *device)
{
	struct claim c = { .kind = DAXGUARD_KIND_ADOPTED };
	struct daxguard_transition *t;

	c.task = bpf_get_current_task_btf();
	if (!device || !is_controller(c.task) ||
	    mode_of(policy_of(device)) == DAXGUARD_MODE_OFF)
		return false;
	t = transition_of(device);
	if (!t || claim_free(t, device, &c))
		return false;
	claim_done(device, &c);
	return true;
}

/*
 * The current task has begun or ended a change of DEVICE: it is not idle, if it is its own.
 * SURE: see note_try().
 */
__subprog void touch(const struct daxguard_name *device, bool sure)
{
	struct daxguard_transition *t;
	struct held h = {};
	__u64 deadline;

	if (!device)
		return;
	t = bpf_map_lookup_elem(&transitions, device);
	if (t && read_held(t, &h, &deadline) && h.kind == DAXGUARD_KIND_ADOPTED &&
	    current_process_is_owner(&h.owner))
		note_try(device, h.state, sure);
}

#endif
