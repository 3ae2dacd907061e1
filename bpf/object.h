/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own devices, remembered by address: what they say of themselves is
 * true whatever program was left out.  Each is believed only while it still is the
 * device that was meant.
 */
#ifndef DAXGUARD_OBJECT_H
#define DAXGUARD_OBJECT_H

static __always_inline bool in_sysfs(const struct device *dev)
{
	const struct kobject *kobj = (void *)dev + bpf_core_field_offset(struct device, kobj);

	return BPF_CORE_READ_BITFIELD_PROBED(kobj, state_in_sysfs);
}

/* Goes with 6.12: a bit field until v7.2 made it a bit of device.flags */
struct device___bits {
	unsigned int offline : 1;
} __attribute__((preserve_access_index));

struct device___flags {
	unsigned long flags[1];
} __attribute__((preserve_access_index));

enum struct_device_flags {
	DEV_FLAG_OFFLINE = 9,
};

static __always_inline bool device_is_offline(struct device *dev)
{
	struct device___bits *bits = (void *)dev;
	struct device___flags *flags = (void *)dev;
	__u32 nr;

	if (bpf_core_field_exists(bits->offline))
		return BPF_CORE_READ_BITFIELD_PROBED(bits, offline);
	nr = bpf_core_enum_value(enum struct_device_flags, DEV_FLAG_OFFLINE);
	return BPF_CORE_READ(flags, flags[0]) >> nr & 1;
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

/* PREEMPT_RT makes a mutex an rt_mutex, with one flag less beside the owner. */
struct rt_mutex_base {
	struct task_struct *owner;
} __attribute__((preserve_access_index));

struct mutex___rt {
	struct rt_mutex_base rtmutex;
} __attribute__((preserve_access_index));

/* The task that holds the lock of DEV: the one that binds or unbinds it. */
static __always_inline struct task_struct *device_locker(struct device *dev)
{
	struct mutex *mutex = (void *)dev + bpf_core_field_offset(struct device, mutex);
	struct mutex___rt *rt = (void *)mutex;

	if (bpf_core_field_exists(rt->rtmutex))
		return (void *)((__u64)BPF_CORE_READ(rt, rtmutex.owner) & ~1ULL);
	return (void *)(BPF_CORE_READ(mutex, owner.counter) & ~7ULL);
}

#endif
