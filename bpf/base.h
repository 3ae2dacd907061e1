/* SPDX-License-Identifier: GPL-2.0-only */
/* What every part stands on: the kernel's types, libbpf's helpers, the map ABI. */
#ifndef DAXGUARD_BPF_BASE_H
#define DAXGUARD_BPF_BASE_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "daxguard.h"

/* Names are compared as numbers, eight bytes at a time, and words.h has those of little-endian
 * ones. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "daxguard is for little-endian machines"
#endif

/* A function of its own in each object that calls it; not every one calls it. */
#define __subprog static __noinline __attribute__((unused))

/*
 * The same, but verified by itself, once, for whatever it may be given, and not again at each
 * place that calls it and for each way that leads there: that is most of what loading takes.
 * It may be given numbers and our own structures, in which the kernel's pointers are mere
 * numbers then, and gives back a number.  A structure has no holes: until v6.1.100 and in
 * v6.2 every byte of it has to have been written (6715df8d5d24 in v6.3 ended that).
 */
#define __subprog_alone __weak __noinline

/* For what others write meanwhile: read once, at this place. */
#define READ(x) (*(volatile typeof(x) *)&(x))

static __always_inline bool same_name(const struct daxguard_name *a,
				      const struct daxguard_name *b)
{
	const __u64 *x = (const void *)a, *y = (const void *)b;

	return x[0] == y[0] && x[1] == y[1];
}

#endif
