/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters, which are exact, and events, which are limited and say for how many. */
#ifndef DAXGUARD_EVENT_H
#define DAXGUARD_EVENT_H

#include "maps.h"

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
__subprog __u64 event_due(__u32 type, const struct daxguard_name *device)
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
 * An event of SIZE bytes, which begins as any does, filled in from the current task; NULL, and
 * counted, when full.
 */
static __always_inline void *event_reserve(__u64 size, __u32 type,
					   const struct daxguard_name *device)
{
	struct daxguard_event *e = bpf_ringbuf_reserve(&events, size, 0);

	if (!e) {
		count(DAXGUARD_DROPPED);
		return NULL;
	}
	__builtin_memset(e, 0, size);
	event_fill(e, type, device);
	return e;
}

static __always_inline struct daxguard_event *event_new(__u32 type,
							const struct daxguard_name *device)
{
	return event_reserve(sizeof(struct daxguard_event), type, device);
}

/* The same with room for an ancestor. */
static __always_inline struct daxguard_event_above *
event_above_new(__u32 type, const struct daxguard_name *device)
{
	return event_reserve(sizeof(struct daxguard_event_above), type, device);
}

/* The same with room for a zone. */
static __always_inline struct daxguard_event_zone *
event_zone_new(__u32 type, const struct daxguard_name *device)
{
	return event_reserve(sizeof(struct daxguard_event_zone), type, device);
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

static __always_inline void event_send(struct daxguard_event *e)
{
	bpf_ringbuf_submit(e, 0);
}

#endif
