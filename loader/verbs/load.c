// SPDX-License-Identifier: GPL-2.0-only
/* daxguard load, unload: the guard as a whole. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "policy/config.h"
#include "daxguard.h"
#include "guard/foreign.h"
#include "guard/ftrace.h"
#include "guard/hooks.h"
#include "guard/load.h"
#include "guard/pins.h"
#include "guard/protect.h"
#include "guard/state.h"
#include "guard/version.h"
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

static int report_load(const char *result)
{
	struct json_object *obj;

	say("%s", result);
	if (!opts.json)
		return EXIT_DONE;
	obj = json_object_new_object();
	json_object_object_add(obj, "loaded", json_object_new_boolean(1));
	json_object_object_add(obj, "result", json_object_new_string(result));
	return print_json(obj, 0);
}

static int lock_failed(int err)
{
	if (err == -EACCES || err == -EPERM)
		return pins_fail_unseen(PIN_TOP, -err);
	return fail(EXIT_FAILED, "cannot lock '" PIN_TOP "': %s", strerror(-err));
}

/* May a guard of ours be here?  Beside one that is somewhere else there is to be none. */
static int judge_place(enum pins_state state, char *what, size_t size)
{
	if (state == PINS_FOREIGN || state == PINS_NEWER)
		return fail(pins_status(state), "%s", pins_sentence(state, what));
	/* that no pin is here is enough for one who may load, but not see all links */
	if (state == PINS_UNSEEN && !access(PIN_DIR, F_OK))
		return fail(EXIT_LACKING, "%s", what);
	if (state == PINS_ELSEWHERE ||
	    ((state == PINS_PARTIAL || state == PINS_COMPLETE) && foreign_look(what, size) > 0))
		return fail(EXIT_FAILED, "%s", what);
	return 0;
}

static int load_locked(struct load_options *options, enum hooks_wanted wanted)
{
	char what[PINS_WHAT];
	enum pins_state state = pins_inspect(what, sizeof(what));
	int status = judge_place(state, what, sizeof(what));
	bool replaced;

	if (!status)
		status = hooks_resolve(wanted, &options->hooks);
	if (status)
		return status;
	if (state == PINS_COMPLETE && state_is_current(options->hooks))
		return report_load("already loaded");
	status = load_guard(options, &replaced);
	if (status)
		return status;
	if (state == PINS_PARTIAL)
		return report_load("repaired");
	return report_load(replaced || state == PINS_OLDER ? "replaced by this version"
							   : "loaded");
}

static int load_under_lock(struct load_options *options, enum hooks_wanted wanted)
{
	int lock = pins_lock(true);
	int status;

	if (lock < 0)
		return lock_failed(lock);
	status = load_locked(options, wanted);
	if (status)
		rmdir(PIN_TOP); /* only where nothing is in it */
	close(lock);
	return status;
}

int verb_load(int argc, char **argv)
{
	struct config config = {};
	struct load_options options = { .config = &config };
	enum hooks_wanted wanted = HOOKS_AUTO;
	char lacking[CHECK_LEN];
	const char *file = NULL;
	int status = parse_load(argc, argv, &options, &wanted, &file);

	if (!status)
		status = pins_need_bpffs();
	if (!status && ftrace_stopped())
		status = fail(EXIT_LACKING, "%s", ftrace_stopped());
	if (!status)
		status = config_read(&config, file);
	if (!status)
		status = load_under_lock(&options, wanted);
	/* where it was asked for it was refused, where it was not it is no news */
	if (!status && wanted == HOOKS_AUTO && protection_lacking(lacking))
		warn("%s: see 'daxguard check'", lacking);
	config_free(&config);
	return status;
}

static int unload_locked(void)
{
	char what[PINS_WHAT];
	enum pins_state state = pins_inspect(what, sizeof(what));
	unsigned int older;
	int err = 0;

	/* nothing goes where something is not ours: half a guard would be left */
	if (state == PINS_FOREIGN || state == PINS_NEWER || state == PINS_UNSEEN)
		return fail(pins_status(state), "%s", pins_sentence(state, what));
	while (!err && version_older(&older))
		err = version_remove(older, what, sizeof(what));
	if (!err)
		err = pins_remove(what, sizeof(what));
	if (err)
		return fail(EXIT_FAILED, "cannot remove '%s' (%s): run 'daxguard unload' again",
			    what, strerror(-err));
	return report_load("unloaded");
}

static int unload_under_lock(void)
{
	int lock = pins_lock(false);
	int status;

	if (lock == -ENOENT)
		return report_load("not loaded");
	if (lock < 0)
		return lock_failed(lock);
	status = unload_locked();
	close(lock);
	return status;
}

/* A guard whose pins are not to be seen: from here on this process sees them. */
static int unload_elsewhere(void)
{
	char what[PINS_WHAT];

	if (!foreign_enter(what, sizeof(what)))
		return fail(EXIT_FAILED, "%s", what);
	return unload_under_lock();
}

int verb_unload(int argc, char **argv)
{
	char what[PINS_WHAT];
	enum pins_state state;
	int status;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	status = need_operands(argc, argv, 0, 0);
	if (!status)
		status = pins_need_root();
	if (status)
		return status;
	state = pins_inspect(what, sizeof(what));
	if (state == PINS_ELSEWHERE)
		return unload_elsewhere();
	if (state == PINS_UNSEEN)
		return fail(EXIT_LACKING, "%s", what);
	status = pins_need_bpffs();
	return status ? status : unload_under_lock();
}
