/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which memory block, device or knob a file changes, by its kernfs node: the same
 * node whatever the path, mount, namespace or descriptor it was reached by.
 */
#ifndef DAXGUARD_FILE_H
#define DAXGUARD_FILE_H

#include "compat.h"
#include "knobs.h"
#include "words.h"

struct target {
	struct daxguard_name device;
	char file[DAXGUARD_FILE_LEN];
	union {
		struct device *dev; /* whose directory the file is in, if a device's */
		struct file *opened; /* the file itself, until it is looked at */
	};
	struct kernfs_node *dir; /* the directory itself */
	__s32 block; /* -1: none */
	__u32 what; /* enum daxguard_knob_kind */
	bool bound; /* the device has a driver */
	bool kmem; /* a file of that driver */
	__u8 no_hole[6];
};

static __always_inline __u32 device_attribute_kind(__u64 name)
{
	if (name == WORD_STATE)
		return DAXGUARD_KIND_STATE;
	if (name == WORD_HOTPLUG)
		return DAXGUARD_KIND_HOTPLUG;
	return DAXGUARD_KIND_NONE;
}

/* What the file NAME is in a directory of this kind. */
static __always_inline __u32 knob_in(enum daxguard_knob_place here, __u64 name)
{
#define ONE_KNOB(place, file, kind)                      \
	if (PLACE_##place == here && name == WORD(file)) \
		return WHAT_##kind;
	DAXGUARD_KNOBS(ONE_KNOB, ONE_KNOB)
#undef ONE_KNOB
	return WHAT_NOTHING;
}

/* One in the directory of a device that may have dax devices below it. */
static __always_inline bool above_file(__u64 bus, __u64 name, struct target *t)
{
	if (bus == WORD_PCI)
		t->what = knob_in(PLACE_PCI, name);
	else if (bus == WORD_CXL)
		t->what = knob_in(PLACE_CXL, name);
	else if (bus == WORD_ACPI)
		t->what = knob_in(PLACE_ACPI, name);
	return t->what;
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
		t->what = knob_in(PLACE_BLOCK, name);
		t->block = BPF_CORE_READ(dev, id);
		return t->what;
	}
	if (bus != WORD_DAX)
		return above_file(bus, name, t);
	if (!device_name(&t->device, dev))
		return false;
	t->bound = BPF_CORE_READ(dev, driver) != NULL;
	t->what = knob_in(PLACE_DEVICE, name);
	return t->what;
}

/* A file of the dax bus or of a driver, by the names of the directories. */
static __always_inline bool driver_file(struct kernfs_node *dir, __u64 name, struct target *t)
{
	struct kernfs_node *up = kernfs_parent(dir);

	t->what = knob_in(PLACE_BUS, name);
	if (t->what)
		return first_word(BPF_CORE_READ(dir, name)) == WORD_DAX;
	if (first_word(BPF_CORE_READ(up, name)) != WORD_DRIVERS)
		return false;
	if (first_word(BPF_CORE_READ(kernfs_parent(up), name)) == WORD_DAX) {
		t->what = knob_in(PLACE_DRIVER, name);
		t->kmem = first_word(BPF_CORE_READ(dir, name)) == WORD_KMEM;
	} else {
		t->what = knob_in(PLACE_OTHER, name);
	}
	return t->what;
}

/* What a dax region, which is any device that has dax devices, has in a group of its own. */
static __always_inline bool region_file(struct kernfs_node *dir, __u64 name, struct target *t)
{
	if (first_word(BPF_CORE_READ(dir, name)) != WORD_DAX_REGION)
		return false;
	t->what = knob_in(PLACE_REGION, name);
	return true;
}

/* A file of a slot of pci. */
static __always_inline bool slot_file(struct kernfs_node *dir, __u64 name, struct target *t)
{
	if (first_word(BPF_CORE_READ(kernfs_parent(dir), name)) != WORD_SLOTS)
		return false;
	t->what = knob_in(PLACE_SLOT, name);
	return true;
}

/* A file of /sys/devices/system/memory itself. */
static __always_inline bool memory_file(struct kernfs_node *dir, __u64 name, struct target *t)
{
	if (first_word(BPF_CORE_READ(dir, name)) != WORD_MEMORY ||
	    first_word(BPF_CORE_READ(kernfs_parent(dir), name)) != WORD_SYSTEM)
		return false;
	t->what = knob_in(PLACE_MEMORY, name);
	return true;
}

static __always_inline bool knob_at(enum daxguard_knob_place place, struct kernfs_node *dir,
				    __u64 name, struct target *t)
{
	switch (place) {
#define ONE_PLACE(place, path, find) \
	case PLACE_##place:          \
		return find(dir, name, t);
		DAXGUARD_KNOB_PLACES(ONE_PLACE)
#undef ONE_PLACE
	}
	return false;
}

/* For find_target(): it takes the file in T, as it is to be handed no pointer of the kernel. */
__subprog_alone bool look_at_opened(struct target *t)
{
	struct kernfs_node *kn, *dir;
	struct file *file;
	bool found = false;
	__u64 name;

	if (!t)
		return false;
	file = t->opened;
	t->dev = NULL;
	if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) != SYSFS_MAGIC)
		return false;
	kn = BPF_CORE_READ(file, f_inode, i_private);
	name = first_word(BPF_CORE_READ(kn, name));
	/* a removed node has a negative count; a write to it gets ENODEV */
	if (BPF_CORE_READ(kn, active.counter) < 0)
		return false;
	dir = kernfs_parent(kn);
	t->dir = dir;
	t->block = -1;
	switch (name) {
#define ONE_KNOB(place, file, kind)                           \
	case WORD(file):                                      \
		found = knob_at(PLACE_##place, dir, name, t); \
		break;
#define ONE_AGAIN(place, file, kind)
		DAXGUARD_KNOBS(ONE_KNOB, ONE_AGAIN)
#undef ONE_KNOB
#undef ONE_AGAIN
	}
	if (found)
		bpf_probe_read_kernel_str(t->file, sizeof(t->file), BPF_CORE_READ(kn, name));
	return found;
}

/*
 * What a write to FILE, a kernfs file, changes.  Returns false where that is
 * nothing of ours.
 */
static __always_inline bool find_target(struct file *file, struct target *t)
{
	t->opened = file;
	return look_at_opened(t);
}

#endif
