/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether what holds a device is still there.  An owner's exit and the end of a call
 * are seen by programs that the kernel may leave out, so a hold is looked at again
 * wherever it is about to matter.
 */
#ifndef DAXGUARD_HOLDER_H
#define DAXGUARD_HOLDER_H

#include "object.h"
#include "order.h"
#include "task.h"

/* A holder is written while its state is 0; the hand-over gives the phase 3. */
#define HANDED_OVER 1

static __always_inline void holder_open(struct daxguard_holder *h)
{
	__sync_lock_test_and_set(&h->state, 0);
}

static __always_inline void holder_close(struct daxguard_holder *h, __u64 state)
{
	__sync_lock_test_and_set(&h->state, state);
}

/* Is the task of H, owner of generation STATE, gone or out of the call at PLACE? */
static __always_inline bool holder_is_gone(struct daxguard_holder *h, __u64 state,
					   const struct daxguard_place *place)
{
	__u64 written = READ(h->state);
	struct daxguard_task seen;
	struct task_struct *task;

	if ((written & ~(__u64)HANDED_OVER) != state)
		return false;
	keep_order();
	seen = h->task;
	full_barrier();
	if (READ(h->state) != written || !seen.pid)
		return false;
	if (!seen.process)
		return !thread_still_at(&seen, place);
	task = task_seen(&seen);
	if (task && !task_ended(task, true))
		return false;
	keep_order();
	/* the one that is gone may have handed over before: it did that by itself */
	return READ(h->state) == written;
}

/* Is generation STATE of T held by what is over?  1 or 0; where that is not known, 0. */
__subprog_alone int daxguard_hold_is_over(struct daxguard_transition *t,
					  const struct daxguard_name *name, __u64 state)
{
	struct daxguard_holder *h;
	struct daxguard_name key;
	struct device *dev;
	__u32 kind, asked;
	bool known;
	int at;

	if (!t || !name)
		return 0;
	key = *name;
	kind = READ(t->kind);
	asked = READ(t->asked);
	dev = find_dax(&key, &known);
	at = dev ? BPF_CORE_READ(dev, links.status) : 0;
	if (asked) {
		/*
		 * Not before the device is gone, or has lost the driver that it had: it may
		 * not have come to the driver core yet.  And then at once: a thread that
		 * asks again from the same place looks as if it were still in that call.
		 */
		if (!dev && known)
			return 1;
		if (dev && asked == DAXGUARD_ASKED_BOUND && at != DL_DEV_UNBINDING &&
		    !BPF_CORE_READ(dev, driver))
			return 1;
	} else if (known && kind == DAXGUARD_KIND_BIND) {
		/* the driver core knows best: its state is set before and reset after */
		return at != DL_DEV_PROBING;
	} else if (known && kind == DAXGUARD_KIND_UNBIND) {
		return at != DL_DEV_UNBINDING;
	}
	h = bpf_map_lookup_elem(&holders, &key);
	return h && holder_is_gone(h, state, &t->place);
}

#endif
