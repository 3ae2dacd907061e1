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

static int parse_load(int argc, char **argv, struct load_options *options,
		      enum hooks_wanted *wanted, const char **file)
{
	int opt, status = 0;

	while ((opt = next_option(argc, argv, load_opts)) != OPTIONS_END) {
		if (opt == OPT_CONFIG)
			*file = optarg;
		else if (opt == OPT_MODE)
			status = parse_mode(optarg, &options->mode);
		else
			status = parse_hooks(optarg, wanted);
		if (status)
			return status;
	}
	return need_operands(argc, argv, 0, 0);
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

int verb_load(int argc, char **argv)
{
	struct config config = {};
	struct load_options options = { .config = &config };
	enum hooks_wanted wanted = HOOKS_AUTO;
	char lacking[CHECK_LEN];
	const char *file = NULL, *result;
	int status = parse_load(argc, argv, &options, &wanted, &file);

	if (!status)
		status = pins_need_bpffs();
	if (!status && ftrace_stopped())
		status = fail(EXIT_LACKING, "%s", ftrace_stopped());
	if (!status)
		status = config_read(&config, file);
	if (!status)
		status = load_under_lock(&options, wanted, &result);
	if (!status)
		status = report(result, true);
	/* where it was asked for it was refused, where it was not it is no news */
	if (!status && wanted == HOOKS_AUTO && protection_lacking(lacking))
		warn("%s: see 'daxguard check'", lacking);
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
