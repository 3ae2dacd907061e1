/* SPDX-License-Identifier: GPL-2.0-only */
/* Which zone a whole-device verb may ask for, by what policy says of the device. */
#ifndef DAXGUARD_ZONE_H
#define DAXGUARD_ZONE_H

#include "policy/policy.h"
#include "verbs/change.h"

/*
 * May all devices that TEXT stands for come online in the zone that was asked for?  Returns 0
 * or an exit status after having said which may not; nothing is changed.
 */
int zone_check(const struct change_request *req, const char *text);

/* The zone to ask for: of DAXGUARD_ZONE_AUTO the only one that policy allows, if it says so. */
enum daxguard_zone zone_for(const char *device, enum daxguard_zone asked);

/* The only zone in which its blocks may come online, AUTO where there is none such. */
enum daxguard_zone zone_only(const char *device);

/* The two by what is in force; for the unit test. */
int zone_check_rules(const char *device, const struct policy_rules *rules,
		     enum daxguard_zone asked);
enum daxguard_zone zone_by_rules(const struct policy_rules *rules, enum daxguard_zone asked);

#endif
