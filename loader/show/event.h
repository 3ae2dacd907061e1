/* SPDX-License-Identifier: GPL-2.0-only */
/* One event, as a line for people or as one of JSON. */
#ifndef DAXGUARD_EVENT_SHOW_H
#define DAXGUARD_EVENT_SHOW_H

#include <json-c/json.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "daxguard.h"

struct cgroups;

/* An event as it was read, and what it is about besides the device. */
struct event_record {
	union {
		struct daxguard_event event; /* what each begins with */
		struct daxguard_event_above above;
		struct daxguard_event_zone zone;
	};
	bool has_above;
	bool has_zone;
};

/* What the guard has written there. */
void event_record(struct event_record *e, const struct daxguard_history *h);

/* When that was, in nanoseconds since 1970. */
__u64 event_when(const struct daxguard_event *e);

/* The event of that name, enum daxguard_event_type, or 0; and the other way round. */
__u32 event_type(const char *name);
const char *event_name(__u32 type);

/*
 * Print E of the number SEQ, which happened at WHEN in nanoseconds since 1970, on stdout:
 * JSON where that was asked for.  CGROUPS, which stay the caller's, give cgroups their
 * paths.  Returns 0, or a negative errno where stdout takes no more.
 */
int print_event(const struct event_record *e, __u64 seq, __u64 when,
		const struct cgroups *cgroups);

/* The same for those from FIRST to LAST, which are lost. */
int print_lost_events(__u64 first, __u64 last);

/* E as an object, the caller's to drop. */
struct json_object *event_object(const struct event_record *e, __u64 seq, __u64 when,
				 const struct cgroups *cgroups);

/* The line for people, without the time and the end of the line.  As fprintf() returns. */
int event_sentence(FILE *out, const struct event_record *e);

#endif
