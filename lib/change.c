// SPDX-License-Identifier: LGPL-2.1-or-later
/* The whole-device changes: online, offline, unplug, plug, each all or nothing. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "able.h"
#include "auto_online.h"
#include "clock.h"
#include "driver.h"
#include "iomem.h"
#include "job.h"
#include "lock.h"
#include "pinned.h"
#include "apply.h"

#define KMEM "kmem"

/*
 * A write of a roll-back is given at least this long, whatever the timeout was: what it
 * has begun is to be done.  What is refused is tried again for the timeout only, and
 * hardly where it was told to stop.
 */
#define ROLL_BACK_S 30
#define ROLL_BACK_TRY_S 1

#define WAIT_MS 100

/* --- holding it --- */

static bool guard_loaded(void)
{
	int fd = pins_prog("daxguard_ctl");

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int begin_once(struct job *job, struct hold *hold)
{
	struct why *why = &job->dg->why;
	int result = device_lock(&job->lock, job->name, why);

	if (result || !guard_loaded())
		return result;
	result = transition_begin(hold, why);
	job->holding = !result;
	if (result == DAXGUARD_RESULT_HELD && transition_is_mine(hold))
		result = 0;
	if (result)
		close(job->lock);
	return result;
}

/* The device is ours alone, if need be after waiting for it. */
static int begin(struct job *job, struct hold *hold)
{
	int result;

	for (;;) {
		result = begin_once(job, hold);
		if (result != DAXGUARD_RESULT_HELD || !job->dg->wait || job->dg->stop)
			break;
		poll(NULL, 0, WAIT_MS);
	}
	if (!result)
		job->dg->why.text[0] = 0;
	return result;
}

/* --- what it was, and back to it --- */

static int note_former(struct job *job)
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
 * Give it to kmem with no block coming online on the way, whatever auto_online_blocks
 * says: by the guard, where that can refuse it, else by the file, which is the whole
 * machine's and so off not a moment longer.  WORD: what it may say all the same, or NULL.
 */
static int plug_offline(struct job *job, const char *word)
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

/* Is a block missing that was there?  Then only the attribute brings it back. */
static bool lacks_blocks(struct job *job, bool *movable)
{
	const struct dax_device *dev = job_dev(job);
	bool lacks = false;
	size_t i;

	*movable = true;
	for (i = 0; i < dev->nr_blocks; i++) {
		if (job->former[i].state == BLOCK_ONLINE && !job->former[i].movable)
			*movable = false;
		lacks |= job->former[i].state != BLOCK_ABSENT &&
			 dev->blocks[i].state == BLOCK_ABSENT;
	}
	return lacks;
}

static int restore_blocks(struct job *job)
{
	bool movable;

	if (!was_kmem(job))
		return 0;
	if (lacks_blocks(job, &movable) && job_dev(job)->attribute)
		attribute_online(job, movable);
	return apply(job, job->former);
}

/* Is it what it was?  A block that was absent may have been made by then, offline. */
static bool is_restored(struct job *job)
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

/* Everything back to what it was.  Returns 0 or a negative errno. */
static int restore(struct job *job)
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
	if (!err && !is_restored(job))
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

static bool has_blocks(struct job *job)
{
	return dax_count(job_dev(job), BLOCK_ABSENT) < job_dev(job)->nr_blocks;
}

static int say_halfway(struct job *job)
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
			"reboot, load the guard before the next try",
			job->cause.text, job->name, blocks);
	return set_why(&job->dg->why, DAXGUARD_RESULT_NOT_AS_ASKED,
		       "%s; and it could not be rolled back: '%s' has the driver '%s' and %s: "
		       "run 'daxguard online %s' or 'daxguard unplug %s'",
		       job->cause.text, job->name, driver ? driver : "none", blocks, job->name,
		       job->name);
}

static int give_up(struct job *job)
{
	return restore(job) ? say_halfway(job) : say_rolled_back(job);
}

/* --- the changes; each returns 0 or a negative errno with a cause, or a result --- */

static bool nothing_online(struct job *job)
{
	return !dax_count(job_dev(job), BLOCK_ONLINE) &&
	       !dax_count(job_dev(job), BLOCK_GOING_OFFLINE);
}

/* /proc/iomem is the kernel's own list: as many bytes as the blocks have. */
static int verify_ram(struct job *job)
{
	const struct dax_device *dev = job_dev(job);
	__u64 size = 0;
	long long ram = iomem_ram(dev);

	if (model_block_size(&size) || ram < 0 || (__u64)ram == size * dev->nr_blocks)
		return 0;
	return set_why(&job->dg->why, DAXGUARD_RESULT_NOT_AS_ASKED,
		       "'%s' has %lld bytes of System RAM in '/proc/iomem', not %llu: see "
		       "'dmesg'",
		       job->name, ram, (unsigned long long)(size * dev->nr_blocks));
}

static int change_online(struct job *job, bool movable)
{
	int err;

	/* a device with anything online can be changed by its blocks only */
	if (job_dev(job)->attribute && nothing_online(job)) {
		err = attribute_online(job, movable);
		if (err && dax_count(job_dev(job), BLOCK_ABSENT))
			return job_cause(job, err, "'%s' cannot be brought online (%s)",
					 job->name, job_errno(job, err));
	}
	err = apply_all(job, BLOCK_ONLINE, movable);
	return err ? err : verify_ram(job);
}

