/* SPDX-License-Identifier: GPL-2.0-only */
/* The one decision: may the current task change this block or device now? */
#ifndef DAXGUARD_DECIDE_H
#define DAXGUARD_DECIDE_H

#include "adopt.h"
#include "bound.h"
#include "file.h"
#include "tally.h"

/* What a write to T has become: TYPE, for DUE such writes. */
static __always_inline void event_of_write(struct daxguard_event *e, const struct target *t,
					   __u32 type, __u32 hook, __u64 due)
{
	e->hook = hook;
	e->block = t->block;
	e->count = due;
	e->result = type == DAXGUARD_EV_REFUSED ? -EBUSY : 0;
	__builtin_memcpy(e->file, t->file, sizeof(e->file));
}

/*
 * Not only for the time that takes: 7.3's analysis of dead stack slots loses sight of a
 * target that is handed down this deep to what is not verified alone ("slot poisoned by
 * dead code elimination").
 */
__subprog_alone int daxguard_report(struct target *t, __u32 type, __u32 kind, __u32 hook)
{
	struct daxguard_history *h;
	__u64 due;

	if (!t)
		return 0;
	due = event_due(type, &t->device);
	if (!due)
		return 0;
	h = event_new(type, &t->device);
	if (!h)
		return 0;
	h->event.event.kind = kind;
	event_of_write(&h->event.event, t, type, hook, due);
	event_send(h);
	return 0;
}

/*
 * The current task is not to change DEVICE: what policy makes of that, counted.  T is the
 * running transition or NULL.  Returns the event that it is: refused, audited or none.
 */
__subprog_alone __u32 judge(const struct daxguard_name *device, struct daxguard_transition *t)
{
	__u8 mode;

	if (!device)
		return 0;
	mode = mode_of(policy_of(device));
	if (mode == DAXGUARD_MODE_OFF || current_is_allowed())
		return 0;
	if (mode == DAXGUARD_MODE_AUDIT) {
		count(DAXGUARD_AUDITED);
		if (t)
			__sync_fetch_and_add(&t->audited, 1);
		return DAXGUARD_EV_AUDITED;
	}
	count(DAXGUARD_REFUSED);
	if (t)
		__sync_fetch_and_add(&t->refused, 1);
	return DAXGUARD_EV_REFUSED;
}

/* The same, reported.  Returns 0 or -EBUSY. */
__subprog int refuse(struct target *target, struct daxguard_transition *t, __u32 kind,
		     __u32 hook)
{
	__u32 type;

	if (!target)
		return 0;
	type = judge(&target->device, t);
	tally_write(target, &target->device, type);
	if (type)
		daxguard_report(target, type, kind, hook);
	if (t && target->block >= 0 && type == DAXGUARD_EV_REFUSED)
		note_refused(&target->device);
	return type == DAXGUARD_EV_REFUSED ? -EBUSY : 0;
}

/* The transition of DEVICE if someone other than the current task owns it. */
static __always_inline struct daxguard_transition *
held_by_other(const struct daxguard_name *device, struct held *h)
{
	struct daxguard_transition *t = transition_now(device, h);

	return t && !current_process_is_owner(&h->owner) ? t : NULL;
}

/*
 * Decide about a block or a whole device for the current task.  Returns 0 or
 * -EBUSY.  Where it cannot decide it lets the change through and counts it.
 */
__subprog int decide(struct target *target, __u32 hook)
{
	const struct daxguard_policy *p;
	struct daxguard_transition *t;
	struct held h = {};

	if (!target)
		return 0;
	t = transition_now(&target->device, &h);
	if (t) {
		if (!current_process_is_owner(&h.owner))
			return refuse(target, t, h.kind, hook);
		note_changed(&target->device);
		if (h.kind == DAXGUARD_KIND_ADOPTED)
			note_try(&target->device, h.state, hook == DAXGUARD_HOOK_KERNEL);
		return 0;
	}
	if (adopt(&target->device)) {
		note_changed(&target->device);
		return 0;
	}
	p = policy_of(&target->device);
	if (target->block < 0 || !p || p->scope != DAXGUARD_SCOPE_ALWAYS)
		return 0;
	return refuse(target, NULL, DAXGUARD_KIND_NONE, hook);
}

#endif
