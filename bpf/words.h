/* SPDX-License-Identifier: GPL-2.0-only */
/* Names as numbers: the first eight letters of a file, a directory or a bus. */
#ifndef DAXGUARD_BPF_WORDS_H
#define DAXGUARD_BPF_WORDS_H

#include "base.h"

#define LETTER(text, i) \
	((__u64)(sizeof(text) > (i) ? (text)[sizeof(text) > (i) ? (i) : 0] : 0) << 8 * (i))

/* The same for a text that is known here: the compiler works it out. */
#define WORD(text)                                                               \
	(LETTER(text, 0) | LETTER(text, 1) | LETTER(text, 2) | LETTER(text, 3) | \
	 LETTER(text, 4) | LETTER(text, 5) | LETTER(text, 6) | LETTER(text, 7))

#define WORD_STATE WORD("state")
#define WORD_HOTPLUG WORD("hotplug")
#define WORD_SIZE WORD("size")
#define WORD_BIND WORD("bind")
#define WORD_MEMORY WORD("memory")
#define WORD_SYSTEM WORD("system")
#define WORD_DRIVER WORD("driver")
#define WORD_DRIVERS WORD("drivers")
#define WORD_DAX WORD("dax")
#define WORD_KMEM WORD("kmem")
#define WORD_UNBIND WORD("unbind")
#define WORD_PCI WORD("pci")
#define WORD_CXL WORD("cxl")
#define WORD_ACPI WORD("acpi")
#define WORD_SLOTS WORD("slots")
#define WORD_DAX_REGION WORD("dax_region")

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

#endif
