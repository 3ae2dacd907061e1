// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a device was before a change, and the way back to it. */
#include "former.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "auto_online.h"
#include "clock.h"
#include "driver.h"

/*
 * A write of a roll-back is given at least this long, whatever the timeout was: what it
 * has begun is to be done.  What is refused is tried again for the timeout only, and
 * hardly where it was told to stop.
 */
#define ROLL_BACK_S 30
#define ROLL_BACK_TRY_S 1

int former_note(struct job *job)
{
	int err = job_read(job);

	if (err)
		return err;
	snprintf(job->former_driver, sizeof(job->former_driver), "%s", job_driver(job));
	job->former = want_former(job_dev(job));
	job->counted = calloc(job_dev(job)->nr_blocks + 1, sizeof(*job->counted));
	if (!job->former || !job->counted)
		return job_cause(job, -ENOMEM, "no memory is left for a plan for '%s'",
				 job->name);
	return 0;
}

static bool was_kmem(const struct job *job)
{
	return !strcmp(job->former_driver, KMEM);
}

/* Where another device is held, its guard may keep us from the driver's files a while. */
static int patiently(struct job *job, int (*fn)(struct job *job, const char *driver),
		     const char *driver)
{
	int err, ms = PAUSE_FIRST_MS;

	do {
		err = fn(job, driver);
	} while (job_again(job, err, &ms));
	return err;
}

/* From the driver that it has, if any, to DRIVER, "" for none. */
static int give_to(struct job *job, const char *driver)
{
	char now[sizeof(job->former_driver)];
	int err = 0;

	snprintf(now, sizeof(now), "%s", job_driver(job));
	if (*now)
		err = patiently(job, driver_unbind, now);
	return err || !*driver ? err : patiently(job, driver_bind, driver);
}

/*
 * By the guard, where that can refuse it, else by the file, which is the whole machine's and
 * so off not a moment longer.
 */
int plug_offline(struct job *job, const char *word)
{
	struct auto_online off;
	int err;

	if (!transition_keep_offline(job->hold, true)) {
		err = give_to(job, KMEM);
		transition_keep_offline(job->hold, false);
		return err;
	}
	err = auto_online_off(&off, job, word);
	/* where it cannot be off, a roll-back has to do without */
	if (err && !job->rolling_back)
		return err;
	err = give_to(job, KMEM);
	auto_online_restore(&off, job);
	return err;
}

/* The driver that it had, with nothing online on the way. */
static int restore_driver(struct job *job)
{
	int err = 0;

	if (!strcmp(job_driver(job), job->former_driver))
		return 0;
	if (was_kmem(job))
		return plug_offline(job, NULL);
	if (dax_is_kmem(job_dev(job)))
		err = apply_all(job, BLOCK_OFFLINE, false);
	return err ? err : give_to(job, job->former_driver);
}

/*
 * What the blocks were; but one that has to come online again does so in the only zone in
 * which it may, if there is one: there it is of more use than offline.  NULL: no memory.
 */
static struct want *want_back(struct job *job)
{
	const struct dax_device *dev = job_dev(job);
	struct want *all = calloc(dev->nr_blocks + 1, sizeof(*all));
	enum daxguard_zone only = DAXGUARD_ZONE_AUTO;
	size_t i;

	if (job->dg->only_zone)
		only = job->dg->only_zone(job->name);
	for (i = 0; all && i < dev->nr_blocks; i++) {
		all[i] = job->former[i];
		if (only != DAXGUARD_ZONE_AUTO && !block_is(&dev->blocks[i], &all[i]))
			all[i].movable = only == DAXGUARD_ZONE_MOVABLE;
	}
	return all;
}

/* Is a block missing that was there?  Then only the attribute brings it back. */
static bool lacks_blocks(struct job *job, const struct want *back, bool *movable)
{
	const struct dax_device *dev = job_dev(job);
	bool lacks = false;
	size_t i;

	*movable = true;
	for (i = 0; i < dev->nr_blocks; i++) {
		if (back[i].state == BLOCK_ONLINE && !back[i].movable)
			*movable = false;
		lacks |= back[i].state != BLOCK_ABSENT && dev->blocks[i].state == BLOCK_ABSENT;
	}
	return lacks;
}

