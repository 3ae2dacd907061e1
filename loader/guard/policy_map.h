/* SPDX-License-Identifier: GPL-2.0-only */
/* The pinned map "policy": what is refused, for each device and for '*'. */
#ifndef DAXGUARD_POLICY_MAP_H
#define DAXGUARD_POLICY_MAP_H

#include <stddef.h>

#include "policy/policy.h"

struct config;

struct policy_entry {
	struct daxguard_name device;
	struct daxguard_policy policy;
};

struct policy_entries {
	struct policy_entry *list; /* by device */
	size_t nr;
};

/* Returns 0 or a negative errno; free(list) in both cases. */
int policy_map_read(struct policy_entries *all);

/* Say for which errno that failed; EXIT_FAILED. */
int policy_map_failed(int err);

/* The policy of '*' that is in force.  Returns 0 or a negative errno. */
int policy_map_any(struct daxguard_policy *policy);

/*
 * Lay the change over the device's entry, which begins as what is in force for it.  Needs
 * the guard loaded.  Returns an exit status and has said why.
 */
int policy_map_change(const struct daxguard_name *device, const struct policy_change *change);

/* Back to what is built in for '*', to what '*' says for a device.  The same returns. */
int policy_map_reset(const struct daxguard_name *device);

/* The entries that the configuration names.  Returns 0 or a negative errno. */
int policy_map_configure(const struct config *config);

#endif
