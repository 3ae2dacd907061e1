// SPDX-License-Identifier: LGPL-2.1-or-later
/* The whole-device changes: online, offline, unplug, plug, each all or nothing. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "able.h"
#include "apply.h"
#include "clock.h"
#include "driver.h"
#include "former.h"
#include "iomem.h"
#include "lock.h"
#include "pinned.h"

#define WAIT_MS 100

struct device_change {
	const char *verb;
	/* can it be made at all?  0, or a result */
	int (*able)(struct job *job);
	/* 0, or a negative errno with a cause, or a result */
	int (*make)(struct job *job, enum daxguard_zone zone);
	bool takes; /* memory away */
};

/* One call: the same change of a device, or of all that are below another. */
struct call {
	struct daxguard *dg;
	const struct device_change *change;
	enum daxguard_zone zone;
	struct holds holds;
	struct job *jobs; /* one for each hold */
	size_t nr;
};

/* --- holding them --- */

/* What passes: it says nothing of whether there is a guard. */
static bool out_of_room(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM;
}

/* Returns 1 where there is a guard that can be asked, 0 where not, or a negative errno. */
static int guard_loaded(void)
{
	int fd = pins_prog("daxguard_ctl");

	if (fd < 0)
		return out_of_room(fd) ? fd : 0;
	close(fd);
	return 1;
}

static int begin_once(struct job *job)
{
	struct why *why = &job->dg->why;
	int result = device_lock(&job->lock, job->name, why);
	int guard = result ? 0 : guard_loaded();

	if (!guard)
		return result;
	if (guard < 0)
		return set_why(
			why, DAXGUARD_RESULT_FAILED,
			"cannot see whether a guard holds '%s' (%s): see 'daxguard check'",
			job->name, strerror(-guard));
	result = transition_begin(job->hold, why);
	job->holding = !result;
	if (result == DAXGUARD_RESULT_HELD && transition_is_mine(job->hold))
		result = 0;
	return result;
}

static void end(struct job *job)
{
	if (job->holding)
		transition_end(job->hold);
	job->holding = false;
	if (job->lock >= 0)
		close(job->lock);
	job->lock = -1;
}

static int begin_all(struct call *call)
{
	size_t i;
	int result = 0;

	for (i = 0; i < call->nr && !result; i++)
		result = begin_once(&call->jobs[i]);
	/* the last one may have its lock and no more */
	while (result && i--)
		end(&call->jobs[i]);
	return result;
}

static bool waits(const struct daxguard *dg)
{
	return dg->wait && !dg->stop;
}

/* The devices are ours alone, if need be after waiting for all of them. */
static int begin(struct call *call)
{
	struct daxguard *dg = call->dg;
	int result;

	for (;;) {
		result = begin_all(call);
		if (result != DAXGUARD_RESULT_HELD || !waits(dg))
			break;
		poll(NULL, 0, WAIT_MS);
	}
	if (!result)
		dg->why.text[0] = 0;
	return result;
}

/* --- the changes of one device --- */

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

static int has_kmem(struct job *job)
{
	return can_change_blocks(job_dev(job), &job->dg->why);
}

static int make_online(struct job *job, enum daxguard_zone zone)
{
	return change_online(job, zone_resolve(job_dev(job), zone));
}

