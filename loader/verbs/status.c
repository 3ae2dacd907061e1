/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard status: whether the guard is loaded, what is held, and the counters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "control.h"
#include "guard/counters.h"
#include "guard/ftrace.h"
#include "guard/guard.h"
#include "guard/hooks.h"
#include "guard/pins.h"
#include "guard/policy_map.h"
#include "policy/policy.h"
#include "show/report.h"
#include "show/table.h"

struct status {
	struct policy_rules rules; /* of '*' */
	struct guard_transitions running;
	struct counter counters[NR_COUNTERS];
	__u32 hooks; /* as hooks_pinned() has them */
};

static int read_status(struct status *st)
{
	const struct daxguard_name any = { DAXGUARD_ANY };
	int err;

	control_sweep();
	err = policy_map_in_force(&any, &st->rules);
	if (!err)
		err = guard_transitions(&st->running);
	if (!err)
		err = counters_read(st->counters);
	st->hooks = hooks_pinned();
	return err;
}

static struct json_object *hooks_json(const struct status *st)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "lsm",
			       json_object_new_boolean(st && hooks_have_lsm(st->hooks)));
	json_object_object_add(obj, "kernel",
			       json_object_new_string(hooks_kernel_name(st ? st->hooks : 0)));
	return obj;
}

static struct json_object *transitions_json(const struct status *st)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; st && i < st->running.nr; i++)
		json_object_array_add(array, guard_transition_json(&st->running.list[i]));
	return array;
}

static struct json_object *counters_json(const struct status *st)
{
	struct json_object *obj;
	size_t i;

	if (!st)
		return NULL;
	obj = json_object_new_object();
	for (i = 0; i < NR_COUNTERS; i++)
		json_object_object_add(obj, st->counters[i].name,
				       json_number(st->counters[i].sum));
	return obj;
}

/* ST is NULL where the guard is not loaded: the fields are there all the same. */
static struct json_object *status_json(const struct status *st)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "version", json_object_new_string(daxguard_version));
	json_object_object_add(obj, "loaded", json_object_new_boolean(st != NULL));
	json_object_object_add(obj, "mode",
			       st ? json_object_new_string(policy_mode(&st->rules.policy))
				  : NULL);
	json_object_object_add(obj, "hooks", hooks_json(st));
	json_object_object_add(obj, "hooks_news",
			       st && hooks_news(st->hooks)
				       ? json_object_new_string(hooks_news(st->hooks))
				       : NULL);
	json_object_object_add(obj, "problem",
			       st && ftrace_stopped() ? json_object_new_string(ftrace_stopped())
						      : NULL);
	json_object_object_add(obj, "transitions", transitions_json(st));
	json_object_object_add(obj, "counters", counters_json(st));
	return obj;
}

static int print_held(const struct guard_transitions *running)
{
	static const struct table_column columns[] = { { .heading = NULL },
						       { .heading = NULL } };
	char name[DAXGUARD_NAME_LEN + 2], text[256];
	const char *cells[ARRAY_SIZE(columns)] = { name, text };
	struct table table;
	size_t i;

	table_begin(&table, columns, ARRAY_SIZE(columns));
	for (i = 0; i < running->nr; i++) {
		snprintf(name, sizeof(name), "  %s", running->list[i].device.name);
		guard_transition_text(&running->list[i], text, sizeof(text));
		table_row(&table, cells);
	}
	return table_print(&table);
}

static int print_status(const struct status *st)
{
	int status;
	size_t i;

	printf("daxguard %s: loaded%s\n", daxguard_version,
	       ftrace_stopped() ? ", but it does nothing" : "");
	if (ftrace_stopped())
		printf("problem:  %s\n", ftrace_stopped());
	printf("mode:     %s\n", policy_mode(&st->rules.policy));
	printf("hooks:    lsm %s, kernel %s\n", hooks_have_lsm(st->hooks) ? "yes" : "no",
	       hooks_kernel_name(st->hooks));
	if (hooks_news(st->hooks))
		printf("          %s\n", hooks_news(st->hooks));
	printf("held:     %s\n", st->running.nr ? "" : "nothing");
	status = print_held(&st->running);
	printf("counters:");
	for (i = 0; i < NR_COUNTERS; i++)
		printf("%s %s %llu", i ? "," : "", st->counters[i].name, st->counters[i].sum);
	printf("\n");
	return status;
}

static int show_loaded(void)
{
	struct status st = {};
	int err = read_status(&st);
	int status;

	if (err)
		status = pins_fail_broken(err);
	else if (opts.json)
		status = print_json(status_json(&st), 0);
	else
		status = print_status(&st);
	free(st.running.list);
	return status;
}

/* Not to be loaded is an answer, not an error. */
static int show_unloaded(void)
{
	if (opts.json)
		return print_json(status_json(NULL), 0);
	printf("daxguard %s: not loaded: run 'daxguard load'\n", daxguard_version);
	return EXIT_DONE;
}

/* With JSON the error stands in the one document that status prints. */
static int show_error(int status, const char *sentence)
{
	struct json_object *obj;

	if (!opts.json)
		return fail(status, "%s", sentence);
	obj = status_json(NULL);
	json_object_object_add(obj, "error", json_text(sentence, strlen(sentence)));
	json_object_object_add(obj, "status", json_object_new_int(status));
	print_json(obj, 0);
	return status;
}

int verb_status(int argc, char **argv)
{
	char what[PINS_WHAT];
	enum pins_state state;
	int status;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	status = need_operands(argc, argv, 0, 0);
	if (!status && geteuid())
		status = pins_need_bpffs();
	if (status)
		return status;
	state = pins_inspect(what, sizeof(what));
	if (state == PINS_COMPLETE)
		return show_loaded();
	if (state == PINS_NONE)
		return show_unloaded();
	return show_error(pins_status(state), pins_sentence(state, what));
}
