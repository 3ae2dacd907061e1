// SPDX-License-Identifier: LGPL-2.1-or-later
/* Bringing a device's blocks to what is wanted, and looking whether they are. */
#include "apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages.h"

static struct want want_of(enum change change)
{
	struct want want = { .state = BLOCK_ONLINE, .movable = change == CHANGE_MOVABLE };

	if (change == CHANGE_OFFLINE)
		want.state = BLOCK_OFFLINE;
	return want;
}

static const char *change_text(enum change change)
{
	return change == CHANGE_OFFLINE ? "taken offline" : "brought online";
}

/* ": 3 pages of it are pinned or unmovable", or "" where nothing is known. */
static void why_busy(const struct dax_block *block, const char *zone, char *buf, size_t size)
{
	struct page_counts counts;
	unsigned long nr;
	char owner[96];
	int len;

	*buf = 0;
	if (pages_of_block(&counts, block->nr))
		return;
	nr = pages_unmovable(&counts, zone, true);
	if (!nr)
		return;
	len = snprintf(buf, size, ": %lu page%s of it %s pinned or unmovable", nr,
		       nr == 1 ? "" : "s", nr == 1 ? "is" : "are");
	if (counts.first >= 0 && page_owner(counts.first, owner, sizeof(owner)))
		snprintf(buf + len, size - len, ", the first one allocated by %s", owner);
}

static int say_stuck(struct job *job, const struct dax_block *block, const char *zone,
		     enum change change, int err)
{
	char pages[192] = "";

	if (change == CHANGE_OFFLINE && err != -ECANCELED)
		why_busy(block, zone, pages, sizeof(pages));
	return job_cause(job, err, "'memory%u' of '%s' cannot be %s (%s)%s", block->nr,
			 job->name, change_text(change), job_errno(job, err), pages);
}

static void fill_request(struct writer_request *request, const struct dax_block *block,
			 enum change change)
{
	snprintf(request->path, sizeof(request->path),
		 "/sys/devices/system/memory/memory%u/state", block->nr);
	request->text = change_word(change);
}

/*
 * What became of a step; ERR is what its write answered.  Tries again what may succeed
 * then.  -ESTALE: somebody else was there, plan again.
 */
static int settle(struct job *job, const struct step *step,
		  const struct writer_request *request, int err)
{
	struct dax_block *block = &job_dev(job)->blocks[step->block];
	struct want want = want_of(step->change);
	enum block_state state = block->state;
	int ms = PAUSE_FIRST_MS, invalid = 0;
	char zone[ZONE_LEN];

	memcpy(zone, block->zone, sizeof(zone));
	for (;;) {
		if (model_read_block(block))
			return -ESTALE;
		if (block_is(block, &want))
			return 0;
		/* the kernel calls it invalid where the block is in that state already */
		if (!err || (err == -EINVAL && block->state != state))
			return -ESTALE;
		/* or was, when it was asked: once more tells */
		if (!is_transient(err) && !(err == -EINVAL && !invalid++))
			return say_stuck(job, block, zone, step->change, err);
		if (!job_pause(job, &ms))
			return say_stuck(job, block, zone, step->change, err);
		err = job_write(job, request->path, request->text);
	}
}

/* Where the steps that go the other way begin: up to there no block has two. */
static size_t same_way(const struct plan *plan, size_t first)
{
	bool offline = plan->steps[first].change == CHANGE_OFFLINE;
	size_t i = first;

	while (i < plan->nr && (plan->steps[i].change == CHANGE_OFFLINE) == offline)
		i++;
	return i;
}

/*
 * The writes go on while we look at what the ones before have done.  A block that
 * changes zone takes two steps, and counts once.
 */
static int take_steps(struct job *job, const struct plan *plan, const struct want *want,
		      struct writer_request *requests)
{
	struct dax_block *blocks = job_dev(job)->blocks;
	size_t i, at, asked = 0;
	int err = 0;

	for (i = 0; i < plan->nr; i++) {
		if (job->dg->stop && !job->rolling_back)
			return job_cause(job, -ECANCELED, "changing '%s' was interrupted",
					 job->name);
		if (i >= asked) {
			asked = same_way(plan, i);
			err = job_ask(job, &requests[i], asked - i);
		}
		if (!err)
			err = job_answer(job);
		/* behind an error nothing of what was asked is written */
		if (err)
			asked = 0;
		err = settle(job, &plan->steps[i], &requests[i], err);
		if (err)
			return err;
		at = plan->steps[i].block;
		job_changed(job, at, block_is(&blocks[at], &want[at]));
	}
	return 0;
}

/* Blocks that will count when they are as wanted. */
static size_t uncounted(struct job *job, const struct want *want)
{
	const struct dax_device *dev = job_dev(job);
	size_t i, nr = 0;

	for (i = 0; i < dev->nr_blocks; i++)
		nr += !job->counted[i] && !block_is(&dev->blocks[i], &want[i]);
	return nr;
}

