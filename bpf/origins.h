/* SPDX-License-Identifier: GPL-2.0-only */
/* The map of origins, which no program looks at: the loader keeps it here beside what it tells
 * of. */
#ifndef DAXGUARD_BPF_ORIGINS_H
#define DAXGUARD_BPF_ORIGINS_H

#include "base.h"
#include "daxguard_origins.h"

/* Not preallocated: it is written by a process only, and most of it stays empty. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct daxguard_origin_key);
	__type(value, struct daxguard_origin);
} origins SEC(".maps") __weak;

#endif
