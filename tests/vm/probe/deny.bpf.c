// SPDX-License-Identifier: GPL-2.0-only
/* A veto on one memory block, at whichever refusal point there is: makes the k-th step fail. */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "deny.h"

const volatile __u32 denied_block;
const volatile __u32 denied; /* enum denied */
const volatile __u64 pages_per_block;

/* How often each zone was asked about for that block. */
__u32 asked_kernel, asked_movable;

static __always_inline int answer(__u32 block, __u32 what)
{
	/* an errno that nothing else in these tests gives; the module makes it EBUSY */
	return block == denied_block && what == denied ? -71 /* EPROTO */ : 0;
}

static __always_inline int answer_zone(__u32 block, bool movable)
{
	if (block == denied_block)
		__sync_fetch_and_add(movable ? &asked_movable : &asked_kernel, 1);
	return answer(block, movable ? DENIED_MOVABLE : DENIED_KERNEL);
}

SEC("fmod_ret/security_daxguard_memory_change")
int BPF_PROG(deny_memory_change, unsigned long online, unsigned long start_pfn)
{
	return answer(start_pfn / pages_per_block, online ? DENIED_ONLINE : DENIED_OFFLINE);
}

SEC("fmod_ret/security_daxguard_memory_zone")
int BPF_PROG(deny_memory_zone, unsigned long start_pfn, unsigned long nr_pages,
	     unsigned long movable)
{
	return answer_zone(start_pfn / pages_per_block, movable);
}

SEC("fmod_ret/memory_subsys_online")
int BPF_PROG(deny_memory_subsys_online, struct device *dev)
{
	return answer(dev->id, DENIED_ONLINE);
}

SEC("fmod_ret/memory_subsys_offline")
int BPF_PROG(deny_memory_subsys_offline, struct device *dev)
{
	return answer(dev->id, DENIED_OFFLINE);
}

SEC("fmod_ret/memory_block_check_zone")
int BPF_PROG(deny_memory_block_check_zone, struct memory_block *mem, struct zone *zone)
{
	char name[4] = "";

	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(zone, name));
	return answer_zone(BPF_CORE_READ(mem, dev.id), name[0] == 'M'); /* "Movable" */
}

char LICENSE[] SEC("license") = "GPL";
