/* SPDX-License-Identifier: GPL-2.0-only */
/* What the registers of a system call say of the write that it makes. */
#ifndef DAXGUARD_SYSCALL_H
#define DAXGUARD_SYSCALL_H

#include "arch.h"

/* What no call has as its number. */
#define NR_OTHER 0xffff

struct compat_iovec {
	__u32 iov_base;
	__u32 iov_len;
};

/* The number that the call has in a 64-bit program; only those that are asked about. */
static __always_inline __u32 nr_of_compat(__u32 nr)
{
	switch (nr) {
	case NR_COMPAT_WRITE:
		return NR_WRITE;
	case NR_COMPAT_WRITEV:
		return NR_WRITEV;
	case NR_COMPAT_PWRITE64:
		return NR_PWRITE64;
	case NR_COMPAT_PWRITEV:
		return NR_PWRITEV;
	case NR_COMPAT_PWRITEV2:
		return NR_PWRITEV2;
	case NR_COMPAT_SENDFILE:
	case NR_COMPAT_SENDFILE64:
		return NR_SENDFILE;
	case NR_COMPAT_SPLICE:
		return NR_SPLICE;
	case NR_COMPAT_COPY_FILE_RANGE:
		return NR_COPY_FILE_RANGE;
	case NR_COMPAT_DELETE_MODULE:
		return NR_DELETE_MODULE;
	default:
		return NR_OTHER;
	}
}

/*
 * A 32-bit call has its own numbers, and its arguments in other registers, of which the
 * kernel takes the lower half.  One of the x32 ABI has a bit beside the number; where it
 * has a number of its own, for its vectors, it is not known here.
 */
static __always_inline __u32 called(struct pt_regs *regs, bool compat)
{
	__u32 nr = syscall_nr(regs);

	return compat ? nr_of_compat(nr) : nr & ~SYSCALL_BITS;
}

static __always_inline __u64 call_parm1(struct pt_regs *regs, bool compat)
{
	return compat ? compat_parm1(regs) : PT_REGS_PARM1_CORE(regs);
}

static __always_inline __u64 call_parm2(struct pt_regs *regs, bool compat)
{
	return compat ? compat_parm2(regs) : PT_REGS_PARM2_CORE(regs);
}

static __always_inline __u64 call_parm3(struct pt_regs *regs, bool compat)
{
	return compat ? compat_parm3(regs) : PT_REGS_PARM3_CORE(regs);
}

/* Of the only piece: a name in several is not put together. */
static __always_inline bool piece(bool compat, __u64 *from, __u64 *len)
{
	struct compat_iovec small;
	struct iovec v;

	if (*len != 1)
		return false;
	if (!compat) {
		if (bpf_probe_read_user(&v, sizeof(v), (void *)*from))
			return false;
		*from = (__u64)v.iov_base;
		*len = v.iov_len;
		return true;
	}
	if (bpf_probe_read_user(&small, sizeof(small), (void *)*from))
		return false;
	*from = small.iov_base;
	*len = small.iov_len;
	return true;
}

/* Where the bytes of the write under way are, as far as registers tell. */
static __always_inline bool write_buffer(struct task_struct *task, __u64 *from, __u64 *len)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	bool compat = in_compat_call(task, regs);

	*from = call_parm2(regs, compat);
	*len = call_parm3(regs, compat);
	switch (called(regs, compat)) {
	case NR_WRITE:
	case NR_PWRITE64:
		return true;
	case NR_WRITEV:
	case NR_PWRITEV:
	case NR_PWRITEV2:
		return piece(compat, from, len);
	default:
		return false;
	}
}

/*
 * Where the name of the module is that the current task wants to be gone; 0: it is in
 * another system call.  Not inline: those who ask have little stack left.
 */
__subprog __u64 module_to_delete(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	bool compat = in_compat_call(task, regs);

	if (task->flags & PF_KTHREAD || called(regs, compat) != NR_DELETE_MODULE)
		return 0;
	return call_parm1(regs, compat);
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
	bool compat;
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
	compat = in_compat_call(task, regs);
	switch (called(regs, compat)) {
	case NR_WRITE:
	case NR_PWRITE64:
	case NR_WRITEV:
	case NR_PWRITEV:
	case NR_PWRITEV2:
	case NR_SENDFILE:
		return file_of_fd(task, call_parm1(regs, compat));
	case NR_SPLICE:
	case NR_COPY_FILE_RANGE:
		return file_of_fd(task, call_parm3(regs, compat));
	default:
		return NULL;
	}
}

#endif
