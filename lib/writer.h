/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread that writes to sysfs for us.  A write that takes a block offline goes on
 * until it succeeds or a signal arrives; a thread can be cancelled without any handler
 * in the program that we are part of, and no stray signal aborts its work.  A child
 * process could as well, but takes a copy of the caller's memory and a change of address
 * space for each write.
 */
#ifndef DAXGUARD_WRITER_H
#define DAXGUARD_WRITER_H

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct writer_request {
	char path[128];
	const char *text;
	int err; /* the answer */
};

/* All zeroes at first; stays where it is until it is released. */
struct writer {
	bool started;
	atomic_bool leave; /* the thread is to end */
	pthread_t thread;
	sem_t asked, answered;
	struct writer_request *requests;
	size_t nr, next; /* of them; whose answer is waited for */
};

struct writer_limits {
	double until; /* now_s() at which it is given up */
	const volatile sig_atomic_t *stop; /* NULL, or given up where it is set */
	void (*tick)(void *context); /* NULL, or called about five times a second */
	void *context;
};

/*
 * Write each text to its file, one after the other up to the first that fails, without
 * waiting for us: between two writes nobody has to wake up.  Ask for the answers, or
 * release the writer, before the REQUESTS are freed.  Returns 0 or a negative errno.
 */
int writer_ask(struct writer *writer, struct writer_request *requests, size_t nr);

/*
 * Wait for the next write.  Returns 0, a negative errno of its open(2) or write(2),
 * -ETIME where it took too long, or -ECANCELED.  After an error nothing of what was
 * asked is going on any more.
 */
int writer_answer(struct writer *writer, const struct writer_limits *limits);

/* End the thread, in the midst of a write if need be: the kernel undoes that one. */
void writer_release(struct writer *writer);

#endif
