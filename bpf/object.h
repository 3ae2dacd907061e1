/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own devices, remembered by address: what they say of themselves is
 * true whatever program was left out.  Each is believed only while it still is the
 * device that was meant.
 */
#ifndef DAXGUARD_OBJECT_H
#define DAXGUARD_OBJECT_H

#include "compat.h"
#include "maps.h"
#include "words.h"

static __always_inline bool in_sysfs(const struct device *dev)
{
	const struct kobject *kobj = (void *)dev + bpf_core_field_offset(struct device, kobj);

	return BPF_CORE_READ_BITFIELD_PROBED(kobj, state_in_sysfs);
}

/*
 * The device of memory block NR; NULL where there is no such block.  Its number is read
 * last: what has that number then was not yet something else when the rest was read.
 */
static __always_inline struct device *block_dev(__u32 nr)
{
	struct daxguard_object *o = bpf_map_lookup_elem(&block_devs, &nr);
	struct device *dev;

	if (!o)
		return NULL;
	dev = (void *)READ(o->device);
	if (!in_sysfs(dev) || first_word(BPF_CORE_READ(dev, bus, name)) != WORD_MEMORY ||
	    BPF_CORE_READ(dev, id) != nr)
		return NULL;
	return dev;
}

/* It changes under device_hotplug_lock only, and only the kernel changes it. */
static __always_inline bool block_is_online(__u32 nr)
{
	struct device *dev = block_dev(nr);
	bool offline;

	if (!dev)
		return false;
	offline = device_is_offline(dev);
	return !offline && BPF_CORE_READ(dev, id) == nr;
}

static __always_inline bool block_is_there(__u32 nr)
{
	return block_dev(nr) != NULL;
}

static __always_inline bool driver_is_kmem(struct device *dev)
{
	return first_word(BPF_CORE_READ(dev, driver, name)) == WORD_KMEM;
}

/*
 * The device NAME; NULL where there is none of that name any more, or where it is not
 * KNOWN and nothing can be said.
 */
static __always_inline struct device *find_dax(const struct daxguard_name *name, bool *known)
{
	struct daxguard_name found = {}, key = *name; /* a key is to be on the stack */
	struct daxguard_object *o = bpf_map_lookup_elem(&dax_devs, &key);
	struct device *dev;

	*known = o != NULL;
	if (!o)
		return NULL;
	dev = (void *)READ(o->device);
	if (first_word(BPF_CORE_READ(dev, bus, name)) != WORD_DAX || !in_sysfs(dev) ||
	    !device_name(&found, dev) || !same_name(&found, &key))
		return NULL;
	return dev;
}

/* The struct device of NAME while kmem has it, else NULL. */
static __always_inline struct device *kmem_dev(const struct daxguard_name *name)
{
	bool known;
	struct device *dev = find_dax(name, &known);

	return dev && driver_is_kmem(dev) ? dev : NULL;
}

/* Is it certain that kmem does not have the device any more? */
static __always_inline bool has_left_kmem(const struct daxguard_name *name)
{
	bool known;
	struct device *dev = find_dax(name, &known);

	return known && !(dev && driver_is_kmem(dev));
}

#endif
