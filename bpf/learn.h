/* SPDX-License-Identifier: GPL-2.0-only */
/* Learning which blocks a device has, when kmem takes it and whenever it is claimed. */
#ifndef DAXGUARD_LEARN_H
#define DAXGUARD_LEARN_H

#include "above.h"
#include "event.h"
#include "file.h"
#include "object.h"
#include "transition.h"

#define MAX_RANGES 1024

struct learning {
	struct daxguard_block block;
	struct dev_dax_range *ranges;
	__u64 size; /* of a block */
	__u32 first;
	__u32 blocks;
	__u32 fresh; /* blocks that were not known */
	bool full;
};

static long learn_block(__u32 i, struct learning *l)
{
	__u32 nr = l->first + i;
	struct daxguard_block *b = bpf_map_lookup_elem(&blocks, &nr);

	l->blocks++;
	if (b && same_name(&b->device, &l->block.device))
		return 0;
	l->fresh++;
	if (bpf_map_update_elem(&blocks, &nr, &l->block, BPF_ANY))
		l->full = true;
	return 0;
}

/* kmem takes only whole blocks: a range is cut inwards to block boundaries. */
static long learn_range(__u32 i, struct learning *l)
{
	/* the running kernel's size: ours lacks fields, and indexing goes by ours */
	__u64 at = i * bpf_core_type_size(struct dev_dax_range);
	struct dev_dax_range *range = (void *)l->ranges + at;
	struct range r;
	__u64 first, end;

	if (bpf_core_read(&r, sizeof(r), &range->range) || !l->size)
		return 1;
	first = (r.start + l->size - 1) / l->size;
	end = (r.end + 1) / l->size;
	if (end <= first)
		return 0;
	l->first = first;
	bpf_loop(end - first, learn_block, l, 0);
	return 0;
}

/* Learn the blocks of DEV, which is in kmem.  Returns how many were not known. */
__subprog __u32 learn(struct device *dev)
{
	struct dev_dax *dax = (void *)dev - bpf_core_field_offset(struct dev_dax, dev);
	struct daxguard_device d = { .bound = 1 };
	struct learning l = {};
	__u32 n;

	if (!dev || !device_name(&l.block.device, dev)) {
		count(DAXGUARD_UNDECIDED);
		return 0;
	}
	n = BPF_CORE_READ(dax, nr_range);
	l.ranges = BPF_CORE_READ(dax, ranges);
	l.size = daxguard_state.block_size;
	bpf_loop(n > MAX_RANGES ? MAX_RANGES : n, learn_range, &l, 0);
	if (l.full || n > MAX_RANGES)
		count(DAXGUARD_UNDECIDED);
	d.learnt_ns = bpf_ktime_get_boot_ns();
	d.blocks = l.blocks;
	d.ranges = n;
	d.target_node = BPF_CORE_READ(dax, target_node);
	if (bpf_map_update_elem(&devices, &l.block.device, &d, BPF_ANY) ||
	    !transition_of(&l.block.device))
		count(DAXGUARD_UNDECIDED);
	return l.fresh;
}

/* Memory that stays behind without a device is lost until reboot. */
__subprog void report_leak(const struct daxguard_name *name, __u32 first, __u32 left)
{
	struct daxguard_event_above *e;
	struct daxguard_history *h;
	struct culprit c = {};

	if (!name)
		return;
	c.device = *name;
	count(DAXGUARD_LEAKED);
	find_culprit(&c);
	h = event_new(DAXGUARD_EV_LEAK, &c.device);
	if (!h)
		return;
	e = &h->event;
	e->event.kind = DAXGUARD_KIND_UNBIND;
	e->event.hook = DAXGUARD_HOOK_OBSERVER;
	e->event.block = first;
	e->event.count = left;
	e->ancestor = c.ancestor;
	e->below[0] = c.device;
	e->nr_below = 1;
	event_above_send(h);
}

struct forgetting {
	struct daxguard_name device;
	__u32 left; /* blocks that are still there */
	__u32 first_left;
};

static long forget_block(struct bpf_map *map, const __u32 *key, struct daxguard_block *b,
			 struct forgetting *f)
{
	__u32 nr = *key;

	if (!same_name(&b->device, &f->device))
		return 0;
	if (block_is_there(nr)) {
		if (nr < f->first_left)
			f->first_left = nr;
		f->left++;
	} else {
		bpf_map_delete_elem(&block_devs, &nr);
	}
	bpf_map_delete_elem(&blocks, &nr);
	return 0;
}

/* kmem has the device no more, or never got it. */
__subprog void forget(const struct daxguard_name *name)
{
	struct daxguard_device *d;
	struct forgetting f = {};

	if (!name)
		return;
	f.device = *name;
	/*
	 * Not a constant: before v6.7 (ab5cfac139ab) the verifier looks at a callback
	 * once, and takes what it branches on for what that is the first time.
	 */
	f.first_left = READ(daxguard_run.no_block);
	bpf_for_each_map_elem(&blocks, forget_block, &f, 0);
	if (f.left)
		report_leak(&f.device, f.first_left, f.left);
	bpf_map_delete_elem(&bound, &f.device);
	d = bpf_map_lookup_elem(&devices, &f.device);
	if (!d)
		return;
	d->learnt_ns = bpf_ktime_get_boot_ns();
	d->blocks = d->ranges = 0;
	d->bound = 0;
}

/*
 * Remember where the kernel keeps the device that T is a file of.  All memory blocks:
 * whose they are may be learnt later.
 */
static __always_inline void learn_object(const struct target *t)
{
	struct daxguard_object o = { .device = (__u64)t->dev };
	struct daxguard_name name = t->device;
	__u32 nr = t->block;
	long err = 0;

	if (!t->dev)
		return;
	if (t->block < 0)
		err = bpf_map_update_elem(&dax_devs, &name, &o, BPF_ANY);
	else
		err = bpf_map_update_elem(&block_devs, &nr, &o, BPF_ANY);
	if (err)
		count(DAXGUARD_UNDECIDED);
}

static __always_inline void report_healed(const struct daxguard_name *name, __u32 kind,
					  __u32 nr)
{
	struct daxguard_history *h;
	struct daxguard_event *e;

	count(DAXGUARD_HEALED);
	h = event_new(DAXGUARD_EV_HEALED, name);
	if (!h)
		return;
	e = &h->event.event;
	e->kind = kind;
	e->hook = DAXGUARD_HOOK_OBSERVER;
	e->count = nr;
	event_send(h);
}

/* An unbind whose end was left out is made good. */
static __always_inline void forget_left(const struct daxguard_name *name)
{
	struct daxguard_device *d = bpf_map_lookup_elem(&devices, name);

	if (!d || !d->bound || !has_left_kmem(name))
		return;
	forget(name);
	report_healed(name, DAXGUARD_KIND_UNBIND, 1);
}

/* Look at the device itself before it is held: blocks may have come or gone unseen. */
static __always_inline void relearn(const struct daxguard_name *name)
{
	bool known;
	struct device *dev = find_dax(name, &known);
	__u32 fresh;

	forget_left(name);
	learn_above(dev);
	if (!dev || !driver_is_kmem(dev))
		return;
	fresh = learn(dev);
	if (fresh)
		report_healed(name, DAXGUARD_KIND_BIND, fresh);
}

#endif
