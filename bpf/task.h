/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tasks that were seen before: are they still there, and still in that call?  Asked
 * from any context and pid namespace, on kernels without bpf_task_from_pid() (v6.2) too.
 */
#ifndef DAXGUARD_TASK_H
#define DAXGUARD_TASK_H

#include "arch.h"

/* What a kernel thread is at: its work item, where it is one of a workqueue. */
static __always_inline __u64 kernel_work(struct task_struct *task, __u32 flags)
{
	struct kthread *kthread;
	struct worker *worker;

	if (!(flags & PF_WQ_WORKER))
		return 0;
	kthread = BPF_CORE_READ(task, worker_private);
	worker = BPF_CORE_READ(kthread, data);
	return (__u64)BPF_CORE_READ(worker, current_work);
}

/*
 * Where TASK, with the registers REGS, is in the kernel, to tell later whether it
 * left.  Other kernel threads have no such place: it never changes, which is the
 * safe side.
 */
static __always_inline void task_place(struct task_struct *task, struct pt_regs *regs,
				       struct daxguard_place *p)
{
	__u32 flags = BPF_CORE_READ(task, flags);
	struct io_worker *worker;

	__builtin_memset(p, 0, sizeof(*p));
	if (flags & PF_KTHREAD) {
		p->nr = kernel_work(task, flags);
		return;
	}
	if (flags & PF_IO_WORKER) {
		worker = BPF_CORE_READ(task, worker_private);
		p->nr = (__u64)BPF_CORE_READ(worker, cur_work);
		return;
	}
	p->nr = syscall_nr(regs);
	p->ip = PT_REGS_IP_CORE(regs);
	p->sp = user_sp(regs);
	p->arg = PT_REGS_PARM1_CORE(regs);
}

static __always_inline bool same_place(const struct daxguard_place *a,
				       const struct daxguard_place *b)
{
	return a->nr == b->nr && a->ip == b->ip && a->sp == b->sp && a->arg == b->arg;
}

static __always_inline void note_thread(struct daxguard_task *seen, struct task_struct *task,
					struct pt_regs *regs)
{
	seen->start_ns = BPF_CORE_READ(task, start_boottime);
	seen->nr = BPF_CORE_READ(task, pid);
	seen->process = 0;
	seen->pid = (__u64)BPF_CORE_READ(task, thread_pid);
	seen->regs = (__u64)regs;
}

static __always_inline void note_process(struct daxguard_task *seen, struct task_struct *task)
{
	seen->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	seen->nr = BPF_CORE_READ(task, tgid);
	seen->process = 1;
	seen->pid = (__u64)BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]);
	seen->regs = 0;
}

/*
 * The task that SEEN is, of a process its first; NULL once it is gone.  A number
 * belongs to one struct pid for as long as any task has it, so what is found behind
 * the address is that task, or something else has taken its place.
 */
static __always_inline struct task_struct *task_seen(const struct daxguard_task *seen)
{
	struct pid *pid = (void *)READ(seen->pid);
	struct hlist_node *link;
	struct task_struct *task;
	struct upid up;

	if (bpf_core_read(&up, sizeof(up), &pid->numbers[0]) || (__u32)up.nr != seen->nr)
		return NULL;
	if (seen->process)
		link = BPF_CORE_READ(pid, tasks[PIDTYPE_TGID].first);
	else
		link = BPF_CORE_READ(pid, tasks[PIDTYPE_PID].first);
	if (!link)
		return NULL;
	task = (void *)link - bpf_core_field_offset(struct task_struct, pid_links);
	if (seen->process)
		task = (void *)task - PIDTYPE_TGID * sizeof(struct hlist_node);
	if (BPF_CORE_READ(task, start_boottime) != seen->start_ns)
		return NULL;
	return task;
}

/*
 * Is the thread, or the process of which it is the first, no more than a zombie?  A
 * little later than it might be: until then it is for sched_process_exit to say.
 */
static __always_inline bool task_ended(struct task_struct *task, bool process)
{
	if (!BPF_CORE_READ(task, exit_state))
		return false;
	return !process || BPF_CORE_READ(task, signal, live.counter) <= 0;
}

/* Is the thread SEEN still in the call in which it was at PLACE? */
static __always_inline bool thread_still_at(const struct daxguard_task *seen,
					    const struct daxguard_place *place)
{
	struct task_struct *task = task_seen(seen);
	struct daxguard_place here;

	if (!task || task_ended(task, false))
		return false;
	task_place(task, (void *)READ(seen->regs), &here);
	return same_place(&here, place);
}

#endif
