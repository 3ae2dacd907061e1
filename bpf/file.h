/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which memory block, device or knob a file changes, by its kernfs node: the same
 * node whatever the path, mount, namespace or descriptor it was reached by.
 */
#ifndef DAXGUARD_FILE_H
#define DAXGUARD_FILE_H

/* The operations of every kernfs file; 0 where kallsyms hides its address. */
extern const void kernfs_file_fops __ksym __weak;

enum what {
	WHAT_BLOCK = 1, /* memoryN/state, memoryN/online */
	WHAT_DEVICE, /* daxX.Y/state, daxX.Y/hotplug */
	WHAT_LAYOUT, /* daxX.Y/mapping, size, align */
	WHAT_UNBIND, /* unbind and remove_id of a dax driver */
	WHAT_BIND, /* bind and new_id of one, drivers_probe of the bus */
	WHAT_AUTO_ONLINE, /* memory/auto_online_blocks */
	WHAT_PAGE, /* memory/soft_offline_page, hard_offline_page */
	WHAT_UEVENT, /* memoryN/uevent */
};

struct target {
	struct daxguard_name device;
	char file[DAXGUARD_FILE_LEN];
	struct device *dev; /* whose directory the file is in, if a device's */
	__s32 block; /* -1: none */
	__u32 what; /* enum what */
	bool bound; /* the device has a driver */
	bool kmem; /* a file of that driver */
};

/* v6.14 made the parent __rcu and renamed it; goes when 6.12 is out of support */
struct kernfs_node___parent {
	struct kernfs_node___parent *parent;
} __attribute__((preserve_access_index));

struct kernfs_node___rcu_parent {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *kn)
{
	struct kernfs_node___rcu_parent *rcu = (void *)kn;
	struct kernfs_node___parent *old = (void *)kn;

	if (bpf_core_field_exists(rcu->__parent))
		return BPF_CORE_READ(rcu, __parent);
	return (void *)BPF_CORE_READ(old, parent);
}

/* First test of every file: a file of some kernfs, at the price of one load. */
static __always_inline bool is_kernfs(struct file *file)
{
	if (&kernfs_file_fops)
		return file->f_op == &kernfs_file_fops;
	return file->f_inode->i_sb->s_magic == SYSFS_MAGIC;
}

