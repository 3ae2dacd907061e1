/* SPDX-License-Identifier: GPL-2.0-only */
/* Which device a memory block belongs to, and which devices have blocks online. */
#ifndef DAXGUARD_BLOCK_H
#define DAXGUARD_BLOCK_H

#include "file.h"
#include "object.h"
#include "policy.h"

/* The device of a memory block.  False where it belongs to no dax device in kmem. */
__subprog_alone bool block_device(struct target *t)
{
	struct daxguard_block *b;
	__u32 nr;

	if (!t)
		return false;
	nr = t->block;
	b = bpf_map_lookup_elem(&blocks, &nr);
	if (!b)
		return false;
	t->device = b->device;
	/* an unbind whose end was left out */
	return !has_left_kmem(&t->device);
}

struct block_search {
	struct daxguard_name device;
	bool any; /* of any device whose policy refuses an unbind */
	__u8 mode; /* of a policy that is as strict as that */
	bool found;
};

static long search_online(struct bpf_map *map, const __u32 *nr, struct daxguard_block *b,
			  struct block_search *s)
{
	struct daxguard_name name = b->device;
	const struct daxguard_policy *p;

	if (!s->any && !same_name(&name, &s->device))
		return 0;
	if (!block_is_online(*nr) || has_left_kmem(&name))
		return 0;
	p = policy_of(&name);
	if (p && !(p->flags & DAXGUARD_REFUSE_UNBIND))
		return 0;
	if (mode_of(p) < s->mode)
		return 0;
	s->found = true;
	s->device = name;
	return 1;
}

/*
 * Is a block online of DEVICE, or where ANY of any, that may not be unbound so?  Of several
 * devices one whose policy is to refuse comes first: it is the one that is judged.
 */
__subprog_alone bool online_block_guarded(struct daxguard_name *device, bool any)
{
	struct block_search s = { .any = any };

	if (!device)
		return false;
	s.device = *device;
	s.mode = any ? DAXGUARD_MODE_ENFORCE : 0;
	bpf_for_each_map_elem(&blocks, search_online, &s, 0);
	if (any && !s.found) {
		s.mode = 0;
		bpf_for_each_map_elem(&blocks, search_online, &s, 0);
	}
	*device = s.device;
	return s.found;
}

/* Does kmem have the device, online or not, and is it one that may not be unbound just so? */
__subprog_alone bool in_kmem_guarded(const struct daxguard_name *device)
{
	const struct daxguard_policy *p;
	struct daxguard_name name;

	if (!device)
		return false;
	name = *device;
	if (!kmem_dev(&name))
		return false;
	p = policy_of(&name);
	return !p || p->flags & DAXGUARD_REFUSE_UNBIND;
}

struct idle_search {
	bool found;
};

static long search_idle(struct bpf_map *map, const struct daxguard_name *device,
			struct daxguard_device *d, struct idle_search *s)
{
	struct block_search one = { .device = *device };

	if (!d->bound || has_left_kmem(&one.device))
		return 0;
	bpf_for_each_map_elem(&blocks, search_online, &one, 0);
	if (one.found)
		return 0;
	s->found = true;
	return 1;
}

/* Is there a device that could be unbound without loss? */
__subprog bool idle_device(void)
{
	struct idle_search s = {};

	bpf_for_each_map_elem(&devices, search_idle, &s, 0);
	return s.found;
}

#endif
