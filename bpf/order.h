/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What others see in which order.  An atomic is a full barrier on x86-64; on arm64 only
 * one whose result is taken is: an addition without it orders nothing there.
 */
#ifndef DAXGUARD_BPF_ORDER_H
#define DAXGUARD_BPF_ORDER_H

#include "arch.h"
#include "maps.h"

/* Add N to *P, and a full barrier with it. */
static __always_inline void ordered_add(__u64 *p, __u64 n)
{
	__u64 before = __sync_fetch_and_add(p, n);

	/* or the compiler takes the other one */
	barrier_var(before);
}

static __always_inline void full_barrier(void)
{
	ordered_add(&daxguard_state.held, 0);
}

/* The same but for a store before a load.  x86-64 keeps that order by itself. */
static __always_inline void keep_order(void)
{
	if (KEEPS_ORDER)
		barrier();
	else
		full_barrier();
}

#endif
