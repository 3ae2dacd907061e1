// SPDX-License-Identifier: LGPL-2.1-or-later
/* Handles of libdaxguard: settings, the last error, and holding a device. */
#include "handle.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pinned.h"

struct daxguard *daxguard_new(void)
{
	struct daxguard *dg = calloc(1, sizeof(*dg));

	if (dg)
		dg->timeout_s = DEFAULT_TIMEOUT_S;
	return dg;
}

/* Returns what holds_end() does. */
static int let_go(struct daxguard *dg, struct daxguard_name *name)
{
	const struct hold *which;
	int err = holds_end(&dg->holds, &which);

	if (err && name)
		*name = which->name;
	holds_free(&dg->holds);
	dg->holding = false;
	return err;
}

void daxguard_free(struct daxguard *dg)
{
	if (!dg)
		return;
	if (dg->holding)
		let_go(dg, NULL);
	model_free(&dg->last);
	free(dg);
}

const char *daxguard_error(const struct daxguard *dg)
{
	return dg->why.text;
}

const char *daxguard_version_text(void)
{
	return DAXGUARD_VERSION;
}

int daxguard_set_timeout(struct daxguard *dg, double seconds)
{
	if (!isfinite(seconds) || seconds < 0)
		return set_why(&dg->why, DAXGUARD_RESULT_USAGE,
			       "%g is not a time in seconds: use 0 or more", seconds);
	dg->timeout_s = seconds;
	return DAXGUARD_RESULT_DONE;
}

void daxguard_set_wait(struct daxguard *dg, int wait)
{
	dg->wait = wait;
}

void daxguard_set_progress(struct daxguard *dg, daxguard_progress_fn fn, void *context)
{
	dg->progress = fn;
	dg->context = context;
}

void daxguard_interrupt(struct daxguard *dg)
{
	dg->stop = 1;
}

static int need_guard(struct daxguard *dg)
{
	int fd;

	if (geteuid())
		return set_why(&dg->why, DAXGUARD_RESULT_LACKING,
			       "only root can reach the pins under '" PIN_ROOT
			       "': run this as root");
	fd = pins_prog("daxguard_ctl");
	if (fd < 0)
		return set_why(&dg->why, DAXGUARD_RESULT_LACKING,
			       "the guard is not loaded ('" PIN_DIR
			       "': %s): run 'daxguard load'",
			       strerror(-fd));
	close(fd);
	return 0;
}

int daxguard_begin(struct daxguard *dg, const char *device)
{
	int result = 0;

	dg->why.text[0] = 0;
	if (dg->holding)
		return set_why(&dg->why, DAXGUARD_RESULT_FAILED,
			       "the handle holds '%s' already: end that first",
			       holds_text(&dg->holds));
	result = need_guard(dg);
	if (result)
		return result;
	dg->holds.like = (struct hold){ .owner = getpid(),
					.timeout_s = dg->timeout_s,
					.stop = &dg->stop };
	result = holds_name(&dg->holds, device, &dg->why);
	if (!result) {
		result = holds_begin(&dg->holds, &dg->why);
		dg->stop = 0;
	}
	dg->holding = !result;
	if (result)
		holds_free(&dg->holds);
	return result;
}

int daxguard_end(struct daxguard *dg)
{
	struct daxguard_name name;
	int err;

	dg->why.text[0] = 0;
	if (!dg->holding)
		return set_why(&dg->why, DAXGUARD_RESULT_FAILED,
			       "the handle holds no device: begin one first");
	err = let_go(dg, &name);
	if (err)
		return set_why(&dg->why, DAXGUARD_RESULT_FAILED,
			       "'%s' was not held until now (%s): it was past its deadline, or "
			       "released by force, see 'daxguard events'",
			       name.name, strerror(-err));
	return DAXGUARD_RESULT_DONE;
}
