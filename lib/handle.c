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

void daxguard_free(struct daxguard *dg)
{
	if (!dg)
		return;
	if (dg->holding)
		transition_end(&dg->hold);
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
			       dg->hold.name.name);
	result = need_guard(dg);
	if (!result)
		result = transition_name(&dg->hold, device, &dg->why);
	if (result)
		return result;
	dg->hold.owner = getpid();
	dg->hold.timeout_s = dg->timeout_s;
	dg->hold.stop = &dg->stop;
	result = transition_begin(&dg->hold, &dg->why);
	dg->holding = !result;
	dg->stop = 0;
	return result;
}

int daxguard_end(struct daxguard *dg)
{
	int err;

	dg->why.text[0] = 0;
	if (!dg->holding)
		return set_why(&dg->why, DAXGUARD_RESULT_FAILED,
			       "the handle holds no device: begin one first");
	dg->holding = false;
	err = transition_end(&dg->hold);
	if (err)
		return set_why(&dg->why, DAXGUARD_RESULT_FAILED,
			       "'%s' was not held until now (%s): it was past its deadline, or "
			       "released by force, see 'daxguard events'",
			       dg->hold.name.name, strerror(-err));
	return DAXGUARD_RESULT_DONE;
}