static int take_plan(struct job *job, const struct plan *plan, const struct want *want)
{
	struct writer_request *requests = calloc(plan->nr, sizeof(*requests));
	size_t i;
	int err;

	if (!requests)
		return job_cause(job, -ENOMEM, "no memory is left for a plan for '%s'",
				 job->name);
	for (i = 0; i < plan->nr; i++)
		fill_request(&requests[i], &job_dev(job)->blocks[plan->steps[i].block],
			     plan->steps[i].change);
	job->total = job->done + uncounted(job, want);
	err = take_steps(job, plan, want, requests);
	/* it may still be writing what comes behind a step that went wrong */
	if (err)
		writer_release(&job->writer);
	free(requests);
	return err;
}

static int say_moving(struct job *job)
{
	char text[512];

	return job_cause(job, -EBUSY,
			 "somebody else keeps changing the blocks of '%s' (%s): load the guard "
			 "with 'daxguard load'",
			 job->name, blocks_text(job_dev(job), text, sizeof(text)));
}

/* One go, by the last look.  Returns 1 where there was nothing left to do. */
static int apply_once(struct job *job, const struct want *want)
{
	struct plan plan;
	int err;

	if (plan_make(&plan, job_dev(job), want))
		err = job_cause(job, -ENOMEM, "no memory is left for a plan for '%s'",
				job->name);
	else if (plan.absent)
		err = job_cause(job, -ENODEV, "%zu blocks of '%s' are not there", plan.absent,
				job->name);
	else if (!plan.nr)
		err = 1;
	else
		err = take_plan(job, &plan, want);
	free(plan.steps);
	return err;
}

int apply(struct job *job, const struct want *want)
{
	int ms = PAUSE_FIRST_MS;
	int err = apply_once(job, want);

	for (;;) {
		if (err < 0 && err != -ESTALE)
			return err;
		if (err < 0 && !job_pause(job, &ms))
			return say_moving(job);
		/* that nothing is left to do is for a new look to say */
		err = job_read(job);
		if (!err)
			err = apply_once(job, want);
		if (err == 1)
			return 0;
	}
}

int apply_all(struct job *job, enum block_state state, bool movable)
{
	struct want want = { .state = state, .movable = movable };
	struct want *all = want_all(job_dev(job), want);
	int err;

	if (!all)
		return job_cause(job, -ENOMEM, "no memory is left for a plan for '%s'",
				 job->name);
	err = apply(job, all);
	free(all);
	return err;
}

static int write_attribute(struct job *job, const char *word)
{
	char path[96];

	snprintf(path, sizeof(path), DAX_DEVICES "/%s/%s", job->name, job_dev(job)->attribute);
	return job_write(job, path, word);
}

/*
 * The same where every block becomes as ASKED, which is told block by block.  Where it
 * fails, the cursor is left at the block that the kernel was at.
 */
static int write_asked(struct job *job, const char *word, struct want asked)
{
	job->asked = asked;
	job->cursor = 0;
	job->total = job_dev(job)->nr_blocks;
	return write_attribute(job, word);
}

/* What has changed since the last tick. */
static void report_rest(struct job *job)
{
	size_t i;

	for (i = 0; i < job_dev(job)->nr_blocks; i++)
		job_passed(job, i);
}

int attribute_unplug(struct job *job)
{
	struct dax_device *dev = job_dev(job);
	int err;

	err = write_asked(job, unplug_word(dev->attribute), want_of(CHANGE_OFFLINE));
	/* the block that it was at, when it was given up */
	if (err == -ETIME && job->cursor < dev->nr_blocks)
		say_stuck(job, &dev->blocks[job->cursor],
			  job->former[job->cursor].movable ? "Movable" : "", CHANGE_OFFLINE,
			  err);
	job->cursor = -1;
	if (job_read(job))
		return -ENODEV;
	if (!err)
		report_rest(job);
	return err;
}

static const char *online_word(bool movable)
{
	return change_word(movable ? CHANGE_MOVABLE : CHANGE_KERNEL);
}

/* The first form of the attribute has no word for the kernel zones alone. */
static int write_online(struct job *job, bool movable)
{
	struct want asked = want_of(movable ? CHANGE_MOVABLE : CHANGE_KERNEL);
	int err = write_asked(job, online_word(movable), asked);

	if (err == -EINVAL && !movable)
		err = write_asked(job, "online", asked);
	job->cursor = -1;
	return err;
}

/* Does the attribute say already what will be true when the blocks are online? */
static bool claims_online(const struct dax_device *dev, bool movable)
{
	const char *value = dev->attribute_value ? dev->attribute_value : "";

	return !strcmp(value, online_word(movable));
}

/*
 * 7.3 without our patches goes online from unplugged only, and goes on saying what it
 * said when the blocks are changed one by one: the long way only where that is wrong.
 */
static int go_online(struct job *job, bool movable)
{
	const struct dax_device *dev = job_dev(job);
	int err = write_online(job, movable);

	if (err != -EBUSY || dax_count(dev, BLOCK_ABSENT) == dev->nr_blocks ||
	    claims_online(dev, movable))
		return err;
	err = write_attribute(job, unplug_word(dev->attribute));
	return err ? err : write_online(job, movable);
}

/* The kernel says it is done where it could online only a part: the caller looks. */
int attribute_online(struct job *job, bool movable)
{
	int err = go_online(job, movable);

	if (job_read(job))
		return -ENODEV;
	if (!err)
		report_rest(job);
	return err;
}
