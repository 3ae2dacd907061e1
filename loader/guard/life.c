// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading the guard as a whole, under the lock of its pins. */
#include "guard/life.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "guard/configure.h"
#include "guard/foreign.h"
#include "guard/pins.h"
#include "guard/policy_map.h"
#include "guard/state.h"
#include "guard/version.h"
#include "show/report.h"

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

/* A mode is for a guard that is loaded now: of one that runs it would hide what is in force. */
static void tell_mode(__u8 mode)
{
	const struct daxguard_name any = { DAXGUARD_ANY };
	struct policy_rules rules;

	if (mode && !policy_map_in_force(&any, &rules) && rules.policy.mode != mode)
		warn("the guard is loaded already, and '--mode' does not change that of '*': "
		     "'daxguard policy set '*' mode=WORD' does");
}

/* It runs: its configuration alone may be another one. */
static int load_again(const struct load_options *options, const char **result)
{
	struct configure_options how = {
		.keep = true, .tell = true, .running = true, .mode = options->mode
	};

	*result = "already loaded";
	if (!options->reload || !options->config) {
		tell_mode(options->mode);
		return EXIT_DONE;
	}
	*result = "reloaded";
	return configure(options->config, &how);
}

/* Only an operator asks for both layers: what loads again without a word about them keeps both.
 */
static bool stays_both(enum hooks_wanted wanted)
{
	__u32 pinned = hooks_pinned();

	return wanted == HOOKS_AUTO && hooks_have_lsm(pinned) &&
	       strcmp(hooks_kernel_name(pinned), "none");
}

static int load_locked(struct load_options *options, enum hooks_wanted wanted,
		       const char **result)
{
	char what[PINS_WHAT];
	enum pins_state state = pins_inspect(what, sizeof(what));
	int status = judge_place(state, what, sizeof(what));
	bool replaced;

	if (!status)
		status = hooks_resolve(wanted, &options->hooks);
	if (status)
		return status;
	if (stays_both(wanted))
		options->hooks |= DAXGUARD_HOOKS_LSM;
	if (state == PINS_COMPLETE && state_is_current(options->hooks))
		return load_again(options, result);
	status = load_guard(options, &replaced);
	if (state == PINS_PARTIAL)
		*result = "repaired";
	else
		*result = replaced || state == PINS_OLDER ? "replaced by this version"
							  : "loaded";
	return status;
}

int load_under_lock(struct load_options *options, enum hooks_wanted wanted, const char **result)
{
	int lock = pins_lock(true);
	int status;

	if (lock < 0)
		return lock_failed(lock);
	status = load_locked(options, wanted, result);
	if (status)
		rmdir(PIN_TOP); /* only where nothing is in it */
	close(lock);
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
	return EXIT_DONE;
}

static int unload_there(const char **result)
{
	int lock = pins_lock(false);
	int status;

	if (lock == -ENOENT) {
		*result = "not loaded";
		return EXIT_DONE;
	}
	if (lock < 0)
		return lock_failed(lock);
	*result = "unloaded";
	status = unload_locked();
	close(lock);
	return status;
}

int unload_under_lock(const char **result)
{
	char what[PINS_WHAT];
	enum pins_state state = pins_inspect(what, sizeof(what));
	int status;

	/* a guard whose pins are not to be seen: from here on this process sees them */
	if (state == PINS_ELSEWHERE) {
		if (!foreign_enter(what, sizeof(what)))
			return fail(EXIT_FAILED, "%s", what);
		return unload_there(result);
	}
	if (state == PINS_UNSEEN)
		return fail(EXIT_LACKING, "%s", what);
	status = pins_need_bpffs();
	return status ? status : unload_there(result);
}
