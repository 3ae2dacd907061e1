/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs from kernel to kernel: each with the version that changed it and when it
 * can go.  Flavours (___) are one type to CO-RE, matched by what stands before them.
 */
#ifndef DAXGUARD_BPF_COMPAT_H
#define DAXGUARD_BPF_COMPAT_H

#include "base.h"

/* v6.14 made the parent __rcu and renamed it; goes when 6.12 is out of support */
struct kernfs_node___parent {
	struct kernfs_node___parent *parent;
} __attribute__((preserve_access_index));

struct kernfs_node___rcu_parent {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *kn)
{
	struct kernfs_node___rcu_parent *rcu = (void *)kn;
	struct kernfs_node___parent *old = (void *)kn;

	if (bpf_core_field_exists(rcu->__parent))
		return BPF_CORE_READ(rcu, __parent);
	return (void *)BPF_CORE_READ(old, parent);
}

/* v6.13 counts a file's references in f_ref, from 0 on; goes with 6.12 */
struct file___count {
	atomic_long_t f_count;
} __attribute__((preserve_access_index));

typedef struct {
	atomic_long_t refcnt;
} file_ref_t;

struct file___ref {
	file_ref_t f_ref;
} __attribute__((preserve_access_index));

static __always_inline bool file_is_alive(struct file *file)
{
	struct file___count *old = (void *)file;
	struct file___ref *new = (void *)file;

	if (bpf_core_field_exists(old->f_count))
		return BPF_CORE_READ(old, f_count.counter) > 0;
	return BPF_CORE_READ(new, f_ref.refcnt.counter) >= 0;
}

/* Goes with 6.12: a bit field until v7.2 made it a bit of device.flags */
struct device___bits {
	unsigned int offline : 1;
} __attribute__((preserve_access_index));

struct device___flags {
	unsigned long flags[1];
} __attribute__((preserve_access_index));

enum struct_device_flags {
	DEV_FLAG_OFFLINE = 9,
};

static __always_inline bool device_is_offline(struct device *dev)
{
	struct device___bits *bits = (void *)dev;
	struct device___flags *flags = (void *)dev;
	__u32 nr;

	if (bpf_core_field_exists(bits->offline))
		return BPF_CORE_READ_BITFIELD_PROBED(bits, offline);
	nr = bpf_core_enum_value(enum struct_device_flags, DEV_FLAG_OFFLINE);
	return BPF_CORE_READ(flags, flags[0]) >> nr & 1;
}

/* PREEMPT_RT makes a mutex an rt_mutex, with one flag less beside the owner. */
struct rt_mutex_base {
	struct task_struct *owner;
} __attribute__((preserve_access_index));

struct mutex___rt {
	struct rt_mutex_base rtmutex;
} __attribute__((preserve_access_index));

/* The task that holds the lock of DEV: the one that binds or unbinds it. */
static __always_inline struct task_struct *device_locker(struct device *dev)
{
	struct mutex *mutex = (void *)dev + bpf_core_field_offset(struct device, mutex);
	struct mutex___rt *rt = (void *)mutex;

	if (bpf_core_field_exists(rt->rtmutex))
		return (void *)((__u64)BPF_CORE_READ(rt, rtmutex.owner) & ~1ULL);
	return (void *)(BPF_CORE_READ(mutex, owner.counter) & ~7ULL);
}

#endif
