// SPDX-License-Identifier: LGPL-2.1-or-later
/* One change of one device while it runs: its device, its time, its writes. */
#include "job.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

#define PAUSE_LAST_MS 500

/* What is wanted of the blocks, and what they were, is kept by their place among them. */
static bool has_other_blocks(const struct job *job, const struct dax_device *now)
{
	const struct dax_device *then = job->devs.dev;
	size_t i;

	if (!job->former)
		return false;
	if (now->nr_blocks != then->nr_blocks)
		return true;
	for (i = 0; i < now->nr_blocks; i++)
		if (now->blocks[i].nr != then->blocks[i].nr)
			return true;
	return false;
}

int job_read(struct job *job)
{
	struct dax_devices devs;
	int err = model_one(&devs, job->name);

	if (err) {
		model_free(&devs);
		return job_cause(job, err, "the device '%s' cannot be read (%s)", job->name,
				 strerror(-err));
	}
	if (has_other_blocks(job, devs.dev)) {
		model_free(&devs);
		return job_cause(job, -ENXIO,
				 "somebody else has changed the ranges of '%s' meanwhile",
				 job->name);
	}
	model_free(&job->devs);
	job->devs = devs;
	return 0;
}

static bool stopped(const struct job *job)
{
	return job->dg->stop && !job->rolling_back;
}

bool job_over(const struct job *job)
{
	double now = now_s();

	return stopped(job) || now >= job->until ||
	       (job->patience > 0 && now >= job->moved + job->patience);
}

bool job_pause(struct job *job, int *ms)
{
	if (job_over(job))
		return false;
	poll(NULL, 0, *ms);
	*ms = *ms * 2 > PAUSE_LAST_MS ? PAUSE_LAST_MS : *ms * 2;
	job_progress(job, NULL);
	return !job_over(job);
}

bool is_transient(int err)
{
	return err == -EBUSY || err == -EAGAIN || err == -EINTR;
}

bool job_again(struct job *job, int err, int *ms)
{
	if (!is_transient(err) || !job_pause(job, ms))
		return false;
	if (!job->rolling_back)
		job->cause.text[0] = 0;
	return true;
}

static bool is_past(const struct job *job, const struct dax_block *block)
{
	if (job->asked.state == BLOCK_ONLINE)
		return block->state == BLOCK_ONLINE;
	return block->state != BLOCK_ONLINE && block->state != BLOCK_GOING_OFFLINE;
}

/* How far the kernel is in a whole-device write, block after block. */
static void follow_kernel(struct job *job)
{
	struct dax_device *dev = job_dev(job);
	struct dax_block *block;

	for (; job->cursor < dev->nr_blocks; job->cursor++) {
		block = &dev->blocks[job->cursor];
		if (model_read_block(block) || !is_past(job, block))
			break;
		job_passed(job, job->cursor);
	}
}

static void tick(void *context)
{
	struct job *job = context;

	if (job->cursor != (size_t)-1)
		follow_kernel(job);
	job_progress(job, NULL);
}

int job_ask(struct job *job, struct writer_request *requests, size_t nr)
{
	return writer_ask(&job->writer, requests, nr);
}

int job_answer(struct job *job)
{
	struct writer_limits limits = { .until = job->until,
					.stop = job->rolling_back ? NULL : &job->dg->stop,
					.tick = tick,
					.context = job };

	return writer_answer(&job->writer, &limits);
}

int job_write(struct job *job, const char *path, const char *text)
{
	struct writer_request request = { .text = text };
	int err;

	if ((size_t)snprintf(request.path, sizeof(request.path), "%s", path) >=
	    sizeof(request.path))
		return -ENAMETOOLONG;
	err = job_ask(job, &request, 1);
	return err ? err : job_answer(job);
}

int job_insist(struct job *job, const char *path, const char *text)
{
	int err, ms = PAUSE_FIRST_MS;

	do {
		err = job_write(job, path, text);
	} while (is_transient(err) && job_pause(job, &ms));
	return err;
}

void job_progress(struct job *job, const struct dax_block *block)
{
	struct daxguard_progress p = {
		.device = job->name,
		.verb = job->verb,
		.rolling_back = job->rolling_back,
		.block = block ? (int)block->nr : -1,
		.block_state = "",
		.block_zone = block ? block->zone : "",
		.done = job->done,
		.total = job->total > job->done ? job->total : job->done,
		.seconds = now_s() - job->start,
	};

	if (block)
		p.block_state = state_name(block->state);
	if (job->dg->progress)
		job->dg->progress(job->dg->context, &p);
}

void job_changed(struct job *job, size_t i, bool wanted)
{
	job->moved = now_s();
	if (wanted && !job->counted[i]) {
		job->counted[i] = true;
		job->done++;
	}
	job_progress(job, &job_dev(job)->blocks[i]);
}

/* What goes away is offline first, and what comes may be in another zone than asked. */
void job_passed(struct job *job, size_t i)
{
	const struct dax_block *block = &job_dev(job)->blocks[i];

	if (job->counted[i] || !is_past(job, block))
		return;
	if (job->asked.state != BLOCK_ONLINE || block_is(block, &job->asked))
		job_changed(job, i, true);
}

const char *job_errno(const struct job *job, int err)
{
	static __thread char text[128];

	if (err == -ECANCELED || stopped(job))
		return "interrupted";
	if (err == -ETIME)
		snprintf(text, sizeof(text), "not done after %g s", job->dg->timeout_s);
	else if (is_transient(err))
		snprintf(text, sizeof(text), "%s, after %g s", strerror(-err),
			 job->dg->timeout_s);
	else
		snprintf(text, sizeof(text), "%s", strerror(-err));
	return text;
}

int job_cause(struct job *job, int err, const char *fmt, ...)
{
	char text[WHY_LEN];
	va_list args;

	if (*job->cause.text)
		return err;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	set_why(&job->cause, 0, "%s", text);
	job->cause_err = err;
	return err;
}
