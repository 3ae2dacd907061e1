// SPDX-License-Identifier: GPL-2.0-only
/* daxguard begin, end, release: a transition declared by another program. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "verbs/hold.h"
#include "show/report.h"
#include "verbs/remedy.h"

static int report_hold(const struct hold *h, const char *result)
{
	struct json_object *obj;

	if (!opts.json)
		return EXIT_DONE;
	obj = json_object_new_object();
	json_object_object_add(obj, "device", json_object_new_string(h->name.name));
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
	struct hold h = { .owner = getppid(), .timeout_s = HOLD_TIMEOUT_S };
	int status = parse_begin(argc, argv, &h);

	if (!status)
		status = hold_begin(&h, argv[optind]);
	if (status)
		return status;
	say("'%s' is held by pid %d", h.name.name, h.owner);
	return report_hold(&h, "held");
}

/* By END, the transition of the device that the one operand left names. */
static int end_device(char *operand, int (*end)(const struct hold *h, struct why *why),
		      const char *result)
{
	struct hold h = {};
	struct why why;
	int status = hold_name(&h, operand);

	if (status)
		return status;
	status = end(&h, &why);
	if (status)
		return fail_why(status, &why);
	say("'%s' is free", h.name.name);
	return report_hold(&h, result);
}

int verb_end(int argc, char **argv)
{
	int status;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	status = need_operands(argc, argv, 1, 1);
	return status ? status : end_device(argv[optind], transition_end_owned, "ended");
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
	return end_device(argv[optind], transition_release, "released");
}
