/* SPDX-License-Identifier: GPL-2.0-only */
/* What `daxguard metrics` says, by name: the names and labels are a promise to dashboards. */
#ifndef DAXGUARD_FAMILIES_H
#define DAXGUARD_FAMILIES_H

#include <json-c/json.h>
#include <linux/types.h>
#include <stdbool.h>

#include "guard/counters.h"
#include "guard/guard.h"
#include "guard/tally.h"
#include "model.h"
#include "policy/policy.h"

/* What is in force for a device, or for '*'. */
struct metrics_policy {
	const char *device;
	struct policy_rules rules;
};

struct metrics {
	bool loaded;
	bool broken; /* half a guard, another's, or one that the kernel does not call */
	__u32 hooks; /* enum daxguard_hooks */
	struct counter counters[NR_COUNTERS];
	struct guard_transitions running;
	struct guard_blocks known; /* by the guard */
	struct culprits culprits;
	struct metrics_policy *policies;
	size_t nr_policies;
	struct dax_devices devices;
};

/* The families, for exposition_write(); without the guard only those that need none. */
struct json_object *metrics_families(const struct metrics *m);

#endif
