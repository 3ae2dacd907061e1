/* SPDX-License-Identifier: GPL-2.0-only */
/* Who owns a transition: a task, or a process and everything it started. */
#ifndef DAXGUARD_OWNER_H
#define DAXGUARD_OWNER_H

#include "event.h"
#include "program.h"

/* How far up a fork tree is looked where the mark of a descendant is missing. */
#define MAX_FOREBEARS 32

struct owner {
	__u32 pid; /* process */
	__u32 tid; /* task of an observed transition, else 0 */
	__u64 start_ns;
};

static __always_inline bool lineage_has(const struct daxguard_lineage *l, const struct owner *o)
{
	for (int i = 0; i < DAXGUARD_LINEAGE; i++)
		if (l->owner[i].pid == o->pid && l->owner[i].start_ns == o->start_ns)
			return true;
	return false;
}

struct ascent {
	struct task_struct *task;
	struct owner owner;
	bool found;
};

static long one_up(__u32 i, struct ascent *a)
{
	struct task_struct *task = a->task;
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	__u32 pid = BPF_CORE_READ(task, tgid);

	if (pid == a->owner.pid && BPF_CORE_READ(leader, start_boottime) == a->owner.start_ns) {
		a->found = true;
		return 1;
	}
	a->task = BPF_CORE_READ(leader, real_parent);
	return pid <= 1;
}

/* Is TASK the owner's process or below it, as far as its ancestors live? */
__subprog bool descends_from(struct task_struct *task, const struct owner *o)
{
	struct ascent a = { .task = task };

	if (!task || !o)
		return false;
	a.owner = *o;
	/* a callback, so that the verifier looks at it once and not 32 times */
	bpf_loop(MAX_FOREBEARS, one_up, &a, 0);
	return a.found;
}

/* Is the current task the owner, or (of a declared transition) below it? */
static __always_inline bool current_is_owner(const struct owner *o)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct daxguard_lineage *l;

	if (!o || !o->pid)
		return false;
	if (o->tid)
		return task->pid == o->tid && task->start_boottime == o->start_ns;
	l = bpf_task_storage_get(&lineage, task, NULL, 0);
	if (l && lineage_has(l, o))
		return true;
	return descends_from(task, o);
}

/*
 * The same for an io_uring worker, which is made without a fork event: its process
 * speaks for it.  Not for sleepable programs: there, group_leader is not trusted.
 */
__subprog_alone bool current_process_is_owner(const struct owner *o)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct daxguard_lineage *l;

	if (current_is_owner(o))
		return true;
	if (!o || !o->pid || o->tid || !(task->flags & PF_IO_WORKER))
		return false;
	l = bpf_task_storage_get(&lineage, task->group_leader, NULL, 0);
	return l && lineage_has(l, o);
}

/*
 * Remember that TASK descends from O.  Returns false where it was known, or where
 * it descends from too many; then only its living ancestors speak for it.
 */
static __always_inline bool lineage_add(struct task_struct *task, const struct owner *o)
{
	struct daxguard_lineage *l;

	l = bpf_task_storage_get(&lineage, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!l) {
		count(DAXGUARD_UNDECIDED);
		return false;
	}
	if (lineage_has(l, o))
		return false;
	/* the oldest is most likely over */
	for (int i = DAXGUARD_LINEAGE - 1; i > 0; i--)
		l->owner[i] = l->owner[i - 1];
	l->owner[0].start_ns = o->start_ns;
	l->owner[0].pid = o->pid;
	return true;
}

/* CHILD descends from all that PARENT descends from. */
static __always_inline void lineage_copy(struct task_struct *parent, struct task_struct *child)
{
	struct daxguard_lineage *from = bpf_task_storage_get(&lineage, parent, NULL, 0), *to;

	if (!from)
		return;
	to = bpf_task_storage_get(&lineage, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (to)
		*to = *from;
	else
		count(DAXGUARD_UNDECIDED);
}

/* What a new task has from the one that made it. */
static __always_inline void inherit(struct task_struct *parent, struct task_struct *child)
{
	lineage_copy(parent, child);
	if (!identity_copy(parent, child))
		count(DAXGUARD_UNDECIDED);
}

#endif
