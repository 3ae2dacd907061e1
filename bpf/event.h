/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters, which are exact, and events, which are limited and say for how many. */
#ifndef DAXGUARD_EVENT_H
#define DAXGUARD_EVENT_H

#include "maps.h"
#include "order.h"

#define EVENT_EVERY_NS 1000000000ULL

static __always_inline void count(__u32 which)
{
	__u64 *n = bpf_map_lookup_elem(&counters, &which);

	/* atomic: on a preemptible kernel two tasks share one CPU's value */
	if (n)
		__sync_fetch_and_add(n, 1);
}

/*
 * May an event of this type from the current process about DEVICE be sent now?
 * Returns how many it stands for, 0 where it is to be swallowed.
 */
__subprog_alone __u64 event_due(__u32 type, const struct daxguard_name *device)
{
	struct daxguard_limit_key key = { .event = type };
	__u64 now = bpf_ktime_get_boot_ns();
	struct daxguard_limit *l, fresh = { .last_ns = now };
	__u64 n;

	if (!device)
		return 0;
	key.pid = bpf_get_current_pid_tgid() >> 32;
	key.device = *device;
	l = bpf_map_lookup_elem(&limits, &key);
	if (!l) {
		bpf_map_update_elem(&limits, &key, &fresh, BPF_ANY);
		return 1;
	}
	if (now - READ(l->last_ns) < EVENT_EVERY_NS) {
		__sync_fetch_and_add(&l->unsaid, 1);
		return 0;
	}
	l->last_ns = now;
	n = READ(l->unsaid);
	__sync_fetch_and_add(&l->unsaid, -n);
	return n + 1;
}

/* The last part of the path of TASK's executable; a kernel thread has none. */
static __always_inline void task_exe(struct task_struct *task, char *exe)
{
	const unsigned char *name;

	name = BPF_CORE_READ(task, mm, exe_file, f_path.dentry, d_name.name);
	if (!name || bpf_probe_read_kernel_str(exe, DAXGUARD_EXE_LEN, name) < 0)
		exe[0] = 0;
}

static __always_inline void event_fill(struct daxguard_event *e, __u32 type,
				       const struct daxguard_name *device)
{
	__u64 id = bpf_get_current_pid_tgid();

	e->time_ns = bpf_ktime_get_boot_ns();
	e->cgroup = bpf_get_current_cgroup_id();
	e->count = 1;
	e->event = type;
	e->block = -1;
	e->pid = id >> 32;
	e->tid = (__u32)id;
	e->uid = (__u32)bpf_get_current_uid_gid();
	__builtin_memcpy(e->device, device->name, sizeof(e->device));
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	task_exe(bpf_get_current_task_btf(), e->exe);
}

/*
 * The place of the next event in the history; NULL where it cannot be had.  Nobody waits
 * for anybody: who was there a whole round before and is still writing keeps it, and the
 * number is lost, which is said there.  No more of them than tries are to be expected.
 */
static __always_inline struct daxguard_history *history_place(void)
{
	__u64 nr = __sync_fetch_and_add(&daxguard_history_next, 1), seq, next;
	__u32 at = nr % DAXGUARD_HISTORY;
	struct daxguard_history *h = bpf_map_lookup_elem(&history, &at);

	for (int i = 0; h && i < 3; i++) {
		seq = READ(h->seq);
		if ((seq & ~DAXGUARD_SEQ_FLAGS) > nr)
			return NULL; /* a whole round too late */
		next = nr | DAXGUARD_SEQ_WRITING;
		if (seq & DAXGUARD_SEQ_WRITING)
			next |= DAXGUARD_SEQ_LOST;
		if (__sync_val_compare_and_swap(&h->seq, seq, next) == seq)
			return next & DAXGUARD_SEQ_LOST ? NULL : h;
	}
	return NULL;
}

/* An event, filled in from the current task; NULL, and counted, where it has no place. */
static __always_inline struct daxguard_history *event_new(__u32 type,
							  const struct daxguard_name *device)
{
	struct daxguard_history *h = history_place();

	if (!h) {
		count(DAXGUARD_DROPPED);
		return NULL;
	}
	__builtin_memset(&h->event, 0, sizeof(*h) - sizeof(h->seq));
	event_fill(&h->event.event, type, device);
	return h;
}

/* The event is about a process that is not the current one. */
static __always_inline void event_about(struct daxguard_event *e, __u32 pid, __u32 tid,
					const char *comm, const char *exe)
{
	e->pid = pid;
	e->tid = tid ? tid : pid;
	e->cgroup = 0;
	__builtin_memcpy(e->comm, comm, sizeof(e->comm));
	__builtin_memcpy(e->exe, exe, sizeof(e->exe));
}

/*
 * The event may be read from now on.  Where its number was taken over meanwhile it is a
 * whole round old: what has come since is lost, and the place is free again.
 */
static __always_inline void history_publish(struct daxguard_history *h)
{
	keep_order();
	__sync_fetch_and_and(&h->seq, ~DAXGUARD_SEQ_WRITING);
}

/* Wakes who waits, each time: nobody takes the ring's records out to have it do so. */
static __always_inline void event_sent(struct daxguard_history *h, __u64 size)
{
	history_publish(h);
	bpf_ringbuf_output(&events, &h->event, size, BPF_RB_FORCE_WAKEUP);
}

static __always_inline void event_send(struct daxguard_history *h)
{
	event_sent(h, sizeof(struct daxguard_event));
}

/* One that is about an ancestor. */
static __always_inline void event_above_send(struct daxguard_history *h)
{
	event_sent(h, sizeof(struct daxguard_event_above));
}

/* One that is about a zone, which the ring has elsewhere. */
static __always_inline void event_zone_send(struct daxguard_history *h)
{
	struct daxguard_event_zone *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (e) {
		e->event = h->event.event;
		e->zone = h->zone;
		e->allowed = h->allowed;
	}
	history_publish(h);
	if (e)
		bpf_ringbuf_submit(e, BPF_RB_FORCE_WAKEUP);
}

#endif
