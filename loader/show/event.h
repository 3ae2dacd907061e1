/* SPDX-License-Identifier: GPL-2.0-only */
/* One event, as a line for people or as one of JSON. */
#ifndef DAXGUARD_EVENT_SHOW_H
#define DAXGUARD_EVENT_SHOW_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "daxguard.h"

struct cgroups;

/* An event as it was read: how long it is says what it is about besides the device. */
struct event_record {
	union {
		struct daxguard_event event; /* what each begins with */
		struct daxguard_event_above above;
		struct daxguard_event_zone zone;
	};
	bool has_above;
	bool has_zone;
};

/* The SIZE bytes that the guard has written; false where they are none of this layout. */
bool event_record(struct event_record *e, const void *data, size_t size);

/* When that was, in nanoseconds since 1970. */
__u64 event_when(const struct daxguard_event *e);

/*
 * Print E, which happened at WHEN in nanoseconds since 1970, on stdout: JSON where that
 * was asked for.  CGROUPS, which stay the caller's, give cgroups their paths.  Returns 0, or a
 * negative errno where stdout takes no more.
 */
int print_event(const struct event_record *e, __u64 when, const struct cgroups *cgroups);

#endif
