/* SPDX-License-Identifier: GPL-2.0-only */
/* What the maps of policy are to have by the configuration, and what stays by hand. */
#ifndef DAXGUARD_POLICY_PLAN_H
#define DAXGUARD_POLICY_PLAN_H

#include <stdbool.h>

#include "guard/batch.h"
#include "guard/origins.h"
#include "policy/section.h"

struct plan {
	struct batch *batch;
	const struct origins *origins; /* as they are */
	bool keep; /* what is not from where the origins say is by hand, and stays */
	bool tell; /* say so */
	__u8 mode; /* of '*' where no file says it, 0: as it is */
};

/* All of it, for the devices that are there and those that have entries or sections. */
int policy_plan_all(const struct plan *plan, const struct policy_lines *lines);

/* The device alone, by what was loaded last.  Both return 0 or a negative errno. */
int policy_plan_device(const struct plan *plan, const struct daxguard_name *device);

/* Was the value set by hand, by what is known of it? */
bool policy_by_hand(const struct daxguard_origin *origin, __u32 value, __u32 built_in);

#endif