#define WORD8(a, b, c, d, e, f, g, h)                                         \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | \
	 (__u64)(e) << 32 | (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

#define WORD_STATE WORD8('s', 't', 'a', 't', 'e', 0, 0, 0)
#define WORD_ONLINE WORD8('o', 'n', 'l', 'i', 'n', 'e', 0, 0)
#define WORD_HOTPLUG WORD8('h', 'o', 't', 'p', 'l', 'u', 'g', 0)
#define WORD_MAPPING WORD8('m', 'a', 'p', 'p', 'i', 'n', 'g', 0)
#define WORD_SIZE WORD8('s', 'i', 'z', 'e', 0, 0, 0, 0)
#define WORD_ALIGN WORD8('a', 'l', 'i', 'g', 'n', 0, 0, 0)
#define WORD_UEVENT WORD8('u', 'e', 'v', 'e', 'n', 't', 0, 0)
#define WORD_BIND WORD8('b', 'i', 'n', 'd', 0, 0, 0, 0)
#define WORD_UNBIND WORD8('u', 'n', 'b', 'i', 'n', 'd', 0, 0)
#define WORD_NEW_ID WORD8('n', 'e', 'w', '_', 'i', 'd', 0, 0)
#define WORD_REMOVE_ID WORD8('r', 'e', 'm', 'o', 'v', 'e', '_', 'i')
#define WORD_DRIVERS_PROBE WORD8('d', 'r', 'i', 'v', 'e', 'r', 's', '_')
#define WORD_AUTO_ONLINE WORD8('a', 'u', 't', 'o', '_', 'o', 'n', 'l')
#define WORD_SOFT_OFFLINE WORD8('s', 'o', 'f', 't', '_', 'o', 'f', 'f')
#define WORD_HARD_OFFLINE WORD8('h', 'a', 'r', 'd', '_', 'o', 'f', 'f')
#define WORD_MEMORY WORD8('m', 'e', 'm', 'o', 'r', 'y', 0, 0)
#define WORD_SYSTEM WORD8('s', 'y', 's', 't', 'e', 'm', 0, 0)
#define WORD_DRIVER WORD8('d', 'r', 'i', 'v', 'e', 'r', 0, 0)
#define WORD_DRIVERS WORD8('d', 'r', 'i', 'v', 'e', 'r', 's', 0)
#define WORD_DAX WORD8('d', 'a', 'x', 0, 0, 0, 0, 0)
#define WORD_KMEM WORD8('k', 'm', 'e', 'm', 0, 0, 0, 0)

/* The first eight letters of a name as a number to compare, 0 for none. */
static __always_inline __u64 first_word(const char *name)
{
	__u64 word[2] = {};

	if (!name || bpf_probe_read_kernel_str(word, sizeof(word), name) < 0)
		return 0;
	return word[0];
}

/* The name of a dax device as a key.  Returns its length, 0 if it has none. */
static __always_inline long device_name(struct daxguard_name *key, const struct device *dev)
{
	long n = bpf_probe_read_kernel_str(key->name, sizeof(key->name),
					   BPF_CORE_READ(dev, kobj.name));

	/* a name that fills the key may be a longer one cut off */
	if (n <= 1 || n == sizeof(key->name))
		return 0;
	return n;
}

static __always_inline __u32 device_attribute_kind(__u64 name)
{
	if (name == WORD_STATE)
		return DAXGUARD_KIND_STATE;
	if (name == WORD_HOTPLUG)
		return DAXGUARD_KIND_HOTPLUG;
	return DAXGUARD_KIND_NONE;
}

/* A file in the directory of a device: what it is on the buses we know. */
static __always_inline bool device_file(struct kernfs_node *dir, __u64 name, struct target *t)
{
	struct device *dev = (void *)BPF_CORE_READ(dir, priv);
	__u64 bus;

	dev = (void *)dev - bpf_core_field_offset(struct device, kobj);
	t->dev = dev;
	bus = first_word(BPF_CORE_READ(dev, bus, name));
	if (bus == WORD_MEMORY) {
		if (name != WORD_STATE && name != WORD_ONLINE && name != WORD_UEVENT)
			return false;
		t->what = name == WORD_UEVENT ? WHAT_UEVENT : WHAT_BLOCK;
		t->block = BPF_CORE_READ(dev, id);
		return true;
	}
	if (bus != WORD_DAX || !device_name(&t->device, dev))
		return false;
	t->bound = BPF_CORE_READ(dev, driver) != NULL;
	if (device_attribute_kind(name))
		t->what = WHAT_DEVICE;
	else if (name == WORD_MAPPING || name == WORD_SIZE || name == WORD_ALIGN)
		t->what = WHAT_LAYOUT;
	return t->what;
}

/* A file of the dax bus or one of its drivers, by the names of the directories. */
static __always_inline bool driver_file(struct kernfs_node *dir, __u64 name, struct target *t)
{
	struct kernfs_node *up = kernfs_parent(dir);

	if (name != WORD_DRIVERS_PROBE) {
		if (first_word(BPF_CORE_READ(up, name)) != WORD_DRIVERS)
			return false;
		t->kmem = first_word(BPF_CORE_READ(dir, name)) == WORD_KMEM;
		up = kernfs_parent(up);
		dir = up;
	}
	if (first_word(BPF_CORE_READ(dir, name)) != WORD_DAX)
		return false;
	t->what = name == WORD_UNBIND || name == WORD_REMOVE_ID ? WHAT_UNBIND : WHAT_BIND;
	return true;
}

/* A file of /sys/devices/system/memory itself. */
static __always_inline bool memory_file(struct kernfs_node *dir, __u64 name, struct target *t)
{
	if (first_word(BPF_CORE_READ(dir, name)) != WORD_MEMORY ||
	    first_word(BPF_CORE_READ(kernfs_parent(dir), name)) != WORD_SYSTEM)
		return false;
	t->what = name == WORD_AUTO_ONLINE ? WHAT_AUTO_ONLINE : WHAT_PAGE;
	return true;
}

/*
 * What a write to FILE, a kernfs file, changes.  Returns false where that is
 * nothing of ours.
 */
static __noinline bool find_target(struct file *file, struct target *t)
{
	struct kernfs_node *kn, *dir;
	bool found = false;
	__u64 name;

	if (!file || !t)
		return false;
	if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) != SYSFS_MAGIC)
		return false;
	kn = BPF_CORE_READ(file, f_inode, i_private);
	name = first_word(BPF_CORE_READ(kn, name));
	/* a removed node has a negative count; a write to it gets ENODEV */
	if (BPF_CORE_READ(kn, active.counter) < 0)
		return false;
	dir = kernfs_parent(kn);
	t->block = -1;
	switch (name) {
	case WORD_STATE:
	case WORD_ONLINE:
	case WORD_HOTPLUG:
	case WORD_MAPPING:
	case WORD_SIZE:
	case WORD_ALIGN:
	case WORD_UEVENT:
		found = device_file(dir, name, t);
		break;
	case WORD_BIND:
	case WORD_UNBIND:
	case WORD_NEW_ID:
	case WORD_REMOVE_ID:
	case WORD_DRIVERS_PROBE:
		found = driver_file(dir, name, t);
		break;
	case WORD_AUTO_ONLINE:
	case WORD_SOFT_OFFLINE:
	case WORD_HARD_OFFLINE:
		found = memory_file(dir, name, t);
	}
	if (found)
		bpf_probe_read_kernel_str(t->file, sizeof(t->file), BPF_CORE_READ(kn, name));
	return found;
}

#endif