static int make_offline(struct job *job, enum daxguard_zone zone)
{
	(void)zone;
	return apply_all(job, BLOCK_OFFLINE, false);
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

static int can_unplug(struct job *job)
{
	return dax_is_kmem(job_dev(job)) ? 0 : is_gone(job_dev(job), &job->dg->why);
}

static int make_unplugged(struct job *job, enum daxguard_zone zone)
{
	int err = 0;

	(void)zone;
	if (!dax_is_kmem(job_dev(job)))
		return 0;
	if (!job_dev(job)->attribute || !has_blocks(job))
		return release_from_kmem(job);
	/* where the kernel fails it names no block: going through them does */
	err = attribute_unplug(job);
	if (err == -ETIME || err == -ECANCELED)
		return job_cause(job, err, "'%s' cannot be unplugged (%s)", job->name,
				 job_errno(job, err));
	return release_from_kmem(job);
}

static int can_be_plugged(struct job *job)
{
	return dax_is_kmem(job_dev(job)) ? 0 : can_plug(job_dev(job), &job->dg->why);
}

static int make_plugged(struct job *job, enum daxguard_zone zone)
{
	/* before a block is there that was brought online by others */
	bool movable = zone_resolve(job_dev(job), zone);
	int err;

	if (dax_is_kmem(job_dev(job)))
		return change_online(job, movable);
	err = plug_offline(job, change_word(movable ? CHANGE_MOVABLE : CHANGE_KERNEL));
	return err ? err : change_online(job, movable);
}

static const struct device_change to_online = { "online", has_kmem, make_online, false };
static const struct device_change to_offline = { "offline", has_kmem, make_offline, true };
static const struct device_change to_unplugged = { "unplug", can_unplug, make_unplugged, true };
static const struct device_change to_plugged = { "plug", can_be_plugged, make_plugged, false };

/* --- several --- */

/* What has room for no block, as what daxctl has destroyed, is left alone beside what has. */
static bool concerns(const struct call *call, struct job *job)
{
	size_t i;

	if (job_dev(job)->nr_blocks)
		return true;
	for (i = 0; i < call->nr; i++)
		if (job_dev(&call->jobs[i])->nr_blocks)
			return false;
	return true;
}

/*
 * The I-th to be changed.  In the kernel's zones the memory of one may have what describes that
 * of the next, which was plugged later: what is to go goes in the other direction.
 */
static struct job *turn(struct call *call, size_t i)
{
	return &call->jobs[call->change->takes ? call->nr - 1 - i : i];
}

/* What each is, and whether all can be changed: before the first one is. */
static int look(struct call *call)
{
	struct daxguard *dg = call->dg;
	int result = 0;
	size_t i;

	for (i = 0; i < call->nr; i++)
		if (former_note(&call->jobs[i]))
			return set_why(&dg->why, DAXGUARD_RESULT_FAILED,
				       "%s: see 'daxguard list'", call->jobs[i].cause.text);
	for (i = 0; i < call->nr && !result; i++)
		if (concerns(call, &call->jobs[i]))
			result = call->change->able(&call->jobs[i]);
	return result;
}

/*
 * A driver that is told one name looks at every device that has none: one of the others may be
 * bound by that, and is not to come online before it is its turn.
 */
static void keep_offline(struct call *call, size_t from, size_t to, bool keep)
{
	size_t i;

	if (call->change != &to_plugged || call->nr == 1)
		return;
	for (i = from; i < to; i++)
		(void)transition_keep_offline(call->jobs[i].hold, keep);
}

static enum daxguard_zone zone_of(const struct call *call, const struct job *job)
{
	const struct daxguard *dg = call->dg;

	return dg->zone_of ? dg->zone_of(job->name, call->zone) : call->zone;
}

static int change_one(struct call *call, struct job *job)
{
	int err;

	job->start = now_s();
	job->until = job->start + call->dg->timeout_s;
	err = call->change->make(job, zone_of(call, job));
	/* so it is by somebody's wish, which no rule of udev's is asked about again */
	if (!err)
		pins_take("bound", &job->hold->name);
	if (err >= 0)
		return err;
	job_cause(job, err, "'%s' cannot be changed (%s)", job->name, job_errno(job, err));
	return former_give_up(job);
}

/* Back with all but the one that is LOST, if any; one that cannot be brought back, or NULL. */
static struct job *restore_others(struct call *call, const struct job *lost)
{
	struct job *job, *bad = NULL;
	bool again = true;
	size_t i;
	int round;

	/* twice: what binds one may bind another, too */
	for (round = 0; round < 2 && again && !bad; round++) {
		again = false;
		for (i = call->nr; i--;) {
			job = turn(call, i);
			if (job == lost || former_is_back(job))
				continue;
			again = true;
			if (former_restore(job))
				bad = job;
		}
	}
	return bad;
}

/* FAILED is rolled back as far as it can be: now those that were done before. */
static int roll_back(struct call *call, struct job *failed, int result)
{
	struct why *why = &call->dg->why, said = *why;
	struct job *bad;
	size_t i;

	if (call->nr == 1)
		return result;
	keep_offline(call, 0, call->nr, false);
	for (i = 0; i < call->nr; i++)
		if (&call->jobs[i] != failed)
			set_why(&call->jobs[i].cause, 0, "%s", failed->cause.text);
	if (result == DAXGUARD_RESULT_NOT_AS_ASKED) {
		bad = restore_others(call, failed);
		return set_why(why, result, "%s; the others are %sas they were before",
			       said.text, bad ? "not all " : "");
	}
	bad = restore_others(call, NULL);
	if (bad)
		return former_say_halfway(bad);
	*why = said;
	return DAXGUARD_RESULT_ROLLED_BACK;
}

static int change_all(struct call *call)
{
	int result = look(call);
	size_t i;

	if (result)
		return result;
	keep_offline(call, 0, call->nr, true);
	for (i = 0; i < call->nr && !result; i++) {
		/* of a plug alone, which goes in this order */
		keep_offline(call, i, i + 1, false);
		if (concerns(call, turn(call, i)))
			result = change_one(call, turn(call, i));
	}
	return result ? roll_back(call, turn(call, i - 1), result) : 0;
}

/* --- one call --- */

static int prepare(struct call *call, const char *name)
{
	struct daxguard *dg = call->dg;
	size_t i;
	int result;

	call->holds.like = (struct hold){ .owner = getpid(),
					  .timeout_s = dg->timeout_s,
					  .stop = &dg->stop };
	if (geteuid())
		return set_why(&dg->why, DAXGUARD_RESULT_LACKING,
			       "only root can change '%s': run this as root", name);
	result = holds_name(&call->holds, name, &dg->why);
	if (result)
		return result;
	call->jobs = calloc(call->holds.nr, sizeof(*call->jobs));
	if (!call->jobs)
		return set_why(&dg->why, DAXGUARD_RESULT_FAILED,
			       "no memory is left to change '%s': free some", name);
	for (call->nr = 0; call->nr < call->holds.nr; call->nr++) {
		i = call->nr;
		call->jobs[i] = (struct job){ .dg = dg,
					      .hold = &call->holds.list[i],
					      .name = call->holds.list[i].name.name,
					      .verb = call->change->verb,
					      .lock = -1,
					      .cursor = -1 };
	}
	return 0;
}

/* What a job has read last is now the handle's. */
static void keep_last(struct daxguard *dg, struct job *job)
{
	struct dax_device *devs;

	if (!job->devs.nr)
		return;
	devs = reallocarray(dg->last.dev, dg->last.nr + job->devs.nr, sizeof(*devs));
	if (devs) {
		dg->last.dev = devs;
		memcpy(devs + dg->last.nr, job->devs.dev, job->devs.nr * sizeof(*devs));
		dg->last.nr += job->devs.nr;
		job->devs.nr = 0;
	}
	model_free(&job->devs);
}

static void finish(struct call *call)
{
	size_t i;

	model_free(&call->dg->last);
	for (i = 0; i < call->nr; i++) {
		end(&call->jobs[i]);
		writer_release(&call->jobs[i].writer);
		keep_last(call->dg, &call->jobs[i]);
		free(call->jobs[i].former);
		free(call->jobs[i].counted);
	}
	free(call->jobs);
	holds_free(&call->holds);
	call->dg->stop = 0;
}

static int change(struct daxguard *dg, const char *name, const struct device_change *what,
		  enum daxguard_zone zone)
{
	struct call call = { .dg = dg, .change = what, .zone = zone };
	size_t i;
	int result;

	dg->why.text[0] = 0;
	result = prepare(&call, name);
	if (!result)
		result = begin(&call);
	if (!result)
		result = change_all(&call);
	for (i = 0; i < call.nr && !result; i++)
		if (what == &to_unplugged && concerns(&call, &call.jobs[i]) &&
		    !*job_driver(&call.jobs[i]))
			transition_unplugged(call.jobs[i].hold);
	if (result && call.nr)
		holds_say(&call.holds, result, &dg->why);
	finish(&call);
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
	return change(dg, device, &to_online, zone);
}

int daxguard_offline(struct daxguard *dg, const char *device)
{
	return change(dg, device, &to_offline, DAXGUARD_ZONE_AUTO);
}

int daxguard_unplug(struct daxguard *dg, const char *device)
{
	return change(dg, device, &to_unplugged, DAXGUARD_ZONE_AUTO);
}

int daxguard_plug(struct daxguard *dg, const char *device, enum daxguard_zone zone)
{
	if ((unsigned int)zone > DAXGUARD_ZONE_KERNEL)
		return bad_zone(dg, zone);
	return change(dg, device, &to_plugged, zone);
}
