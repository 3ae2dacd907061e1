/* SPDX-License-Identifier: GPL-2.0-only */
/* Observed transitions: begun and ended by the call that makes the change. */
#ifndef DAXGUARD_OBSERVED_H
#define DAXGUARD_OBSERVED_H

#include "adopt.h"

/*
 * The current task begins an observed transition, or as a controller an adopted one, unless
 * the device is held.
 */
__subprog void observe_begin(const struct daxguard_name *name, __u32 kind)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct claim c = { .kind = kind, .task = task };
	struct daxguard_transition *t;
	struct held h = {};

	if (!name)
		return;
	touch(name, false);
	if (is_controller(task))
		c.kind = DAXGUARD_KIND_ADOPTED;
	c.regs = (void *)bpf_task_pt_regs(task);
	if (!transition_claim(name, &c)) {
		claim_done(name, &c);
		return;
	}
	/*
	 * A step of a declared transition is what it is there for; and what a removal was
	 * asked for the kernel may do in another task, for which the one that asked waits.
	 */
	t = bpf_map_lookup_elem(&transitions, name);
	if (!t ||
	    (transition_held(t, name, &h) && !READ(t->asked) && !current_is_owner(&h.owner)))
		count(DAXGUARD_UNDECIDED);
}

/* End an observed transition of this kind if the current task began it. */
__subprog void observe_end(const struct daxguard_name *name, __u32 kind, int result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct daxguard_transition *t;
	struct held h = {};

	if (!name)
		return;
	t = bpf_map_lookup_elem(&transitions, name);
	if (!t || !transition_held(t, name, &h))
		return;
	if (h.kind == kind && h.owner.tid == task->pid &&
	    h.owner.start_ns == task->start_boottime)
		daxguard_transition_end(t, name, h.state, DAXGUARD_EV_END, result);
}

/* The call is over that changed the device: so is the observed transition, if it is one. */
static __always_inline void observe_done(const struct daxguard_name *name, __u32 kind,
					 int result)
{
	touch(name, false);
	observe_end(name, kind, result);
}

#endif
