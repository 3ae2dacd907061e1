/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard check: what the machine lacks, and whether what is loaded is well. */
#include "guard/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "guard/foreign.h"
#include "guard/guard.h"
#include "model.h"
#include "number.h"
#include "guard/pins.h"
#include "guard/policy_map.h"
#include "policy/policy.h"
#include "guard/protect.h"
#include "show/report.h"
#include "show/table.h"

static const char *const finding_names[] = { "ok", "missing", "warning", "unknown" };

static void add_row(struct checks *c, enum finding finding, const char *what, const char *text)
{
	const char *cells[] = { finding_names[finding], what, text };

	table_row(c->context, cells);
}

static void add_json(struct checks *c, enum finding finding, const char *what, const char *text)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "check", json_object_new_string(what));
	json_object_object_add(obj, "result", json_object_new_string(finding_names[finding]));
	json_object_object_add(obj, "text", json_object_new_string(text));
	json_object_array_add(c->context, obj);
}

static int check_policy(struct checks *c)
{
	struct policy_entries all;
	char odd[128];
	int err = policy_map_read(&all);

	for (size_t i = 0; i < all.nr; i++)
		if (policy_odd_bytes(&all.list[i].policy, odd, sizeof(odd)))
			note(c, WARNING, "policy",
			     "bytes of '%s' mean nothing and are taken "
			     "as %s: set them with 'daxguard policy set'",
			     all.list[i].device.name, odd);
	free(all.list);
	return err;
}

static int check_devices(struct checks *c)
{
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
		}
		model_free(&all);
	}
	free(known.list);
	return err;
}

static void check_loaded(struct checks *c)
{
	int err = check_policy(c);
	char what[PINS_WHAT];

	if (foreign_look(what, sizeof(what)) > 0)
		note(c, MISSING, "pins", "%s", what);
	else
		note(c, OK, "pins", "the guard is loaded");
	if (!err)
		err = check_devices(c);
	if (err)
		note(c, UNKNOWN, "device",
		     "the maps under '" PIN_MAPS "' or the devices "
		     "cannot be read (%s): run 'daxguard check' again",
		     strerror(-err));
}

static void check_pins(struct checks *c)
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

/* Returns EXIT_DONE or EXIT_LACKING by what was found. */
static int check_all(struct checks *c)
{
	check_machine(c);
	check_protections(c);
	check_pins(c);
	return c->missing ? EXIT_LACKING : EXIT_DONE;
}

static int show_text(void)
{
	static const struct table_column columns[] = { { .heading = NULL },
						       { .heading = NULL },
						       { .heading = NULL } };
	struct table table;
	struct checks c = { .found = add_row, .context = &table };
	int status;

	table_begin(&table, columns, ARRAY_SIZE(columns));
	status = check_all(&c);
	return table_print(&table) ? EXIT_FAILED : status;
}

static int show_json(void)
{
	struct checks c = { .found = add_json, .context = json_object_new_array() };
	struct json_object *obj = json_object_new_object();
	int status = check_all(&c);

	json_object_object_add(obj, "missing", json_number(c.missing));
	json_object_object_add(obj, "checks", c.context);
	return print_json(obj, 0) ? EXIT_FAILED : status;
}

int verb_check(int argc, char **argv)
{
	int status;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	status = need_operands(argc, argv, 0, 0);
	if (status)
		return status;
	return opts.json ? show_json() : show_text();
}
