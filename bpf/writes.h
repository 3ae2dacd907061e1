/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes that were let through and changes that are being made: what a begin waits
 * for.  Each is one thread in one call, and ends when the thread is out of it.
 */
#ifndef DAXGUARD_WRITES_H
#define DAXGUARD_WRITES_H

#include "event.h"
#include "file.h"
#include "task.h"

static __always_inline struct daxguard_thread this_thread(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct daxguard_thread thread = { .start_ns = task->start_boottime, .tid = task->pid };

	return thread;
}

static __always_inline void fill_write(struct daxguard_write *w, struct task_struct *task,
				       const struct target *t)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);

	w->device = t->device;
	w->block = t->block;
	w->pid = task->tgid;
	note_thread(&w->task, task, regs);
	task_place(task, regs, &w->place);
	__builtin_memcpy(w->comm, task->comm, sizeof(w->comm));
}

/*
 * Remember a write that is about to be let through, or a change that is about to be
 * decided, before looking whether the device is held: a begin claims first and looks
 * for such entries then, so that at least one of the two sees the other.
 */
__subprog void admit(bool change, struct file *file, const struct target *t)
{
	struct daxguard_thread thread = this_thread();
	struct daxguard_write w = { .file = (__u64)file };
	long err;

	if (!t)
		return;
	fill_write(&w, bpf_get_current_task_btf(), t);
	daxguard_run.admitted = 1;
	err = change ? bpf_map_update_elem(&changing, &thread, &w, BPF_ANY)
		     : bpf_map_update_elem(&writes, &thread, &w, BPF_ANY);
	if (err)
		count(DAXGUARD_UNDECIDED);
	/* the entry is seen before "held" is read */
	full_barrier();
}

static __always_inline void forget_writes(struct task_struct *task)
{
	struct daxguard_thread thread = { .start_ns = task->start_boottime, .tid = task->pid };

	bpf_map_delete_elem(&writes, &thread);
	bpf_map_delete_elem(&changing, &thread);
}

struct under_way {
	struct daxguard_name device;
	bool found; /* one at least, and this is it: */
	__u32 pid;
	char comm[DAXGUARD_COMM_LEN];
};

static long search_write(struct bpf_map *map, const struct daxguard_thread *thread,
			 struct daxguard_write *w, struct under_way *u)
{
	struct daxguard_name device = w->device;
	struct daxguard_thread gone = *thread;
	__u64 file = w->file;

	/* after exec() by another than the first thread the number is not its own any more */
	if (!task_seen(&w->task)) {
		bpf_map_delete_elem(&writes, &gone);
		bpf_map_delete_elem(&changing, &gone);
		return 0;
	}
	if (!same_name(&device, &u->device))
		return 0;
	if (file && !bpf_map_lookup_elem(&opens, &file))
		return 0;
	if (!thread_still_at(&w->task, &w->place))
		return 0;
	u->found = true;
	u->pid = w->pid;
	__builtin_memcpy(u->comm, w->comm, sizeof(u->comm));
	return 1;
}

/* Is a write to a device under way, or a change of one of its blocks? */
static __always_inline void find_write(struct under_way *u)
{
	bpf_for_each_map_elem(&writes, search_write, u, 0);
	if (!u->found)
		bpf_for_each_map_elem(&changing, search_write, u, 0);
}

#endif
