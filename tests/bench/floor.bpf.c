// SPDX-License-Identifier: GPL-2.0-only
/* The floor: an LSM program that does nothing, as cheap as one can be. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("lsm/file_permission")
int BPF_PROG(floor_file_permission, struct file *file, int mask)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
