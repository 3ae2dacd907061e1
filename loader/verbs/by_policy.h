/* SPDX-License-Identifier: GPL-2.0-only */
/* online --by-policy: what policy says is to be done with a device that kmem has bound. */
#ifndef DAXGUARD_BY_POLICY_H
#define DAXGUARD_BY_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "libdaxguard.h"

/* Seconds to wait for whoever holds it: more than the longest hold, if policy leaves that. */
#define BY_POLICY_WAIT_S 660
#define BY_POLICY_LOOK_MS 100

/* Seconds without a new block after which no more are taken to come. */
#define BY_POLICY_COMING_S 60

/*
 * What sections for several devices say of DEVICE is put in force for it, where a guard is
 * loaded: it may have come since.  Returns 0 or an exit status after having said why not.
 */
int by_policy_apply(const char *device);

/*
 * The zone in which DEVICE is to be brought online by what is in force, DAXGUARD_ZONE_AUTO
 * where it is to be left as it is; where the guard is not loaded, by the configuration files.
 * Returns 0 or an exit status after having said why not.
 */
int by_policy_zone(const char *device, enum daxguard_zone *zone);

/* Is there something to be brought online, or has kmem let go of it? */
bool by_policy_concerns(const char *device);

/* What came of the looks at a device until now; zeroed before the first. */
struct waiting {
	size_t absent; /* blocks that were not there at the last look */
	double since_s; /* that it has been so many */
	size_t asked; /* of how many blocks udev has been told again */
};

/* Does somebody else hold DEVICE? */
bool by_policy_held(const char *device);

/* Are blocks of DEVICE still to come, because kmem is at binding it? */
bool by_policy_coming(const char *device, struct waiting *waiting);

/*
 * Policy is to leave DEVICE as it is: that is reported, with what udev was ASKED again.
 * Returns an exit status.
 */
int by_policy_leave(const char *device, size_t asked);

/* Report that nothing is done with the device, and why.  Returns an exit status. */
int by_policy_left(const char *device, const char *why);

#endif
