/* SPDX-License-Identifier: GPL-2.0-only */
/* The pinned maps "policy" and "policy_more": what is in force for each device and for '*'. */
#ifndef DAXGUARD_POLICY_MAP_H
#define DAXGUARD_POLICY_MAP_H

#include <stddef.h>

#include "policy/policy.h"

struct batch;

/* What is in force for a device that has an entry of its own in one of them. */
struct policy_entry {
	struct daxguard_name device;
	struct policy_rules rules;
	unsigned int own; /* the halves that are its own, a bit for each */
};

struct policy_entries {
	struct policy_entry *list; /* by device */
	size_t nr;
};

/* Returns 0 or a negative errno; free(list) in both cases. */
int policy_map_read(struct policy_entries *all);

/* Say for which errno that failed; EXIT_FAILED. */
int policy_map_failed(int err);

/*
 * What is in force for the device, or for '*': its own entries, where it has none those of
 * '*', where that has none what is built in.  Returns 0 or a negative errno, -ENOENT
 * where the guard is not loaded.
 */
int policy_map_in_force(const struct daxguard_name *device, struct policy_rules *rules);

/*
 * Lay the change over the device's entries, which begin as what is in force for it: over
 * both or none.  Needs the guard loaded.  Returns an exit status and has said why.
 */
int policy_map_change(const struct daxguard_name *device, const struct policy_change *change);

/* The same by whoever has the lock. */
int policy_map_change_locked(const struct daxguard_name *device,
			     const struct policy_change *change);

/* Back to what is built in for '*', to what '*' says for a device.  The same returns. */
int policy_map_reset(const struct daxguard_name *device);

/* Make sure that '*' has both, with MODE where that is not 0.  Returns 0 or a negative errno. */
int policy_map_seed(__u8 mode);

/* Changes of a half of a device's entries, for when the batch runs. */
void policy_map_put(struct batch *b, const struct daxguard_name *device, enum policy_half half,
		    const struct policy_rules *rules);
void policy_map_drop(struct batch *b, const struct daxguard_name *device,
		     enum policy_half half);

#endif
