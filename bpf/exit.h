/* SPDX-License-Identifier: GPL-2.0-only */
/* What a task has that ends: it holds nothing and writes nothing any more. */
#ifndef DAXGUARD_EXIT_H
#define DAXGUARD_EXIT_H

#include "transition.h"

struct dying {
	__u32 pid; /* 0: the process lives on */
	__u32 tid;
	__u64 process_start;
	__u64 task_start;
	__u32 event; /* how its holds end */
};

static long release_dead(struct bpf_map *map, const struct daxguard_name *key,
			 struct daxguard_transition *t, struct dying *d)
{
	struct daxguard_name name = *key;
	__u32 event = d->event;
	struct held h = {};
	__u64 deadline;
	bool dead;

	if (!read_held(t, &h, &deadline))
		return 0;
	if (h.owner.tid)
		dead = h.owner.tid == d->tid && h.owner.start_ns == d->task_start;
	else
		dead = h.owner.pid == d->pid && h.owner.start_ns == d->process_start;
	/* that is how an adopted one ends */
	if (event == DAXGUARD_EV_RELEASED && h.kind == DAXGUARD_KIND_ADOPTED)
		event = DAXGUARD_EV_END;
	if (dead && h.owner.pid)
		daxguard_transition_end(t, &name, h.state, event, 0);
	return 0;
}

static long look_at_hold(struct bpf_map *map, const struct daxguard_name *key,
			 struct daxguard_transition *t, void *ctx)
{
	struct daxguard_name name = *key;
	struct held h = {};

	if (READ(t->asked))
		transition_held(t, &name, &h);
	return 0;
}

/* What an earlier call had asked for is over with it. */
static __always_inline void end_asked(void)
{
	bpf_for_each_map_elem(&transitions, look_at_hold, NULL, 0);
}

/* The last thread of a process stands for it; at the end of all, its first does. */
static __always_inline void release_owned(struct task_struct *task, bool last)
{
	struct dying d = { .event = last ? DAXGUARD_EV_HEALED : DAXGUARD_EV_RELEASED };

	d.tid = task->pid;
	d.task_start = task->start_boottime;
	if (!last) {
		d.process_start = task->group_leader->start_boottime;
		if (!task->signal->live.counter)
			d.pid = task->tgid;
	} else if (task->pid == task->tgid) {
		d.process_start = task->start_boottime;
		d.pid = task->tgid;
	}
	bpf_for_each_map_elem(&transitions, release_dead, &d, 0);
}

#endif
