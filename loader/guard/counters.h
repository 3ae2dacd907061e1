/* SPDX-License-Identifier: GPL-2.0-only */
/* What the loaded guard has counted. */
#ifndef DAXGUARD_COUNTERS_H
#define DAXGUARD_COUNTERS_H

#include <linux/types.h>
#include <stddef.h>

#include "daxguard.h"

struct counter {
	const char *name; /* as in `status` and its JSON */
	__u64 sum; /* over all CPUs */
};

/* Those of the programs, and "missed", the runs that the kernel left out. */
#define NR_COUNTERS (DAXGUARD_NR_COUNTERS + 1)

/* As in `status` and its JSON. */
const char *counter_name(size_t which);

/* Returns 0 or a negative errno. */
int counters_read(struct counter counters[NR_COUNTERS]);

#endif
