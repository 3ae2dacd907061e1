// SPDX-License-Identifier: GPL-2.0-only
/* A veto on one memory block, at whichever refusal point there is: makes the k-th step fail. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

const volatile __u32 denied_block;
const volatile bool deny_online;
const volatile __u64 pages_per_block;

static __always_inline int answer(__u32 block, bool online)
{
	/* an errno that nothing else in these tests gives; the module makes it EBUSY */
	return block == denied_block && online == deny_online ? -71 /* EPROTO */ : 0;
}

SEC("fmod_ret/security_daxguard_memory_change")
int BPF_PROG(deny_memory_change, unsigned long online, unsigned long start_pfn)
{
	return answer(start_pfn / pages_per_block, online);
}

SEC("fmod_ret/memory_subsys_online")
int BPF_PROG(deny_memory_subsys_online, struct device *dev)
{
	return answer(dev->id, true);
}

SEC("fmod_ret/memory_subsys_offline")
int BPF_PROG(deny_memory_subsys_offline, struct device *dev)
{
	return answer(dev->id, false);
}

char LICENSE[] SEC("license") = "GPL";
