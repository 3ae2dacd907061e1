/* SPDX-License-Identifier: GPL-2.0-only */
/* The pinned map "origins": where each value in the maps of policy and lists comes from. */
#ifndef DAXGUARD_ORIGINS_MAP_H
#define DAXGUARD_ORIGINS_MAP_H

#include <stddef.h>

#include "daxguard_origins.h"
#include "policy/section.h"

struct batch;

struct origin_entry {
	struct daxguard_origin_key key;
	struct daxguard_origin origin;
};

struct origins {
	struct origin_entry *list;
	size_t nr;
};

/* Returns 0 or a negative errno; free(list) in both cases. */
int origins_read(struct origins *all);

/* THING is a device's name, or the key of an entry of a list; NULL where nothing is known. */
const struct daxguard_origin *origin_find(const struct origins *all, const char *what,
					  const void *thing);

/* Changes of them, for when the batch runs. */
void origin_put(struct batch *b, const char *what, const void *thing,
		const struct daxguard_origin *origin);
void origin_drop(struct batch *b, const char *what, const void *thing);

/* The origin that a line of a file is. */
struct daxguard_origin origin_of_line(const struct policy_line *line);

/*
 * The lines of the configuration as they were loaded that may concern the device: of its own
 * section and of patterns.  Returns 0 or -ENOMEM; free(list) in both cases.
 */
int origins_lines(const struct origins *all, const struct daxguard_name *device,
		  struct policy_lines *lines);

#define FROM_HAND "by hand"
#define FROM_BUILT_IN "built in"

/* "built in", "by hand", "FILE:LINE": for a VALUE of which ORIGIN, or NULL, is known. */
const char *origin_text(const struct daxguard_origin *origin, __u32 value, __u32 built_in);

/* The same of an entry of a list, whose value is that it is there. */
const char *origin_of_listed(const struct daxguard_origin *origin);

#endif
