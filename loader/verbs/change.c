// SPDX-License-Identifier: GPL-2.0-only
/* daxguard online, offline, unplug, plug: a whole device, all or nothing. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ancestry.h"
#include "array.h"
#include "verbs/ask_again.h"
#include "verbs/by_policy.h"
#include "verbs/change.h"
#include "cli.h"
#include "clock.h"
#include "show/device.h"
#include "handle.h"
#include "verbs/hold.h"
#include "libdaxguard.h"
#include "model.h"
#include "show/progress.h"
#include "show/report.h"
#include "verbs/remedy.h"
#include "verbs/zone.h"

_Static_assert((int)DAXGUARD_RESULT_NOT_AS_ASKED == (int)EXIT_NOT_AS_ASKED &&
		       (int)DAXGUARD_RESULT_ROLLED_BACK == (int)EXIT_ROLLED_BACK &&
		       (int)DAXGUARD_RESULT_HELD == (int)EXIT_HELD &&
		       (int)DAXGUARD_RESULT_LACKING == (int)EXIT_LACKING &&
		       (int)DAXGUARD_RESULT_USAGE == (int)EXIT_USAGE &&
		       (int)DAXGUARD_RESULT_FAILED == (int)EXIT_FAILED,
	       "the library's results are the exit statuses");

static struct daxguard *handle;
static volatile sig_atomic_t interrupted;

static void on_signal(int signo)
{
	(void)signo;
	interrupted = 1;
	daxguard_interrupt(handle);
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction before;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], NULL, &before);
		/* nohup(1) means it */
		if (before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

static const char *const zone_words[] = { "movable", "kernel", "auto", NULL };

#define CHANGE_OPTS                                                                        \
	{ "timeout", OPT_TIMEOUT, "S", .usage = USAGE_TOGETHER,                            \
	  .help = "try a busy block again for at most S seconds (default: 60)" },          \
		{ "wait", OPT_WAIT, .usage = USAGE_TOGETHER,                               \
		  .help = "wait for a device that someone else holds" },                   \
		{ "dry-run", OPT_DRY_RUN, .usage = USAGE_TOGETHER,                         \
		  .help = "only say what would change, and which blocks look unmovable" }, \
	{                                                                                  \
		"all", OPT_ALL, .usage = USAGE_OPERANDS,                                   \
				.help = "every device that it concerns"                    \
	}

const struct opt change_opts[] = { CHANGE_OPTS, {} };

#define ZONE_OPT                                                                              \
	{                                                                                     \
		"zone", OPT_ZONE, "ZONE", zone_words,                                         \
			.help = "movable, kernel, or auto (default): what policy says, else " \
				"movable,\n"                                                  \
				"unless the device is wholly online in the kernel's zones "   \
				"already"                                                     \
	}

const struct opt online_opts[] = {
	ZONE_OPT,
	{ "by-policy", OPT_BY_POLICY, .usage = USAGE_TOGETHER,
	  .help = "where the policy online= says, which may be to leave it as it is" },
	CHANGE_OPTS,
	{},
};

const struct opt plug_opts[] = { ZONE_OPT, CHANGE_OPTS, {} };

static int parse_zone_word(struct change_request *req, const char *text)
{
	static const enum daxguard_zone zones[] = { DAXGUARD_ZONE_MOVABLE, DAXGUARD_ZONE_KERNEL,
						    DAXGUARD_ZONE_AUTO };
	int which = find_word(zone_words, text);

	if (which < 0)
		return fail(EXIT_USAGE,
			    "'%s' is not a zone: use --zone=movable, kernel or auto", text);
	req->zone = zones[which];
	return 0;
}

static int take_option(struct change_request *req, int opt)
{
	switch (opt) {
	case OPT_ZONE:
		return parse_zone_word(req, optarg);
	case OPT_BY_POLICY:
		req->by_policy = true;
		break;
	case OPT_TIMEOUT:
		return hold_seconds(&req->timeout_s, "timeout", optarg);
	case OPT_WAIT:
		req->wait = true;
		break;
	case OPT_DRY_RUN:
		req->dry_run = true;
		break;
	case OPT_ALL:
		req->all = true;
		break;
	}
	return 0;
}

static int parse_change(int argc, char **argv, struct change_request *req)
{
	int opt, status = 0;

	while (!status && (opt = next_option(argc, argv, req->verb->opts)) != OPTIONS_END)
		status = take_option(req, opt);
	if (status)
		return status;
	if (req->by_policy && req->zone != DAXGUARD_ZONE_AUTO)
		return fail(EXIT_USAGE, "'--by-policy' and '--zone' cannot both say where to: "
					"use one of them");
	if (req->all)
		return need_operands(argc, argv, 0, 0);
	return need_operands(argc, argv, 1, -1);
}

static int change_one(const struct change_request *req, const char *name)
{
	switch (req->verb->change) {
	case CHANGE_TO_ONLINE:
		return daxguard_online(handle, name, req->zone);
	case CHANGE_TO_OFFLINE:
		return daxguard_offline(handle, name);
	case CHANGE_TO_UNPLUGGED:
		return daxguard_unplug(handle, name);
	default:
		return daxguard_plug(handle, name, req->zone);
	}
}

/* A device as it was seen while it was held: after that it is anybody's. */
static int report_device(const struct change_request *req, const struct dax_device *dev)
{
	char zones[128];
	struct json_object *obj;

	if (!opts.json) {
		zones_text(dev, zones, sizeof(zones));
		say("'%s' is %s: %zu blocks online (%s), %zu offline", dev->name,
		    req->verb->participle, count_online(dev), zones,
		    dax_count(dev, BLOCK_OFFLINE));
		return EXIT_DONE;
	}
	obj = json_object_new_object();
	json_object_object_add(obj, "device", text_or_null(dev->name));
	json_object_object_add(obj, "verb", json_object_new_string(req->verb->name));
	json_object_object_add(obj, "event", json_object_new_string("done"));
	json_object_object_add(obj, "driver", text_or_null(dev->driver));
	json_object_object_add(obj, "blocks", blocks_json(dev));
	json_object_object_add(obj, "zones", zones_json(dev));
	return print_json(obj, 1);
}

static int report_done(const struct change_request *req)
{
	const struct dax_devices *last = &handle->last;
	int status = EXIT_DONE;
	size_t i;

	/* beside others, one without room for a block was left alone */
	for (i = 0; i < last->nr && !status; i++)
		if (last->dev[i].nr_blocks || last->nr == 1)
			status = report_device(req, &last->dev[i]);
	return status;
}

/* While it was waited for, its holder may have taken it from kmem. */
static bool came_too_late(const struct change_request *req, int status, const char *name)
{
	return req->by_policy && status == EXIT_FAILED && !by_policy_concerns(name);
}

static int say_changed(const struct change_request *req, const char *name, int status)
{
	progress_clear();
	if (came_too_late(req, status, name))
		return by_policy_left(name, "kmem does not have it any more");
	if (status)
		return fail_why(status, &handle->why);
	return report_done(req);
}

static int change_named(const struct change_request *req, const char *name)
{
	int status = zone_check(req, name);

	if (status)
		return status;
	if (req->dry_run)
		return change_dry_run(req, name);
	return say_changed(req, name, change_one(req, name));
}

static bool waits_by_policy(const struct change_request *req, double since)
{
	return !interrupted && (req->wait || now_s() < since + BY_POLICY_WAIT_S);
}

#define LATER (-1)

/* Policy leaves the device.  LATER also after udev was asked: it may be refused again. */
static int leave_by_policy(const struct change_request *one, const char *device,
			   struct waiting *waiting, bool last)
{
	enum ask_again ask = one->dry_run ? ASK_NOT : ask_again_look(device);
	int status;

	/* what udev does about that which it was asked is not waited for for ever */
	if (ask == ASK_LATER && last && waiting->asked)
		return by_policy_leave(device, waiting->asked);
	if (ask == ASK_LATER)
		return last ? ask_again_gave_up(device) : LATER;
	if (ask == ASK_NOT)
		return by_policy_leave(device, waiting->asked);
	status = ask_again(device, &waiting->asked);
	return status ? status : LATER;
}

/* What policy says, done.  LATER where it is not the LAST try and the device is not ready. */
static int try_by_policy(struct change_request *one, const char *device,
			 struct waiting *waiting, bool last)
{
	int status = by_policy_zone(device, &one->zone);

	if (status)
		return status;
	if (one->zone == DAXGUARD_ZONE_AUTO)
		return leave_by_policy(one, device, waiting, last);
	if (one->dry_run)
		return by_policy_concerns(device)
			       ? change_named(one, device)
			       : by_policy_left(device, "it is not bound to kmem");
	/* asked first, for a look at all the blocks of a device takes its time */
	if (!last && by_policy_held(device))
		return LATER;
	if (!by_policy_concerns(device))
		return by_policy_left(device, "it is not bound to kmem");
	status = zone_check(one, device);
	if (status)
		return status;
	if (!last && by_policy_coming(device, waiting))
		return LATER;
	status = change_one(one, device);
	return status == EXIT_HELD && !last ? LATER : say_changed(one, device, status);
}

/* Waited for here and not by the library: until it is free, policy may come to say otherwise. */
static int change_by_policy(const struct change_request *req, const char *device)
{
	struct change_request one = *req;
	struct waiting waiting = {};
	double since = now_s();
	int status = req->dry_run ? 0 : by_policy_apply(device);

	if (status)
		return status;
	for (;; poll(NULL, 0, BY_POLICY_LOOK_MS)) {
		status = try_by_policy(&one, device, &waiting, !waits_by_policy(req, since));
		if (status != LATER)
			return status;
	}
}

/* Each of those that TEXT stands for by its own policy. */
static int change_each_by_policy(const struct change_request *req, const char *text)
{
	struct device_names names;
	struct why why;
	int status, first = devices_named(&names, text, &why);
	size_t i, nr = first ? 0 : names.nr;

	if (first)
		fail_why(first, &why);
	for (i = 0; i < nr && !interrupted; i++) {
		status = change_by_policy(req, names.name[i]);
		if (!first)
			first = status;
	}
	device_names_free(&names);
	return first;
}

/* Each by itself: one that fails does not keep the others from being changed. */
static int change_names(const struct change_request *req, char **names)
{
	int status, first = EXIT_DONE;

	for (; *names && !interrupted; names++) {
		status = req->by_policy ? change_each_by_policy(req, *names)
					: change_named(req, *names);
		if (!first)
			first = status;
	}
	return first;
}

static bool concerns(const struct change_request *req, const struct dax_device *dev)
{
	if (req->verb->change == CHANGE_TO_PLUGGED)
		return !dax_is_kmem(dev) && dev->nr_blocks;
	return dax_is_kmem(dev);
}

static int change_all(const struct change_request *req)
{
	struct dax_devices all;
	int status = EXIT_DONE, err = model_all(&all);
	size_t i, nr = 0;
	char **names = err ? NULL : calloc(all.nr + 1, sizeof(*names));

	if (names) {
		for (i = 0; i < all.nr; i++)
			if (concerns(req, &all.dev[i]))
				names[nr++] = all.dev[i].name;
		status = change_names(req, names);
		if (!nr)
			say("there is no device to %s", req->verb->name);
	} else {
		status = fail(EXIT_FAILED,
			      "the dax devices in '/sys/bus/dax/devices' cannot be read (%s): "
			      "run this as root",
			      strerror(err ? -err : ENOMEM));
	}
	free(names);
	model_free(&all);
	return status;
}

static int change_verb(int argc, char **argv, const struct change_verb *verb)
{
	struct change_request req = { .verb = verb, .timeout_s = -1 };
	int status = parse_change(argc, argv, &req);

	if (status)
		return status;
	handle = daxguard_new();
	if (!handle)
		return fail(EXIT_FAILED, "no memory is left for '%s': free some", verb->name);
	if (req.timeout_s >= 0)
		daxguard_set_timeout(handle, req.timeout_s);
	daxguard_set_wait(handle, req.wait && !req.by_policy);
	daxguard_set_progress(handle, progress_show, NULL);
	handle->zone_of = zone_for;
	handle->only_zone = zone_only;
	catch_signals();
	status = req.all ? change_all(&req) : change_names(&req, argv + optind);
	signal(SIGINT, SIG_IGN); /* what is left is to let go */
	daxguard_free(handle);
	return status;
}

int verb_online(int argc, char **argv)
{
	static const struct change_verb verb = { "online", "online", CHANGE_TO_ONLINE,
						 online_opts };

	return change_verb(argc, argv, &verb);
}

int verb_offline(int argc, char **argv)
{
	static const struct change_verb verb = { "offline", "offline", CHANGE_TO_OFFLINE,
						 change_opts };

	return change_verb(argc, argv, &verb);
}

int verb_unplug(int argc, char **argv)
{
	static const struct change_verb verb = { "unplug", "unplugged", CHANGE_TO_UNPLUGGED,
						 change_opts };

	return change_verb(argc, argv, &verb);
}

int verb_plug(int argc, char **argv)
{
	static const struct change_verb verb = { "plug", "plugged", CHANGE_TO_PLUGGED,
						 plug_opts };

	return change_verb(argc, argv, &verb);
}
