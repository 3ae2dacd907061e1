// SPDX-License-Identifier: GPL-2.0-only
/* A veto on one memory block, at a patched kernel's refusal point: makes the k-th step fail. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

const volatile __u32 denied_block;
const volatile bool deny_online;

static __always_inline int answer(struct device *dev, bool online)
{
	/* an errno that nothing else in these tests gives */
	return dev->id == denied_block && online == deny_online ? -71 /* EPROTO */ : 0;
}

SEC("fmod_ret/memory_subsys_online")
int BPF_PROG(deny_memory_subsys_online, struct device *dev)
{
	return answer(dev, true);
}

SEC("fmod_ret/memory_subsys_offline")
int BPF_PROG(deny_memory_subsys_offline, struct device *dev)
{
	return answer(dev, false);
}

char LICENSE[] SEC("license") = "GPL";
