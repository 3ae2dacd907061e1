// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel hook: decides under device_hotplug_lock, where no change can get past.
 * A program with a fmod_ret has a recursion guard, but the lock keeps two changes
 * from ever running at once, so a run cannot be skipped.
 */
#include "arch.h"
#include "block.h"
#include "decide.h"

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

/* Stock kernels: the module's memory notifier asks. */
SEC("fmod_ret/security_daxguard_memory_change")
int BPF_PROG(daxguard_memory_change, unsigned long online, unsigned long start_pfn,
	     unsigned long nr_pages)
{
	__u64 size = READ(daxguard_state.block_size);

	/* with memmap_on_memory start_pfn lies behind the first page of the block */
	return size ? hook_decide((start_pfn << PAGE_SHIFT) / size, online) : 0;
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
