/* SPDX-License-Identifier: GPL-2.0-only */
/* What is special to an architecture, today x86-64: its calls, registers and pages. */
#ifndef DAXGUARD_BPF_ARCH_H
#define DAXGUARD_BPF_ARCH_H

#include "base.h"

#define NR_WRITE 1
#define NR_PWRITE64 18
#define NR_WRITEV 20
#define NR_SENDFILE 40
#define NR_DELETE_MODULE 176
#define NR_DELETE_MODULE_IA32 129
#define NR_SPLICE 275
#define NR_PWRITEV 296
#define NR_COPY_FILE_RANGE 326
#define NR_PWRITEV2 328

#define PAGE_SHIFT 12

/* Beside the number where a program of the x32 ABI calls. */
#define X32_SYSCALL_BIT 0x40000000

/* Set in thread_info.status while a task is in a call of the 32-bit ABI. */
#define TS_COMPAT 2

/* The number of the call that the registers belong to; libbpf has macros for the rest. */
static __always_inline __u64 syscall_nr(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, orig_ax);
}

/* A 32-bit call has its own numbers, and its arguments in other registers. */
static __always_inline bool in_compat_call(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

static __always_inline __u32 compat_parm1(struct pt_regs *regs)
{
	return BPF_CORE_READ(regs, bx);
}

#endif
