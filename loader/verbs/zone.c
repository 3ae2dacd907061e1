// SPDX-License-Identifier: GPL-2.0-only
/* Which zone a whole-device verb may ask for, by what policy says of the device. */
#include "verbs/zone.h"

#include <errno.h>

#include "ancestry.h"
#include "cli.h"
#include "control.h"
#include "guard/policy_map.h"
#include "show/report.h"

/*
 * Nothing but what is built in where no guard is loaded.  Who may not look at one cannot
 * change a device either, and is told so where that is tried.
 */
static int rules_of(const char *device, struct policy_rules *rules)
{
	struct daxguard_name name;
	int err = device_key(&name, device, false);

	if (!err)
		err = policy_map_in_force(&name, rules);
	if (!err)
		return 0;
	*rules = policy_default();
	return err == -ENOENT || err == -EINVAL || err == -EPERM || err == -EACCES ? 0 : err;
}

enum daxguard_zone zone_by_rules(const struct policy_rules *rules, enum daxguard_zone asked)
{
	__u8 only = policy_zone(&rules->more);

	if (asked != DAXGUARD_ZONE_AUTO || only == DAXGUARD_ONLY_ANY)
		return asked;
	return only == DAXGUARD_ONLY_KERNEL ? DAXGUARD_ZONE_KERNEL : DAXGUARD_ZONE_MOVABLE;
}

enum daxguard_zone zone_for(const char *device, enum daxguard_zone asked)
{
	struct policy_rules rules;

	return rules_of(device, &rules) ? asked : zone_by_rules(&rules, asked);
}

/* What audit and off let through, these verbs may ask for. */
static bool is_enforced(const struct policy_rules *rules)
{
	return rules->policy.mode != DAXGUARD_MODE_OFF &&
	       rules->policy.mode != DAXGUARD_MODE_AUDIT;
}

enum daxguard_zone zone_only(const char *device)
{
	struct policy_rules rules;

	if (rules_of(device, &rules) || !is_enforced(&rules))
		return DAXGUARD_ZONE_AUTO;
	return zone_by_rules(&rules, DAXGUARD_ZONE_AUTO);
}

int zone_check_rules(const char *device, const struct policy_rules *rules,
		     enum daxguard_zone asked)
{
	enum daxguard_zone only = zone_by_rules(rules, DAXGUARD_ZONE_AUTO);

	if (asked == DAXGUARD_ZONE_AUTO || only == DAXGUARD_ZONE_AUTO || only == asked ||
	    !is_enforced(rules))
		return 0;
	return fail(EXIT_FAILED,
		    "'%s' may come online in %s only: use --zone=%s, or allow it with "
		    "'daxguard policy set %s zone=any'",
		    device,
		    only == DAXGUARD_ZONE_KERNEL ? "the kernel's zones" : "the movable zone",
		    only == DAXGUARD_ZONE_KERNEL ? "kernel" : "movable", device);
}

static int check_device(const struct change_request *req, const char *device)
{
	struct policy_rules rules;
	int err = rules_of(device, &rules);

	return err ? policy_map_failed(err) : zone_check_rules(device, &rules, req->zone);
}

int zone_check(const struct change_request *req, const char *text)
{
	struct device_names names;
	struct why why;
	int status = 0;
	size_t i;

	if (req->zone == DAXGUARD_ZONE_AUTO ||
	    (req->verb->change != CHANGE_TO_ONLINE && req->verb->change != CHANGE_TO_PLUGGED))
		return 0;
	/* a name that stands for nothing is told of by what is to change it */
	if (!devices_named(&names, text, &why))
		for (i = 0; i < names.nr && !status; i++)
			status = check_device(req, names.name[i]);
	device_names_free(&names);
	return status;
}
