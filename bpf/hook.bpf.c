// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel hook: decides under device_hotplug_lock, where no change can get past.
 * A program with a fmod_ret has a recursion guard, but the lock keeps two changes
 * from ever running at once, so a run cannot be skipped.
 */
#include "block.h"
#include "decide.h"
#include "zone.h"

/*
 * Has the owner of the device asked that no block of it come online yet?  A bind onlines
 * them as auto_online_blocks says, and its owner may want them elsewhere.  Its own wish,
 * and so no refusal to be counted.  It ends with the transition.
 */
static __noinline bool is_kept_offline(const struct daxguard_name *device)
{
	__u64 *state = bpf_map_lookup_elem(&kept_offline, device);
	struct daxguard_transition *t;

	if (!device || !state)
		return false;
	t = bpf_map_lookup_elem(&transitions, device);
	return t && READ(t->state) == *state;
}

static __always_inline int hook_decide(__u32 block, bool online)
{
	struct target t = { .block = block, .what = WHAT_BLOCK };
	int verdict;

	if (!block_device(&t))
		return 0;
	if (online)
		__builtin_memcpy(t.file, "online", 7);
	else
		__builtin_memcpy(t.file, "offline", 8);
	verdict = decide(&t, DAXGUARD_HOOK_KERNEL);
	if (!verdict && online && is_kept_offline(&t.device))
		verdict = -EBUSY;
	return verdict;
}

/* Bytes in a page, which the machine tells: arm64 has three sizes. */
const volatile __u64 daxguard_page_size = 4096;

/* The block that the page frame is in, which is not its first where it has its own memmap. */
static __always_inline __u32 block_of(unsigned long pfn, __u64 size)
{
	return pfn * daxguard_page_size / size;
}

/* The block was to come online, and this is the zone that it is to get. */
static __always_inline int zone_decide(__u32 block, bool movable)
{
	struct target t = { .block = block, .what = WHAT_BLOCK };
	__u32 zone = movable ? DAXGUARD_ONLY_MOVABLE : DAXGUARD_ONLY_KERNEL;

	if (!block_device(&t))
		return 0;
	__builtin_memcpy(t.file, "online", 7);
	return daxguard_refuse_zone(&t, zone, DAXGUARD_HOOK_KERNEL) ? -EBUSY : 0;
}

/* Stock kernels: the module's memory notifier asks. */
SEC("fmod_ret/security_daxguard_memory_change")
int BPF_PROG(daxguard_memory_change, unsigned long online, unsigned long start_pfn,
	     unsigned long nr_pages)
{
	__u64 size = READ(daxguard_state.block_size);

	return size ? hook_decide(block_of(start_pfn, size), online) : 0;
}

/* A module that knows zones asks this, too, after the other has agreed. */
SEC("fmod_ret/security_daxguard_memory_zone")
int BPF_PROG(daxguard_memory_zone, unsigned long start_pfn, unsigned long nr_pages,
	     unsigned long movable)
{
	__u64 size = READ(daxguard_state.block_size);

	return size ? zone_decide(block_of(start_pfn, size), movable) : 0;
}

/* A kernel with our patch: the bus callbacks themselves may be answered. */
SEC("fmod_ret/memory_subsys_online")
int BPF_PROG(daxguard_memory_subsys_online, struct device *dev)
{
	return hook_decide(dev->id, true);
}

SEC("fmod_ret/memory_subsys_offline")
int BPF_PROG(daxguard_memory_subsys_offline, struct device *dev)
{
	return hook_decide(dev->id, false);
}

/* The same with a patch that knows zones, of which only one has that name. */
SEC("fmod_ret/memory_block_check_zone")
int BPF_PROG(daxguard_memory_block_check_zone, struct memory_block *mem, struct zone *zone)
{
	return zone_decide(BPF_CORE_READ(mem, dev.id),
			   first_word(BPF_CORE_READ(zone, name)) == WORD("Movable"));
}
