/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is refused, by program, user and unit: each time, for as long as the guard is loaded. */
#ifndef DAXGUARD_BPF_TALLY_H
#define DAXGUARD_BPF_TALLY_H

#include "event.h"
#include "file.h"

/* The last part of the path of the current task's cgroup: that is gone before its name matters.
 */
static __always_inline void current_unit(char *unit)
{
	const char *name;

	name = BPF_CORE_READ(bpf_get_current_task_btf(), cgroups, dfl_cgrp, kn, name);
	if (!name || bpf_probe_read_kernel_str(unit, DAXGUARD_UNIT_LEN, name) < 0)
		unit[0] = 0;
}

/* What KEY has been counted, made where it was not there; NULL where there is no room. */
static __always_inline struct daxguard_tally *tally_entry(const struct daxguard_tally_key *key)
{
	struct daxguard_tally *t = bpf_map_lookup_elem(&tally, key), fresh = {};

	if (t)
		return t;
	fresh.first_ns = bpf_ktime_get_boot_ns();
	fresh.cgroup = bpf_get_current_cgroup_id();
	/* or another task was faster */
	bpf_map_update_elem(&tally, key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&tally, key);
}

/*
 * What the current task did to T, which is about DEVICE, has become an event of TYPE, 0 for
 * none.  Asked for each, not only for those that are sent.
 */
__subprog_alone int tally_write(const struct target *t, const struct daxguard_name *device,
				__u32 type)
{
	struct daxguard_tally_key key = { .event = type };
	struct daxguard_tally *sum;

	if (!t || !device || !type)
		return 0;
	key.device = *device;
	key.uid = (__u32)bpf_get_current_uid_gid();
	task_exe(bpf_get_current_task_btf(), key.exe);
	current_unit(key.unit);
	sum = tally_entry(&key);
	if (!sum) {
		__builtin_memset(&key, 0, sizeof(key));
		key.event = type;
		sum = tally_entry(&key); /* made by the loader */
	}
	if (!sum)
		return 0;
	if (!sum->first_ns) /* the loader's */
		sum->first_ns = bpf_ktime_get_boot_ns();
	__sync_fetch_and_add(&sum->count, 1);
	sum->last_ns = bpf_ktime_get_boot_ns();
	__builtin_memcpy(sum->file, t->file, sizeof(sum->file));
	return 0;
}

#endif
