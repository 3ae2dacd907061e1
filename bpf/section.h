/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a memory block is there and online, from the kernel's own section table. */
#ifndef DAXGUARD_SECTION_H
#define DAXGUARD_SECTION_H

/*
 * struct mem_section **mem_section with SPARSEMEM_EXTREME, which x86-64 has; 0
 * where kallsyms hides it.  Its flags are what the kernel itself goes by.
 */
extern const void mem_section __ksym __weak;

#define SECTION_SIZE_BITS 27 /* x86-64, 128 MiB */
#define SECTION_MARKED_PRESENT (1UL << 0)
#define SECTION_IS_ONLINE (1UL << 2)

/* The section flags of memory block NR; 0 where it is not there or not known. */
static __always_inline unsigned long block_flags(__u32 nr)
{
	__u64 size = bpf_core_type_size(struct mem_section);
	__u64 section = nr * (daxguard_state.block_size >> SECTION_SIZE_BITS);
	__u64 per_root = size ? (1UL << PAGE_SHIFT) / size : 0;
	struct mem_section **roots, *root, *s;
	unsigned long flags;

	if (!&mem_section || !per_root ||
	    bpf_probe_read_kernel(&roots, sizeof(roots), &mem_section) || !roots ||
	    bpf_probe_read_kernel(&root, sizeof(root), &roots[section / per_root]) || !root)
		return 0;
	s = (void *)root + (section % per_root) * size;
	flags = BPF_CORE_READ(s, section_mem_map);
	return flags;
}

static __always_inline bool sections_known(void)
{
	return &mem_section != NULL;
}

struct block_search {
	struct daxguard_name device;
	bool any; /* of any device whose policy refuses an unbind */
	bool found;
};

static long search_online(struct bpf_map *map, const __u32 *nr, struct daxguard_block *b,
			  struct block_search *s)
{
	struct daxguard_name name = b->device;
	const struct daxguard_policy *p;

	if (!s->any && !same_name(&name, &s->device))
		return 0;
	if (!(block_flags(*nr) & SECTION_IS_ONLINE))
		return 0;
	p = policy_of(&name);
	if (p && !(p->flags & DAXGUARD_REFUSE_UNBIND))
		return 0;
	s->found = true;
	s->device = name;
	return 1;
}

/* Is a block online of DEVICE, or where NULL of any, that may not be unbound so? */
static __noinline bool online_block_guarded(struct daxguard_name *device, bool any)
{
	struct block_search s = { .any = any };

	if (!device)
		return false;
	s.device = *device;
	bpf_for_each_map_elem(&blocks, search_online, &s, 0);
	*device = s.device;
	return s.found;
}

#endif
