/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the bind of a device to kmem until `daxguard online --by-policy` has looked at it, as it
 * does then: was somebody refused its blocks, and has whoever held it changed them?  Where it
 * has not, what a udev rule would have made of them is still to come.
 */
#ifndef DAXGUARD_BOUND_H
#define DAXGUARD_BOUND_H

#include "event.h"

/* kmem binds DEVICE, and has made no block yet. */
static __always_inline void note_bound(const struct daxguard_name *device)
{
	struct daxguard_bound b = { .bound_ns = bpf_ktime_get_boot_ns() };

	if (bpf_map_update_elem(&bound, device, &b, BPF_ANY))
		count(DAXGUARD_UNDECIDED);
}

/* A block of DEVICE was refused to somebody. */
static __always_inline void note_refused(const struct daxguard_name *device)
{
	struct daxguard_bound *b = bpf_map_lookup_elem(&bound, device);

	if (b)
		b->refused = 1;
}

/* Who holds DEVICE changes it. */
static __always_inline void note_changed(const struct daxguard_name *device)
{
	struct daxguard_bound *b = bpf_map_lookup_elem(&bound, device);

	if (b)
		b->changed = 1;
}

#endif
