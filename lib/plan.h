/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which blocks have to change, in which order, for a device to be as wanted. */
#ifndef DAXGUARD_PLAN_H
#define DAXGUARD_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "libdaxguard.h"
#include "model.h"

/* What one block should be. */
struct want {
	enum block_state state; /* BLOCK_GOING_OFFLINE: anything will do */
	bool movable; /* of an online one: Movable, else any other zone */
};

enum change {
	CHANGE_OFFLINE,
	CHANGE_MOVABLE,
	CHANGE_KERNEL,
};

struct step {
	size_t block; /* index in the device's blocks */
	enum change change;
};

struct plan {
	struct step *steps;
	size_t nr;
	size_t absent; /* blocks wanted that are not there: no step makes one */
};

/* Is ZONE, from valid_zones, the movable one? */
bool zone_is_movable(const char *zone);

/* Whether ZONE means Movable for this device as it is now. */
bool zone_resolve(const struct dax_device *dev, enum daxguard_zone zone);

/*
 * Every block like WANT, but that one which is absent is offline enough.  Returns an
 * array to free, or NULL: no memory.
 */
struct want *want_all(const struct dax_device *dev, struct want want);

/* Every block like it is now, to go back to; the same. */
struct want *want_former(const struct dax_device *dev);

bool block_is(const struct dax_block *block, const struct want *want);

/*
 * The steps from what DEV is to WANT.  What has to go offline goes first, the highest
 * block before the others: that is where failures are, and the end of a zone shrinks
 * cheapest.  Then what comes online, the lowest first.  Returns 0 or -ENOMEM; free the
 * steps in both cases.
 */
int plan_make(struct plan *plan, const struct dax_device *dev, const struct want *want);

/* The word for memoryN/state. */
const char *change_word(enum change change);

/*
 * The word for the whole-device attribute NAME ("state" or "hotplug") that takes the
 * memory away.
 */
const char *unplug_word(const char *name);

/* "absent", "offline", "going offline", "online". */
const char *state_name(enum block_state state);

/*
 * "memory32-38 online Movable, memory39 offline", in BUF, cut with "..." where it
 * does not fit.  Returns BUF.
 */
char *blocks_text(const struct dax_device *dev, char *buf, size_t size);

#endif
