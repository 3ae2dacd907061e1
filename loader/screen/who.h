/* SPDX-License-Identifier: GPL-2.0-only */
/* Who was refused: a program and a device, and how often. */
#ifndef DAXGUARD_SCREEN_WHO_H
#define DAXGUARD_SCREEN_WHO_H

#include <linux/types.h>
#include <stddef.h>

#include "daxguard.h"
#include "guard/tally.h"

struct who {
	/* both as they come from the guard: whoever shows them cleans them */
	char program[DAXGUARD_EXE_LEN + 1];
	char unit[DAXGUARD_UNIT_LEN + 1]; /* "" where it is not known */
	char device[DAXGUARD_NAME_LEN + 1];
	__u32 uid;
	__u64 refused;
	__u64 would_be; /* in audit mode: let through */
	__u64 slipped;
	__u64 first; /* as the events' times are */
	__u64 last;
	double rate; /* refusals a second, see who_rates() */
};

struct who_list {
	struct who *list;
	size_t nr;
};

/* The name of an event's program: of its executable, else of the task; in OUT. */
void who_program(const struct daxguard_event *e, char out[DAXGUARD_EXE_LEN + 1]);

/*
 * Count the event, which happened at WHEN, if it is a refusal, an audit or a slip; all others
 * are left out.  Returns 0 or -ENOMEM.
 */
int who_add(struct who_list *who, const struct daxguard_event *e, __u64 when);

/* The same with what the guard has counted. */
int who_take(struct who_list *who, const struct culprit *c);

/* Fill in each rate: what was refused since BEFORE, which was NS nanoseconds earlier. */
void who_rates(struct who_list *now, const struct who_list *before, __u64 ns);

/* The refusals of one device, and how many a second. */
__u64 who_refused(const struct who_list *who, const char *device, double *rate);

/* Those who are refused most now come first, then those who were most. */
void who_sort(struct who_list *who);

void who_free(struct who_list *who);

#endif
