/* SPDX-License-Identifier: GPL-2.0-only */
/* The LSM layer: refuses a write before the kernel takes any lock. */
#ifndef DAXGUARD_LSM_H
#define DAXGUARD_LSM_H

#define NR_DELETE_MODULE 176 /* x86-64 */

/* The device of a memory block.  False where it belongs to no dax device. */
static __always_inline bool block_device(struct target *t)
{
	struct daxguard_block *b;
	__u32 nr = t->block;

	b = bpf_map_lookup_elem(&blocks, &nr);
	if (!b)
		return false;
	t->device = b->device;
	return true;
}

/*
 * Remember a write that is about to be let through, or a change that is about to be
 * decided, before looking whether the device is held: a begin claims first and looks
 * for such entries then, so that at least one of the two sees the other.
 */
static __always_inline void admit(void *map, struct file *file, const struct target *t,
				  __u32 tid)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct daxguard_inflight f = {
		.file = (__u64)file,
		.start_ns = task->start_boottime,
		.device = t->device,
		.block = t->block,
		.pid = task->tgid,
	};

	task_place(task, &f.place);
	bpf_get_current_comm(f.comm, sizeof(f.comm));
	if (bpf_map_update_elem(map, &tid, &f, BPF_ANY))
		count(DAXGUARD_UNDECIDED);
	/* full barrier: the entry is seen before "held" is read */
	__sync_fetch_and_add(&daxguard_state.armed, 0);
}

static __noinline int guard_write(struct file *file)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct target t = {};
	int verdict;

	if (!find_target(file, &t))
		return 0;
	if (t.block >= 0 && !block_device(&t))
		return 0;
	if (t.what != WHAT_BLOCK && t.what != WHAT_DEVICE)
		return write_knob(&t);
	admit(&inflight, file, &t, tid);
	verdict = decide(&t, DAXGUARD_HOOK_LSM);
	if (verdict)
		bpf_map_delete_elem(&inflight, &tid);
	return verdict;
}

/*
 * Every read and write of the machine comes by here.  While nothing is armed it
 * costs one load; a file of no kernfs costs two more.
 */
SEC("lsm/file_permission")
int BPF_PROG(daxguard_file_permission, struct file *file, int mask)
{
	if (!READ(daxguard_state.armed))
		return 0;
	if (!(mask & MAY_WRITE) || !is_kernfs(file))
		return 0;
	return guard_write(file);
}

static __always_inline void opens_add(struct file *file, __u32 pid, __s32 block)
{
	struct daxguard_open o = { .pid = pid, .block = block };
	__u64 key = (__u64)file;

	if (!bpf_map_update_elem(&opens, &key, &o, BPF_NOEXIST))
		__sync_fetch_and_add(&daxguard_state.armed, 1);
	else if (!bpf_map_lookup_elem(&opens, &key))
		count(DAXGUARD_UNDECIDED); /* full */
}

/* A file that can change a device arms the check above for as long as it is open. */
SEC("lsm/file_open")
int BPF_PROG(daxguard_file_open, struct file *file)
{
	struct target t = {};
	int err;

	if (!(file->f_mode & FMODE_WRITE) || !is_kernfs(file))
		return 0;
	if (!find_target(file, &t))
		return 0;
	if (!(READ(daxguard_state.hooks) & DAXGUARD_HOOKS_LSM)) {
		err = open_knob(&t);
		if (err)
			return err;
	}
	opens_add(file, bpf_get_current_pid_tgid() >> 32, t.block);
	return 0;
}

/* rmmod kmem unbinds every device: refused like each of those unbinds. */
static __always_inline int guard_rmmod(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct target t = { .block = -1, .what = WHAT_UNBIND };
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	char name[8] = {};

	if (task->flags & PF_KTHREAD || task->thread_info.status & TS_COMPAT ||
	    BPF_CORE_READ(regs, orig_ax) != NR_DELETE_MODULE)
		return 0;
	if (bpf_probe_read_user_str(name, sizeof(name), (void *)BPF_CORE_READ(regs, di)) < 0 ||
	    *(__u64 *)name != WORD_KMEM)
		return 0;
	__builtin_memcpy(t.file, "rmmod", 6);
	if (refuse_any_held(&t, 0, DAXGUARD_HOOK_LSM))
		return -EBUSY;
	return refuse_online(&t, true, DAXGUARD_HOOK_LSM);
}

/* The only hook on the way of delete_module(2); the caller of it sees EPERM. */
SEC("lsm/capable")
int BPF_PROG(daxguard_capable, const void *cred, const void *ns, int cap)
{
	if (cap != CAP_SYS_MODULE)
		return 0;
	return guard_rmmod();
}

/* The last reference is gone: no write through this file can be under way. */
SEC("fentry/kernfs_fop_release")
int BPF_PROG(daxguard_kernfs_fop_release, struct inode *inode, struct file *file)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 key = (__u64)file;
	struct daxguard_inflight *f;

	if (!(file->f_mode & FMODE_WRITE) || !READ(daxguard_state.armed))
		return 0;
	if (bpf_map_delete_elem(&opens, &key))
		return 0;
	__sync_fetch_and_add(&daxguard_state.armed, -1);
	f = bpf_map_lookup_elem(&inflight, &tid);
	if (f && f->file == key)
		bpf_map_delete_elem(&inflight, &tid);
	return 0;
}

#endif
