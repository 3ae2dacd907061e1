/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which program a task runs: what had that path when it began, whatever has it now.
 * Found at exec, handed down at fork, gone with the next exec.
 */
#ifndef DAXGUARD_BPF_PROGRAM_H
#define DAXGUARD_BPF_PROGRAM_H

#include "maps.h"

/* The number of the program that TASK runs, 0: none that anybody has named. */
static __always_inline __u64 program_of(struct task_struct *task)
{
	struct daxguard_identity *id = bpf_task_storage_get(&identity, task, NULL, 0);

	return id ? id->program : 0;
}

/*
 * Is a path for TASK what it is for process 1 of the host?  Not in a container or a
 * chroot with files of its own, where anything may have any name.
 */
static __always_inline bool sees_files_of_host(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct task_struct *init;
	struct upid host;

	if (bpf_core_read(&host, sizeof(host), &pid->numbers[0]))
		return false;
	init = BPF_CORE_READ(host.ns, child_reaper);
	return BPF_CORE_READ(task, fs, root.dentry) == BPF_CORE_READ(init, fs, root.dentry) &&
	       !BPF_CORE_READ(task, cred, user_ns, level);
}

/*
 * Is FILE where TASK's paths lead?  Not in another mount namespace, by /proc/PID/root, and not
 * in a mount that is in none: there its path begins at the top of that one.
 */
static __always_inline bool in_own_mounts(struct task_struct *task, struct file *file)
{
	struct mount *mount = (void *)BPF_CORE_READ(file, f_path.mnt) -
			      bpf_core_field_offset(struct mount, mnt);

	return BPF_CORE_READ(mount, mnt_ns) == BPF_CORE_READ(task, nsproxy, mnt_ns);
}

static __always_inline bool identity_set(struct task_struct *task, __u64 program)
{
	struct daxguard_identity *id;

	id = bpf_task_storage_get(&identity, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (id)
		id->program = program;
	return id;
}

/* CHILD runs what PARENT runs.  False where there was no memory to remember that. */
static __always_inline bool identity_copy(struct task_struct *parent, struct task_struct *child)
{
	__u64 program = program_of(parent);

	return !program || identity_set(child, program);
}

#endif
