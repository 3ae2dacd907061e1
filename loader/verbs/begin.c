// SPDX-License-Identifier: GPL-2.0-only
/* daxguard begin, end, release: a transition declared by another program. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "guard/check.h"
#include "verbs/hold.h"
#include "show/device.h"
#include "show/report.h"
#include "verbs/remedy.h"

static int report_hold(const struct holds *all, const char *result)
{
	struct json_object *obj, *devices;
	size_t i;

	if (!opts.json)
		return EXIT_DONE;
	obj = json_object_new_object();
	if (all->nr == 1) {
		json_object_object_add(obj, "device", text_or_null(holds_text(all)));
	} else {
		devices = json_object_new_array();
		for (i = 0; i < all->nr; i++)
			json_object_array_add(devices, text_or_null(all->list[i].name.name));
		json_object_object_add(obj, "ancestor", text_or_null(holds_text(all)));
		json_object_object_add(obj, "devices", devices);
	}
	json_object_object_add(obj, "result", json_object_new_string(result));
	return print_json(obj, 0);
}

static int parse_owner(struct hold *h, const char *text)
{
	char *end;
	long pid;

	errno = 0;
	pid = strtol(text, &end, 10);
	if (errno || end == text || *end || pid <= 0 || pid > 1 << 22)
		return fail(EXIT_USAGE, "'%s' is not a process id: use --owner=PID", text);
	h->owner = pid;
	return 0;
}

const struct opt begin_opts[] = {
	{ "owner", OPT_OWNER, "PID",
	  .help = "who may change DEV (default: the caller of daxguard)" },
	HOLD_OPTS,
	{},
};

/* What runs a command for somebody else ends with it, and what it would hold is free at once. */
static int check_caller(pid_t caller, const char *device)
{
	char path[32], name[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", caller);
	if (read_line(path, name, sizeof(name)) ||
	    (strcmp(name, "sudo") && strcmp(name, "doas")))
		return 0;
	return fail(EXIT_USAGE,
		    "the caller is '%s', which ends with this command: name who is to hold the "
		    "device, 'daxguard begin --owner=$$ %s'",
		    name, device);
}

static int parse_begin(int argc, char **argv, struct hold *h)
{
	int opt, status = 0;

	while ((opt = next_option(argc, argv, begin_opts)) != OPTIONS_END) {
		if (opt == OPT_OWNER)
			status = parse_owner(h, optarg);
		else if (opt == OPT_TIMEOUT)
			status = hold_seconds(&h->timeout_s, "timeout", optarg);
		else
			status = hold_seconds(&h->deadline_s, "deadline", optarg);
		if (status)
			return status;
	}
	return need_operands(argc, argv, 1, 1);
}

int verb_begin(int argc, char **argv)
{
	struct holds all = { .like = { .owner = getppid(), .timeout_s = HOLD_TIMEOUT_S } };
	int status = parse_begin(argc, argv, &all.like);
	size_t i;

	if (!status && all.like.owner == getppid())
		status = check_caller(all.like.owner, argv[optind]);
	if (!status)
		status = hold_begin(&all, argv[optind]);
	if (!status) {
		for (i = 0; i < all.nr; i++)
			say("'%s' is held by pid %d", all.list[i].name.name, all.like.owner);
		status = report_hold(&all, "held");
	}
	holds_free(&all);
	return status;
}

typedef int (*end_fn)(const struct hold *h, struct why *why);

/* What is over by itself is no error where another one is to be released. */
static bool leaves_out(const struct holds *all, size_t i, end_fn fn)
{
	size_t j;

	if (fn != transition_release || transition_is_there(&all->list[i]))
		return false;
	for (j = 0; j < all->nr; j++)
		if (j < i || transition_is_there(&all->list[j]))
			return true;
	return false;
}

/* All of them, also where one cannot be ended: the first of those is said. */
static int end_all(const struct holds *all, end_fn fn)
{
	struct why why, first;
	int result, status = EXIT_DONE;
	size_t i;

	for (i = 0; i < all->nr; i++) {
		if (leaves_out(all, i, fn))
			continue;
		result = fn(&all->list[i], &why);
		if (!result)
			say("'%s' is free", all->list[i].name.name);
		else if (!status)
			first = why;
		if (!status)
			status = result;
	}
	return status ? fail_why(holds_say(all, status, &first), &first) : EXIT_DONE;
}

/* By FN, the transitions of what the one operand left names. */
static int end_named(char *operand, end_fn fn, const char *result)
{
	struct holds all = {};
	int status = hold_name(&all, operand);

	if (!status)
		status = end_all(&all, fn);
	if (!status)
		status = report_hold(&all, result);
	holds_free(&all);
	return status;
}

int verb_end(int argc, char **argv)
{
	int status;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	status = need_operands(argc, argv, 1, 1);
	return status ? status : end_named(argv[optind], transition_end_owned, "ended");
}

const struct opt release_opts[] = {
	{ "force", OPT_FORCE, .usage = USAGE_OPERANDS,
	  .help = "needed: the owner is not asked" },
	{},
};

int verb_release(int argc, char **argv)
{
	int force = 0, status;

	while (next_option(argc, argv, release_opts) != OPTIONS_END)
		force = 1;
	status = need_operands(argc, argv, 1, 1);
	if (status)
		return status;
	if (!force)
		return fail(EXIT_USAGE,
			    "releasing '%s' takes it from its owner in the middle of its "
			    "work: say --force if that is meant",
			    argv[optind]);
	return end_named(argv[optind], transition_release, "released");
}
