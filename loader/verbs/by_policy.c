// SPDX-License-Identifier: GPL-2.0-only
/* online --by-policy: what policy says is to be done with a device that kmem has bound. */
#include "verbs/by_policy.h"

#include <errno.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "control.h"
#include "guard/configure.h"
#include "guard/policy_map.h"
#include "model.h"
#include "pinned.h"
#include "policy/config.h"
#include "show/device.h"
#include "show/report.h"
#include "transition.h"
#include "verbs/remedy.h"

/* What `daxguard load` would put in force. */
static int rules_by_config(const struct daxguard_name *device, struct policy_rules *rules)
{
	struct config config;
	int status = config_read_policies(&config);

	if (!status)
		config_in_force(&config, device, rules);
	config_free(&config);
	return status;
}

int by_policy_apply(const char *device)
{
	struct daxguard_name name;
	int map = pins_map("origins");

	/* not loaded, or by a build that had no such sections */
	if (map < 0)
		return 0;
	close(map);
	return device_key(&name, device, false) ? 0 : configure_device(&name);
}

int by_policy_zone(const char *device, enum daxguard_zone *zone)
{
	struct policy_rules rules;
	struct hold named = {};
	struct why why;
	int err, status = transition_name(&named, device, &why);

	if (status)
		return fail_why(status, &why);
	err = policy_map_in_force(&named.name, &rules);
	if (err == -ENOENT)
		status = rules_by_config(&named.name, &rules);
	else if (err)
		status = policy_map_failed(err);
	if (status)
		return status;
	switch (policy_bring_up(&rules.more)) {
	case DAXGUARD_BRING_UP_MOVABLE:
		*zone = DAXGUARD_ZONE_MOVABLE;
		break;
	case DAXGUARD_BRING_UP_KERNEL:
		*zone = DAXGUARD_ZONE_KERNEL;
		break;
	default:
		*zone = DAXGUARD_ZONE_AUTO;
	}
	return 0;
}

bool by_policy_concerns(const char *device)
{
	struct dax_devices one;
	int err = model_one(&one, device);
	/* what else is wrong is for the change to say */
	bool concerns = err ? err != -ENOENT : dax_is_kmem(one.dev);

	model_free(&one);
	return concerns;
}

bool by_policy_held(const char *device)
{
	struct hold h = {};

	return !device_key(&h.name, device, false) && transition_is_there(&h) &&
	       !transition_is_mine(&h);
}

bool by_policy_coming(const char *device, struct waiting *waiting)
{
	struct dax_devices one;
	size_t absent = 0;

	/* with the attribute, which comes after the bind, a device may have none */
	if (!model_one(&one, device) && dax_is_kmem(one.dev) && !one.dev->attribute)
		absent = dax_count(one.dev, BLOCK_ABSENT);
	model_free(&one);
	if (absent != waiting->absent) {
		waiting->absent = absent;
		waiting->since_s = now_s();
	}
	return absent && now_s() < waiting->since_s + BY_POLICY_COMING_S;
}

/* ASKED: of how many blocks udev has been told again. */
static int report_left(const char *device, const char *why, size_t asked)
{
	struct json_object *obj;

	if (!opts.json) {
		say("'%s' is left as it is: %s", device, why);
		if (asked)
			say("udev is asked again about %zu blocks of '%s': its rules were "
			    "refused while the device was held",
			    asked, device);
		return EXIT_DONE;
	}
	obj = json_object_new_object();
	json_object_object_add(obj, "device", text_or_null(device));
	json_object_object_add(obj, "verb", json_object_new_string("online"));
	json_object_object_add(obj, "event", json_object_new_string("left"));
	json_object_object_add(obj, "why", json_object_new_string(why));
	json_object_object_add(obj, "asked_again", json_number(asked));
	return print_json(obj, 1);
}

int by_policy_leave(const char *device, size_t asked)
{
	return report_left(device, "its policy is online=leave", asked);
}

int by_policy_left(const char *device, const char *why)
{
	return report_left(device, why, 0);
}
