/* SPDX-License-Identifier: GPL-2.0-only */
/* --since: the events from a point in time, or from one of them, on. */
#ifndef DAXGUARD_SINCE_H
#define DAXGUARD_SINCE_H

#include <linux/types.h>
#include <stdbool.h>

struct since {
	__u64 when; /* in nanoseconds since 1970; 0: all of them */
	__u64 seq; /* number of an event; 0: all of them */
};

/* Take the option's value TEXT.  Returns 0, or EXIT_USAGE having said what is wrong. */
int since_parse(struct since *since, const char *text);

/* Is what happened at WHEN, in nanoseconds since 1970, one of them? */
bool since_has(const struct since *since, __u64 when);

#endif
