/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is special to an architecture: the numbers of its system calls, those of its
 * 32-bit programs, and the registers that libbpf has no macros for.
 */
#ifndef DAXGUARD_BPF_ARCH_H
#define DAXGUARD_BPF_ARCH_H

#include "base.h"

#if !defined(__TARGET_ARCH_x86) && !defined(__TARGET_ARCH_arm64)
#error "write what is special to this architecture here, in vmlinux.h and in loader/guard/arch.c"
#endif

#ifdef __TARGET_ARCH_x86
#define NR_WRITE 1
#define NR_PWRITE64 18
#define NR_WRITEV 20
#define NR_SENDFILE 40
#define NR_DELETE_MODULE 176
#define NR_SPLICE 275
#define NR_PWRITEV 296
#define NR_COPY_FILE_RANGE 326
#define NR_PWRITEV2 328

/* of i386 */
#define NR_COMPAT_WRITE 4
#define NR_COMPAT_DELETE_MODULE 129
#define NR_COMPAT_WRITEV 146
#define NR_COMPAT_PWRITE64 181
#define NR_COMPAT_SENDFILE 187
#define NR_COMPAT_SENDFILE64 239
#define NR_COMPAT_SPLICE 313
#define NR_COMPAT_PWRITEV 334
#define NR_COMPAT_COPY_FILE_RANGE 377
#define NR_COMPAT_PWRITEV2 379

/* Loads are not overtaken by loads, nor stores by stores. */
#define KEEPS_ORDER 1

/* Beside the number where a program of the x32 ABI calls. */
#define SYSCALL_BITS 0x40000000

/* Set in thread_info.status while a task is in a call of the 32-bit ABI. */
#define TS_COMPAT 2

/* The number of the call that the registers belong to; libbpf has macros for the rest. */
static __always_inline __u64 syscall_nr(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, orig_ax);
}

static __always_inline __u64 user_sp(struct pt_regs *regs)
{
	return PT_REGS_SP_CORE(regs);
}

/* Also a 64-bit program may make one (int 0x80). */
static __always_inline bool in_compat_call(struct task_struct *task, struct pt_regs *regs)
{
	return task->thread_info.status & TS_COMPAT;
}

static __always_inline __u32 compat_parm1(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, bx);
}

static __always_inline __u32 compat_parm2(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, cx);
}

static __always_inline __u32 compat_parm3(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, dx);
}
#endif

#ifdef __TARGET_ARCH_arm64
#define NR_WRITE 64
#define NR_WRITEV 66
#define NR_PWRITE64 68
#define NR_PWRITEV 70
#define NR_SENDFILE 71
#define NR_SPLICE 76
#define NR_DELETE_MODULE 106
#define NR_COPY_FILE_RANGE 285
#define NR_PWRITEV2 287

/* of 32-bit Arm */
#define NR_COMPAT_WRITE 4
#define NR_COMPAT_DELETE_MODULE 129
#define NR_COMPAT_WRITEV 146
#define NR_COMPAT_PWRITE64 181
#define NR_COMPAT_SENDFILE 187
#define NR_COMPAT_SENDFILE64 239
#define NR_COMPAT_SPLICE 340
#define NR_COMPAT_PWRITEV 362
#define NR_COMPAT_COPY_FILE_RANGE 391
#define NR_COMPAT_PWRITEV2 393

#define KEEPS_ORDER 0
#define SYSCALL_BITS 0

/* Set in the saved processor state of a 32-bit program. */
#define PSR_MODE32_BIT 0x10
#define COMPAT_SP 13

static __always_inline __u64 syscall_nr(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, syscallno);
}

static __always_inline __u64 arm64_register(struct pt_regs *regs, __u32 nr)
{
	return BPF_CORE_READ((struct user_pt_regs *)regs, regs[nr]);
}

static __always_inline bool in_compat_call(struct task_struct *task, struct pt_regs *regs)
{
	return BPF_CORE_READ((struct user_pt_regs *)regs, pstate) & PSR_MODE32_BIT;
}

static __always_inline __u64 user_sp(struct pt_regs *regs)
{
	return in_compat_call(NULL, regs) ? arm64_register(regs, COMPAT_SP)
					  : PT_REGS_SP_CORE(regs);
}

static __always_inline __u32 compat_parm1(struct pt_regs *regs)
{
	return arm64_register(regs, 0);
}

static __always_inline __u32 compat_parm2(struct pt_regs *regs)
{
	return arm64_register(regs, 1);
}

static __always_inline __u32 compat_parm3(struct pt_regs *regs)
{
	return arm64_register(regs, 2);
}
#endif

#endif
