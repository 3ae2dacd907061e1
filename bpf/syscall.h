/* SPDX-License-Identifier: GPL-2.0-only */
/* What the registers of a system call say of the write that it makes. */
#ifndef DAXGUARD_SYSCALL_H
#define DAXGUARD_SYSCALL_H

#include "arch.h"

/* Where the bytes of the write under way are, as far as registers tell. */
static __always_inline bool write_buffer(struct task_struct *task, __u64 *from, __u64 *len)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	__u64 nr = syscall_nr(regs);
	struct iovec v;

	*from = PT_REGS_PARM2_CORE(regs);
	*len = PT_REGS_PARM3_CORE(regs);
	if (nr == NR_WRITE || nr == NR_PWRITE64)
		return true;
	if (nr != NR_WRITEV && nr != NR_PWRITEV && nr != NR_PWRITEV2)
		return false;
	/* a name in several pieces is not put together */
	if (*len != 1 || bpf_probe_read_user(&v, sizeof(v), (void *)*from))
		return false;
	*from = (__u64)v.iov_base;
	*len = v.iov_len;
	return true;
}

/*
 * Where the name of the module is that TASK wants to be gone; false: it is in another
 * system call.  A 32-bit one has its own numbers and its arguments in other registers,
 * also where a 64-bit program makes it (int 0x80).
 */
static __always_inline bool module_to_delete(struct task_struct *task, void **name)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	bool compat = in_compat_call(task, regs);
	__u32 nr;

	if (task->flags & PF_KTHREAD)
		return false;
	nr = syscall_nr(regs) & ~SYSCALL_BITS;
	if (compat)
		*name = (void *)(__u64)compat_parm1(regs);
	else
		*name = (void *)PT_REGS_PARM1_CORE(regs);
	return nr == (compat ? NR_COMPAT_DELETE_MODULE : NR_DELETE_MODULE);
}

static __always_inline struct file *file_of_fd(struct task_struct *task, __u64 fd)
{
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
	struct file **fds, *file = NULL;

	if (fd >= BPF_CORE_READ(fdt, max_fds))
		return NULL;
	fds = BPF_CORE_READ(fdt, fd);
	bpf_probe_read_kernel(&file, sizeof(file), &fds[fd]);
	return file;
}

/* The file that TASK writes to in the system call it is in, as registers tell. */
static __always_inline struct file *file_being_written(struct task_struct *task)
{
	__u32 flags = BPF_CORE_READ(task, flags);
	struct io_worker *worker;
	struct pt_regs *regs;
	void *work;

	if (flags & PF_KTHREAD)
		return NULL;
	if (flags & PF_IO_WORKER) {
		worker = BPF_CORE_READ(task, worker_private);
		work = BPF_CORE_READ(worker, cur_work);
		work -= bpf_core_field_offset(struct io_kiocb, work);
		return BPF_CORE_READ((struct io_kiocb *)work, file);
	}
	regs = (void *)bpf_task_pt_regs(task);
	switch (syscall_nr(regs)) {
	case NR_WRITE:
	case NR_PWRITE64:
	case NR_WRITEV:
	case NR_PWRITEV:
	case NR_PWRITEV2:
	case NR_SENDFILE:
		return file_of_fd(task, PT_REGS_PARM1_CORE(regs));
	case NR_SPLICE:
	case NR_COPY_FILE_RANGE:
		return file_of_fd(task, PT_REGS_PARM3_CORE(regs));
	default:
		return NULL;
	}
}

#endif
