// SPDX-License-Identifier: GPL-2.0-only
/* daxguard load, unload: the guard as a whole. */
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "cli.h"
#include "policy/config.h"
#include "daxguard.h"
#include "guard/ftrace.h"
#include "guard/life.h"
#include "guard/pins.h"
#include "guard/protect.h"
#include "show/report.h"

static const char *const mode_words[] = { "audit", "enforce", NULL };

static const char *const hooks_words[] = { [HOOKS_AUTO] = "auto",
					   [HOOKS_KERNEL] = "kernel",
					   [HOOKS_LSM] = "lsm",
					   [HOOKS_BOTH] = "both",
					   NULL };

const struct opt load_opts[] = {
	{ "hooks", OPT_HOOKS, "WHICH", hooks_words,
	  .help = "where to decide (default: auto, the kernel hook if there is one)" },
	{ "config", OPT_CONFIG, "FILE", .complete = "file",
	  .help = "read FILE in place of /etc/daxguard" },
	{ "mode", OPT_MODE, "MODE", mode_words,
	  .help = "the mode of every device without a policy of its own" },
	{ "reload", OPT_RELOAD,
	  .help = "apply the configuration also to a guard that is loaded already" },
	{ "fallback", OPT_FALLBACK,
	  .help = "where a file is wrong, load what is built in, and fail all the same" },
	{},
};

static int parse_mode(const char *text, __u8 *mode)
{
	static const __u8 modes[] = { DAXGUARD_MODE_AUDIT, DAXGUARD_MODE_ENFORCE };
	int which = find_word(mode_words, text);

	if (which < 0)
		return fail(EXIT_USAGE,
			    "'%s' is not a mode: use --mode=audit or --mode=enforce", text);
	*mode = modes[which];
	return 0;
}

static int parse_hooks(const char *text, enum hooks_wanted *wanted)
{
	int which = find_word(hooks_words, text);

	if (which < 0)
		return fail(EXIT_USAGE,
			    "'%s' is not a set of hooks: use --hooks=auto, kernel, lsm or both",
			    text);
	*wanted = which;
	return 0;
}

struct load_request {
	struct load_options options;
	enum hooks_wanted wanted;
	const char *file; /* NULL: those under /etc */
	bool fallback;
};

static int take_option(struct load_request *req, int opt)
{
	switch (opt) {
	case OPT_CONFIG:
		req->file = optarg;
		return 0;
	case OPT_RELOAD:
		req->options.reload = true;
		return 0;
	case OPT_FALLBACK:
		req->fallback = true;
		return 0;
	case OPT_MODE:
		return parse_mode(optarg, &req->options.mode);
	default:
		return parse_hooks(optarg, &req->wanted);
	}
}

static int parse_load(int argc, char **argv, struct load_request *req)
{
	int opt, status = 0;

	while (!status && (opt = next_option(argc, argv, load_opts)) != OPTIONS_END)
		status = take_option(req, opt);
	if (!status && req->fallback && req->file)
		status =
			fail(EXIT_USAGE,
			     "'--fallback' is for the files under '/etc/daxguard': leave it or "
			     "'--config=%s' out",
			     req->file);
	return status ? status : need_operands(argc, argv, 0, 0);
}

static int report(const char *result, bool loaded)
{
	struct json_object *obj;

	say("%s", result);
	if (!opts.json)
		return EXIT_DONE;
	obj = json_object_new_object();
	json_object_object_add(obj, "loaded", json_object_new_boolean(loaded));
	json_object_object_add(obj, "result", json_object_new_string(result));
	return print_json(obj, 0);
}

static int load_it(struct load_request *req)
{
	char lacking[CHECK_LEN];
	const char *result;
	int status = load_under_lock(&req->options, req->wanted, &result);

	if (!status)
		status = report(result, true);
	/* where it was asked for it was refused, where it was not it is no news */
	if (!status && req->wanted == HOOKS_AUTO && protection_lacking(lacking))
		warn("%s: see 'daxguard check'", lacking);
	return status;
}

/* Memory is guarded, by nothing of the files; the failure that was said stays one. */
static int load_built_in(struct load_request *req, int status)
{
	const char *result;

	req->options.config = NULL;
	if (!load_under_lock(&req->options, req->wanted, &result))
		warn("the guard is loaded without the configuration, with what was in force or "
		     "is "
		     "built in (%s): correct the file, then run 'daxguard load --reload'",
		     result);
	return status;
}

int verb_load(int argc, char **argv)
{
	struct config config = {};
	struct load_request req = { .options.config = &config, .wanted = HOOKS_AUTO };
	int status = parse_load(argc, argv, &req);

	if (!status)
		status = pins_need_bpffs();
	if (!status && ftrace_stopped())
		status = fail(EXIT_LACKING, "%s", ftrace_stopped());
	if (status)
		return status;
	status = config_read(&config, req.file);
	if (!status)
		status = load_it(&req);
	else if (req.fallback)
		status = load_built_in(&req, status);
	config_free(&config);
	return status;
}

int verb_unload(int argc, char **argv)
{
	const char *result;
	int status;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	status = need_operands(argc, argv, 0, 0);
	if (!status)
		status = pins_need_root();
	if (!status)
		status = unload_under_lock(&result);
	return status ? status : report(result, false);
}