static int do_online(struct job *job, enum daxguard_zone zone)
{
	int result = can_change_blocks(job_dev(job), &job->dg->why);

	return result ? result : change_online(job, zone_resolve(job_dev(job), zone));
}

static int do_offline(struct job *job, enum daxguard_zone zone)
{
	int result = can_change_blocks(job_dev(job), &job->dg->why);

	(void)zone;
	return result ? result : apply_all(job, BLOCK_OFFLINE, false);
}

/* Nothing is online at the last look; then away with it. */
static int release_from_kmem(struct job *job)
{
	int err, ms = PAUSE_FIRST_MS;

	do {
		err = apply_all(job, BLOCK_OFFLINE, false);
		if (!err)
			err = driver_unbind(job, KMEM);
	} while (job_again(job, err, &ms));
	return err ? err : is_gone(job_dev(job), &job->dg->why);
}

static int do_unplug(struct job *job, enum daxguard_zone zone)
{
	int err = 0;

	(void)zone;
	if (!dax_is_kmem(job_dev(job)))
		return is_gone(job_dev(job), &job->dg->why);
	if (!job_dev(job)->attribute || !has_blocks(job))
		return release_from_kmem(job);
	/* where the kernel fails it names no block: going through them does */
	err = attribute_unplug(job);
	if (err == -ETIME || err == -ECANCELED)
		return job_cause(job, err, "'%s' cannot be unplugged (%s)", job->name,
				 job_errno(job, err));
	return release_from_kmem(job);
}

static int do_plug(struct job *job, enum daxguard_zone zone)
{
	/* before a block is there that was brought online by others */
	bool movable = zone_resolve(job_dev(job), zone);
	int err;

	if (dax_is_kmem(job_dev(job)))
		return change_online(job, movable);
	err = can_plug(job_dev(job), &job->dg->why);
	if (!err)
		err = plug_offline(job, change_word(movable ? CHANGE_MOVABLE : CHANGE_KERNEL));
	return err ? err : change_online(job, movable);
}

/* --- one call --- */

typedef int (*change_fn)(struct job *job, enum daxguard_zone zone);

static int run(struct job *job, change_fn change, enum daxguard_zone zone)
{
	int err = note_former(job);

	if (err)
		return set_why(&job->dg->why, DAXGUARD_RESULT_FAILED, "%s: see 'daxguard list'",
			       job->cause.text);
	err = change(job, zone);
	if (err >= 0)
		return err;
	job_cause(job, err, "'%s' cannot be changed (%s)", job->name, job_errno(job, err));
	return give_up(job);
}

static int start(struct job *job, struct hold *hold)
{
	struct daxguard *dg = job->dg;
	int result;

	if (geteuid())
		return set_why(&dg->why, DAXGUARD_RESULT_LACKING,
			       "only root can change '%s': run this as root", job->name);
	result = transition_name(hold, job->name, &dg->why);
	if (result)
		return result;
	return begin(job, hold);
}

static int change(struct daxguard *dg, const char *name, const char *verb, change_fn fn,
		  enum daxguard_zone zone)
{
	struct hold hold = { .owner = getpid(), .timeout_s = dg->timeout_s, .stop = &dg->stop };
	struct job job = {
		.dg = dg, .hold = &hold, .name = name, .verb = verb, .lock = -1, .cursor = -1
	};
	int result;

	dg->why.text[0] = 0;
	result = start(&job, &hold);
	if (!result) {
		job.start = now_s();
		job.until = job.start + dg->timeout_s;
		result = run(&job, fn, zone);
		if (!result && fn == do_unplug && !*job_driver(&job))
			transition_unplugged(&hold);
		if (job.holding)
			transition_end(&hold);
		close(job.lock);
	}
	writer_release(&job.writer);
	model_free(&dg->last);
	dg->last = job.devs;
	free(job.former);
	free(job.counted);
	dg->stop = 0;
	return result;
}

static int bad_zone(struct daxguard *dg, enum daxguard_zone zone)
{
	return set_why(&dg->why, DAXGUARD_RESULT_USAGE,
		       "%d is not a zone: use one of enum daxguard_zone", (int)zone);
}

int daxguard_online(struct daxguard *dg, const char *device, enum daxguard_zone zone)
{
	if ((unsigned int)zone > DAXGUARD_ZONE_KERNEL)
		return bad_zone(dg, zone);
	return change(dg, device, "online", do_online, zone);
}

int daxguard_offline(struct daxguard *dg, const char *device)
{
	return change(dg, device, "offline", do_offline, DAXGUARD_ZONE_AUTO);
}

int daxguard_unplug(struct daxguard *dg, const char *device)
{
	return change(dg, device, "unplug", do_unplug, DAXGUARD_ZONE_AUTO);
}

int daxguard_plug(struct daxguard *dg, const char *device, enum daxguard_zone zone)
{
	if ((unsigned int)zone > DAXGUARD_ZONE_KERNEL)
		return bad_zone(dg, zone);
	return change(dg, device, "plug", do_plug, zone);
}
