/* SPDX-License-Identifier: GPL-2.0-only */
/* What the operator has set: for which device, and who is never refused. */
#ifndef DAXGUARD_BPF_POLICY_H
#define DAXGUARD_BPF_POLICY_H

#include "program.h"

/* What MAP has of DEVICE, its own or that of '*'. */
static __always_inline const void *entry_of(void *map, const struct daxguard_name *device)
{
	struct daxguard_name key = *device; /* a key is to be on the stack */
	const void *entry = bpf_map_lookup_elem(map, &key);

	if (entry)
		return entry;
	key = (struct daxguard_name){ DAXGUARD_ANY };
	return bpf_map_lookup_elem(map, &key);
}

static __always_inline const struct daxguard_policy *
policy_of(const struct daxguard_name *device)
{
	return entry_of(&policy, device);
}

static __always_inline bool holds_on_bind(const struct daxguard_name *name)
{
	const struct daxguard_policy *p = policy_of(name);

	/* where only whole-device changes are allowed, a bind is one */
	return p && (p->flags & DAXGUARD_HOLD_ON_BIND || p->scope == DAXGUARD_SCOPE_ALWAYS);
}

static __always_inline __u64 max_hold_ns(const struct daxguard_name *device)
{
	const struct daxguard_policy *p = policy_of(device);

	return (p ? p->max_hold_s : DAXGUARD_MAX_HOLD_S) * 1000000000ULL;
}

static __always_inline const struct daxguard_policy_more *
more_of(const struct daxguard_name *device)
{
	return entry_of(&policy_more, device);
}

/* The only zone into which a block may come online; 0 where that is any. */
static __always_inline __u32 only_zone(const struct daxguard_name *device)
{
	const struct daxguard_policy_more *p = more_of(device);

	if (!p || p->zone == DAXGUARD_ONLY_ANY)
		return 0;
	return p->zone == DAXGUARD_ONLY_KERNEL ? DAXGUARD_ONLY_KERNEL : DAXGUARD_ONLY_MOVABLE;
}

/* How long nothing may happen in an adopted transition; 0: for as long as it likes. */
static __always_inline __u64 idle_ns(const struct daxguard_name *device)
{
	const struct daxguard_policy_more *p = more_of(device);

	return (p ? p->idle_s : DAXGUARD_IDLE_S) * 1000000000ULL;
}

/* Mode and scope in force; a byte that means nothing is enforce, never off. */
static __always_inline __u8 mode_of(const struct daxguard_policy *p)
{
	if (p && (p->mode == DAXGUARD_MODE_OFF || p->mode == DAXGUARD_MODE_AUDIT))
		return p->mode;
	return DAXGUARD_MODE_ENFORCE;
}

#define MAX_CGROUP_DEPTH 16

static __always_inline bool allow_has(__u32 what, __u32 dev, __u64 id)
{
	struct daxguard_allow_key key = { .what = what, .dev = dev, .id = id };

	return bpf_map_lookup_elem(&allow, &key) != NULL;
}

/* Is the current task on the list of those who are never refused? */
__subprog_alone bool current_is_allowed(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct inode *exe;
	__u64 id;

	if (allow_has(DAXGUARD_ALLOW_UID, 0, (__u32)bpf_get_current_uid_gid()))
		return true;
	id = program_of(task);
	if (id && allow_has(DAXGUARD_ALLOW_PROGRAM, 0, id))
		return true;
	/* as daxguards before the map "programs" named them */
	exe = BPF_CORE_READ(task, mm, exe_file, f_inode);
	if (exe && allow_has(DAXGUARD_ALLOW_EXE, BPF_CORE_READ(exe, i_sb, s_dev),
			     BPF_CORE_READ(exe, i_ino)))
		return true;
	for (int level = 0; level < MAX_CGROUP_DEPTH; level++) {
		id = bpf_get_current_ancestor_cgroup_id(level);
		if (!id)
			break;
		if (allow_has(DAXGUARD_ALLOW_CGROUP, 0, id))
			return true;
	}
	return false;
}

#endif
