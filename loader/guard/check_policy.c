// SPDX-License-Identifier: GPL-2.0-only
/* What policy says: bytes that mean nothing, and what is in force for each device. */
#include "guard/check_policy.h"

#include <stdio.h>
#include <stdlib.h>

#include "control.h"
#include "guard/policy_map.h"
#include "policy/config.h"

void check_config(struct checks *c)
{
	struct config config;
	int status = config_look(&config, NULL);

	if (status)
		note(c, MISSING, "configuration", "%s", config.why);
	else if (config.nr_files)
		note(c, OK, "configuration",
		     "the configuration files can be loaded (%zu, in '" CONFIG_TOP "')",
		     config.nr_files);
	config_free(&config);
}

int check_policy_bytes(struct checks *c)
{
	struct policy_entries all;
	char odd[POLICY_ODD];
	int err = policy_map_read(&all);

	for (size_t i = 0; i < all.nr; i++)
		if (policy_odd_bytes(&all.list[i].rules, all.list[i].own, odd, sizeof(odd)))
			note(c, WARNING, "policy",
			     "bytes of '%s' mean nothing and are taken "
			     "as %s: set them with 'daxguard policy set'",
			     all.list[i].device.name, odd);
	free(all.list);
	return err;
}

/* Nothing that is attached looks at zones: the kernel hook is an older one, and alone. */
static bool asks_nothing(__u32 hooks)
{
	return !(hooks & (DAXGUARD_HOOKS_ZONE | DAXGUARD_HOOKS_LSM));
}

/* Whether a zone that policy names is held to, and by what. */
static void how(const struct policy_rules *rules, __u32 hooks, char *buf, size_t size)
{
	const char *done = rules->policy.mode == DAXGUARD_MODE_AUDIT ? "reported" : "enforced";

	if (policy_zone(&rules->more) == DAXGUARD_ONLY_ANY)
		*buf = 0;
	else if (rules->policy.mode == DAXGUARD_MODE_OFF)
		snprintf(buf, size, " (not enforced: mode=off)");
	else if (asks_nothing(hooks))
		snprintf(buf, size, " (not enforced: the kernel hook asks about no zones)");
	else if (hooks & DAXGUARD_HOOKS_ZONE)
		snprintf(buf, size, " (%s by the zone that a block really gets)", done);
	else
		snprintf(buf, size, " (%s by the words online_movable and online_kernel only)",
			 done);
}

static const char *only(const struct policy_rules *rules)
{
	switch (policy_zone(&rules->more)) {
	case DAXGUARD_ONLY_ANY:
		return "any zone";
	case DAXGUARD_ONLY_KERNEL:
		return "the kernel's zones only";
	default:
		return "the movable zone only";
	}
}

static const char *bring_up(const struct policy_rules *rules)
{
	switch (policy_bring_up(&rules->more)) {
	case DAXGUARD_BRING_UP_MOVABLE:
		return "brought online in the movable zone";
	case DAXGUARD_BRING_UP_KERNEL:
		return "brought online in the kernel's zones";
	default:
		return "left as it is";
	}
}

/* Is it to be brought online where it may not be? */
static bool at_odds(const struct policy_rules *rules)
{
	_Static_assert((int)DAXGUARD_BRING_UP_MOVABLE == (int)DAXGUARD_ONLY_MOVABLE &&
			       (int)DAXGUARD_BRING_UP_KERNEL == (int)DAXGUARD_ONLY_KERNEL,
		       "a zone has one number");
	__u8 zone = policy_zone(&rules->more), to = policy_bring_up(&rules->more);

	return zone != DAXGUARD_ONLY_ANY && to != DAXGUARD_BRING_UP_LEAVE && to != zone;
}

/* Nobody holds to it, though it is wanted. */
static bool in_vain(const struct policy_rules *rules, __u32 hooks)
{
	return policy_zone(&rules->more) != DAXGUARD_ONLY_ANY && asks_nothing(hooks) &&
	       rules->policy.mode != DAXGUARD_MODE_OFF;
}

void check_rules(struct checks *c, const char *device, const struct policy_rules *rules,
		 __u32 hooks)
{
	bool vain = in_vain(rules, hooks);
	char enforced[80];

	how(rules, hooks, enforced, sizeof(enforced));
	note(c, vain ? WARNING : OK, "policy",
	     "'%s' may come online in %s%s, and when kmem has bound it, it is %s%s", device,
	     only(rules), enforced, bring_up(rules),
	     vain ? ": install the module or patch of this version and run 'daxguard load', "
		    "or run 'daxguard load --hooks=both'"
		  : "");
	if (at_odds(rules))
		note(c, WARNING, "policy",
		     "'%s' is to be brought online where it may not be: set zone or online "
		     "with 'daxguard policy set %s'",
		     device, device);
}

int check_in_force(struct checks *c, const char *device, __u32 hooks)
{
	struct policy_rules rules;
	struct daxguard_name name;
	int err = device_key(&name, device, false);

	if (!err)
		err = policy_map_in_force(&name, &rules);
	if (!err)
		check_rules(c, device, &rules, hooks);
	return err;
}
