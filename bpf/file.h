/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which memory block or device a file changes, by its kernfs node: the same node
 * whatever the path, mount, namespace or descriptor it was reached by.
 */
#ifndef DAXGUARD_FILE_H
#define DAXGUARD_FILE_H

/* The operations of every kernfs file; 0 where kallsyms hides its address. */
extern const void kernfs_file_fops __ksym __weak;

struct target {
	struct daxguard_name device;
	char file[DAXGUARD_FILE_LEN];
	__s32 block; /* -1: the whole device */
	__u32 kind; /* of the transition that a write here makes, or NONE */
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

#define WORD8(a, b, c, d, e, f, g, h)                                          \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 |  \
	 (__u64)(e) << 32 | (__u64)(f) << 40 | (__u64)(g) << 48 |              \
	 (__u64)(h) << 56)

#define WORD_STATE WORD8('s', 't', 'a', 't', 'e', 0, 0, 0)
#define WORD_ONLINE WORD8('o', 'n', 'l', 'i', 'n', 'e', 0, 0)
#define WORD_HOTPLUG WORD8('h', 'o', 't', 'p', 'l', 'u', 'g', 0)
#define WORD_MEMORY WORD8('m', 'e', 'm', 'o', 'r', 'y', 0, 0)
#define WORD_DAX WORD8('d', 'a', 'x', 0, 0, 0, 0, 0)
#define WORD_KMEM WORD8('k', 'm', 'e', 'm', 0, 0, 0, 0)

/* A name of up to seven letters as a number to compare; 0 for a longer one. */
static __always_inline __u64 short_name(const char *name)
{
	__u64 word = 0;

	if (!name || bpf_probe_read_kernel_str(&word, sizeof(word), name) < 0)
		return 0;
	return word >> 56 ? 0 : word;
}

/* The name of a dax device as a key.  Returns its length, 0 if it has none. */
static __always_inline long device_name(struct daxguard_name *key,
					const struct device *dev)
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

/*
 * What a write to FILE, a kernfs file, changes.  Returns false where that is
 * neither a memory block's state nor a whole dax device.
 */
static __noinline bool find_target(struct file *file, struct target *t)
{
	struct kernfs_node *kn, *parent;
	struct device *dev;
	__u64 name, bus;

	if (!file || !t)
		return false;
	if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) != SYSFS_MAGIC)
		return false;
	kn = BPF_CORE_READ(file, f_inode, i_private);
	name = short_name(BPF_CORE_READ(kn, name));
	if (name != WORD_STATE && name != WORD_ONLINE && name != WORD_HOTPLUG)
		return false;
	/* a removed node has a negative count; a write to it gets ENODEV */
	if (BPF_CORE_READ(kn, active.counter) < 0)
		return false;
	parent = kernfs_parent(kn);
	dev = (void *)BPF_CORE_READ(parent, priv);
	dev = (void *)dev - bpf_core_field_offset(struct device, kobj);
	bus = short_name(BPF_CORE_READ(dev, bus, name));
	__builtin_memcpy(t->file, &name, sizeof(name));
	t->block = -1;
	t->kind = DAXGUARD_KIND_NONE;
	if (bus == WORD_MEMORY && name != WORD_HOTPLUG) {
		t->block = BPF_CORE_READ(dev, id);
		return true;
	}
	if (bus != WORD_DAX)
		return false;
	t->kind = device_attribute_kind(name);
	return t->kind && device_name(&t->device, dev);
}

#endif