static int restore_blocks(struct job *job)
{
	struct want *back;
	bool movable;
	int err;

	if (!was_kmem(job))
		return 0;
	back = want_back(job);
	if (!back)
		return -ENOMEM;
	if (lacks_blocks(job, back, &movable) && job_dev(job)->attribute)
		attribute_online(job, movable);
	err = apply(job, back);
	free(back);
	return err;
}

/* A block that was absent may have been made by then, offline. */
bool former_is_back(struct job *job)
{
	size_t i;

	if (job_read(job) || strcmp(job_driver(job), job->former_driver))
		return false;
	for (i = 0; i < job_dev(job)->nr_blocks; i++)
		if (!block_is(&job_dev(job)->blocks[i], &job->former[i]) &&
		    (!was_kmem(job) || job->former[i].state != BLOCK_ABSENT ||
		     job_dev(job)->blocks[i].state != BLOCK_OFFLINE))
			return false;
	return true;
}

int former_restore(struct job *job)
{
	double least = now_s() + ROLL_BACK_S;
	int err;

	job->rolling_back = true;
	job->moved = now_s();
	job->patience = job->dg->stop ? ROLL_BACK_TRY_S : job->dg->timeout_s;
	if (job->patience < ROLL_BACK_TRY_S)
		job->patience = ROLL_BACK_TRY_S;
	job->done = job->total = 0;
	memset(job->counted, 0, job_dev(job)->nr_blocks * sizeof(*job->counted));
	job->until = now_s() + job->dg->timeout_s;
	if (job->until < least)
		job->until = least;
	err = job_read(job);
	if (!err)
		err = restore_driver(job);
	if (!err)
		err = restore_blocks(job);
	if (!err && !former_is_back(job))
		err = -EBUSY;
	return err;
}

/* What helps against the cause; waiting, which is *MORE, only where it may be gone by then. */
static const char *remedy(const struct job *job, enum remedy *more)
{
	if (job->dg->stop || job->cause_err == -ECANCELED)
		return "try again";
	switch (job->cause_err) {
	case -EROFS:
		return "run this where '/sys' can be written to";
	case -EACCES:
	case -EPERM:
		return "run this as root of the host";
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		return "see 'daxguard list' and 'daxguard check'";
	case -ENOMEM:
		return "free some memory";
	}
	if (!is_transient(job->cause_err) && job->cause_err != -ETIME)
		return "see 'dmesg'";
	*more = REMEDY_RETRY_TIME;
	return "try again";
}

static int say_rolled_back(struct job *job)
{
	enum remedy more = REMEDY_NONE;

	set_why(&job->dg->why, DAXGUARD_RESULT_ROLLED_BACK,
		"%s; everything is as it was before: %s", job->cause.text, remedy(job, &more));
	job->dg->why.remedy = more;
	return DAXGUARD_RESULT_ROLLED_BACK;
}

bool has_blocks(struct job *job)
{
	return dax_count(job_dev(job), BLOCK_ABSENT) < job_dev(job)->nr_blocks;
}

int former_say_halfway(struct job *job)
{
	char blocks[512];
	const char *driver;

	if (job_read(job))
		return set_why(&job->dg->why, DAXGUARD_RESULT_NOT_AS_ASKED,
			       "%s; and '%s' is gone, or another one now: see 'daxguard list'",
			       job->cause.text, job->name);
	driver = job_dev(job)->driver;
	blocks_text(job_dev(job), blocks, sizeof(blocks));
	if (!dax_is_kmem(job_dev(job)) && has_blocks(job))
		return set_why(
			&job->dg->why, DAXGUARD_RESULT_NOT_AS_ASKED,
			"%s; and it could not be rolled back: a block came online while "
			"'%s' was taken from kmem, %s: that memory is lost until the next "
			"reboot, load the guard before you try again",
			job->cause.text, job->name, blocks);
	return set_why(&job->dg->why, DAXGUARD_RESULT_NOT_AS_ASKED,
		       "%s; and it could not be rolled back: '%s' has the driver '%s' and %s: "
		       "run 'daxguard online %s' or 'daxguard unplug %s'",
		       job->cause.text, job->name, driver ? driver : "none", blocks, job->name,
		       job->name);
}

int former_give_up(struct job *job)
{
	return former_restore(job) ? former_say_halfway(job) : say_rolled_back(job);
}
