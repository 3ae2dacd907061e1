/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One change of one device while it runs: its device, its time, its writes. */
#ifndef DAXGUARD_JOB_H
#define DAXGUARD_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "writer.h"
#include "handle.h"
#include "model.h"
#include "plan.h"
#include "transition.h"

/* Where trying again begins; each pause is longer. */
#define PAUSE_FIRST_MS 10

struct job {
	struct daxguard *dg;
	struct hold *hold;
	const char *name; /* of the device */
	const char *verb;
	struct writer writer;
	double start;
	double until; /* when a write that is under way is given up */
	double patience; /* so long busy things are tried again while nothing changes, 0: until
			    then */
	double moved; /* when something last changed, or the roll-back began */
	bool rolling_back;
	bool holding; /* the transition is ours to end */
	int lock;
	struct dax_devices devs; /* the device as it was last read */
	struct want *former; /* what its blocks were */
	char former_driver[32]; /* "" for none */
	size_t done, total; /* blocks, for the progress function */
	bool *counted; /* which blocks are in DONE */
	size_t cursor; /* block that the kernel is busy with in a whole-device write, or -1 */
	struct want asked; /* what that write makes of each block */
	struct why cause; /* of the first failure, without what became of it */
	int cause_err; /* its negative errno */
};

/* The device, once job_read() has succeeded. */
static inline struct dax_device *job_dev(struct job *job)
{
	return job->devs.dev;
}

/* The driver that it has, "" for none. */
static inline const char *job_driver(struct job *job)
{
	return job_dev(job)->driver ? job_dev(job)->driver : "";
}

/*
 * Read the device anew.  Returns 0 or a negative errno, with a cause: -ENXIO where it
 * has other blocks than when the change began.
 */
int job_read(struct job *job);

/* The time is up, or it was told to stop. */
bool job_over(const struct job *job);

/* Wait a little before trying again, *MS more each time.  False where it is over. */
bool job_pause(struct job *job, int *ms);

/* May ERR be gone at the next try? */
bool is_transient(int err);

/* Should what gave ERR be tried again?  Waits a little and forgets the cause then. */
bool job_again(struct job *job, int err, int *ms);

/* Have all of these written, and wait for one: what writer_ask() and writer_answer() return. */
int job_ask(struct job *job, struct writer_request *requests, size_t nr);
int job_answer(struct job *job);

/* Write TEXT to PATH once: what writer_answer() returns. */
int job_write(struct job *job, const char *path, const char *text);

/* The same until it succeeds, fails for good, or it is over. */
int job_insist(struct job *job, const char *path, const char *text);

/* Tell the progress function.  BLOCK: the one that changed, or NULL. */
void job_progress(struct job *job, const struct dax_block *block);

/*
 * Tell it that block I has changed, to what is WANTED or only on the way there.  However
 * often it is changed, it counts once.
 */
void job_changed(struct job *job, size_t i, bool wanted);

/* Tell of block I where it is as the whole-device write makes it, and was not yet. */
void job_passed(struct job *job, size_t i);

/* "Device or resource busy", or why it was given up.  Lasts until the next call. */
const char *job_errno(const struct job *job, int err);

/* Note the cause unless there is one; returns ERR. */
__attribute__((format(printf, 3, 4))) int job_cause(struct job *job, int err, const char *fmt,
						    ...);

#endif
