// SPDX-License-Identifier: GPL-2.0-only
/* Whether the guard is loaded, and what is not well with one that is. */
#include "guard/check_guard.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/check_policy.h"
#include "guard/check_programs.h"
#include "guard/foreign.h"
#include "guard/guard.h"
#include "guard/hooks.h"
#include "guard/pins.h"
#include "model.h"

static int check_devices(struct checks *c)
{
	__u32 hooks = hooks_pinned();
	struct guard_blocks known;
	struct dax_devices all;
	size_t i;
	int err = guard_blocks(&known);

	if (!err) {
		err = model_all(&all);
		for (i = 0; !err && i < all.nr; i++) {
			if (!dax_attribute_agrees(&all.dev[i]))
				note(c, WARNING, "device",
				     "the blocks of '%s' are not %s: "
				     "write its wanted state again, see 'daxguard list'",
				     all.dev[i].name, all.dev[i].attribute_value);
			if (!guard_blocks_agree(&known, &all.dev[i]))
				note(c, WARNING, "device",
				     "the guard knows other blocks of "
				     "'%s' than sysfs: run "
				     "'daxguard unload' and 'daxguard load'",
				     all.dev[i].name);
			if (dax_is_kmem(&all.dev[i]))
				err = check_in_force(c, all.dev[i].name, hooks);
		}
		model_free(&all);
	}
	free(known.list);
	return err;
}

static void check_loaded(struct checks *c)
{
	int err = check_policy_bytes(c);
	char what[PINS_WHAT];

	if (foreign_look(what, sizeof(what)) > 0)
		note(c, MISSING, "pins", "%s", what);
	else
		note(c, OK, "pins", "the guard is loaded");
	if (!err)
		err = check_programs(c);
	if (!err)
		err = check_devices(c);
	if (err)
		note(c, UNKNOWN, "device",
		     "the maps under '" PIN_MAPS "' or the devices "
		     "cannot be read (%s): run 'daxguard check' again",
		     strerror(-err));
}

void check_guard(struct checks *c)
{
	char what[PINS_WHAT];
	enum pins_state state;

	if (geteuid()) {
		note(c, UNKNOWN, "pins",
		     "'" PIN_TOP "' cannot be looked at: run daxguard "
		     "as root");
		return;
	}
	state = pins_inspect(what, sizeof(what));
	switch (state) {
	case PINS_COMPLETE:
		check_loaded(c);
		break;
	case PINS_NONE:
		note(c, OK, "pins", "the guard is not loaded");
		break;
	case PINS_UNSEEN:
		note(c, UNKNOWN, "pins", "%s", what);
		break;
	default:
		note(c, MISSING, "pins", "%s", pins_sentence(state, what));
	}
}
