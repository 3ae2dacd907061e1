/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A child process that writes to sysfs for us.  A write that takes a block offline goes
 * on until it succeeds or a signal arrives; a child can get one without any handler
 * in the program that we are part of, and no stray signal aborts its work.
 */
#ifndef DAXGUARD_HAND_H
#define DAXGUARD_HAND_H

#include <signal.h>
#include <sys/types.h>

struct hand {
	pid_t pid; /* 0: none yet */
	int sock;
};

struct hand_limits {
	double until; /* now_s() at which it is given up */
	const volatile sig_atomic_t *stop; /* NULL, or given up where it is set */
	void (*tick)(void *context); /* NULL, or called about five times a second */
	void *context;
};

/*
 * Write TEXT to the file PATH.  Returns 0, a negative errno of open(2) or write(2),
 * -ETIME where it took too long, or -ECANCELED.
 */
int hand_write(struct hand *hand, const char *path, const char *text,
	       const struct hand_limits *limits);

/* End the child. */
void hand_release(struct hand *hand);

#endif
