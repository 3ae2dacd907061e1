/* SPDX-License-Identifier: GPL-2.0-only */
/* The history as a picture: blocks down, time across; what is where, in pixels. */
#ifndef DAXGUARD_TIMELINE_H
#define DAXGUARD_TIMELINE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "model.h"
#include "screen/who.h"
#include "show/event.h"

#define TIMELINE_LEFT 132 /* where time begins: names stand before it */
#define TIMELINE_WIDTH 1040 /* of time */
#define TIMELINE_RIGHT 28 /* behind it */
#define TIMELINE_MARK 5 /* what happens within so many pixels is one mark */
#define TIMELINE_MOST_ROWS 16 /* of blocks, of one device: more blocks share rows */

struct timeline_event {
	__u64 when; /* nanoseconds since 1970 */
	struct daxguard_event event;
	char ancestor[DAXGUARD_ANCESTOR_LEN + 1]; /* what it is by way of, or "" */
};

/* What is drawn: the events in their order, and what is there now. */
struct timeline_input {
	const struct timeline_event *events;
	size_t nr;
	const struct dax_devices *devices; /* as they are now; their blocks get rows */
	char *const *names; /* the only devices to be drawn, or none: all */
	size_t nr_names;
	__u64 now;
};

struct timeline_row {
	__u32 first, last; /* blocks that it stands for, as there are */
	size_t nr; /* how many those are; 0: the device itself */
	int y;
};

struct timeline_device {
	char name[DAXGUARD_NAME_LEN + 1]; /* "": what is about none */
	__u32 *blocks; /* in their order */
	size_t nr_blocks;
	size_t row, nr_rows; /* the first is that of the device itself */
};

struct timeline_span {
	size_t device;
	int x, width;
	__u64 from, to;
	bool began_before; /* nobody knows how long */
	__u32 ended_by; /* enum daxguard_event_type; 0: it goes on */
	__u32 kind, pid, uid;
	char comm[DAXGUARD_COMM_LEN + 1];
	__u64 refused;
	size_t holder;
};

/* Whose a mark is, in one text. */
#define TIMELINE_WHOSE 192

struct timeline_mark {
	size_t row;
	int x; /* the middle */
	__u32 type; /* enum daxguard_event_type */
	__u64 count; /* how many refusals or the like */
	size_t events; /* in which so many events are */
	__u64 first, last;
	__s32 result;
	char whose[TIMELINE_WHOSE]; /* "sh 3, udev-worker 2" */
	char what[64]; /* "memory33/state" */
};

struct timeline_holder {
	char name[DAXGUARD_EXE_LEN + 1];
	size_t spans;
};

struct timeline {
	__u64 from, to;
	__u64 tick; /* nanoseconds between two of the axis */
	struct timeline_device *devices;
	size_t nr_devices;
	struct timeline_row *rows;
	size_t nr_rows;
	struct timeline_span *spans;
	size_t nr_spans;
	struct timeline_mark *marks; /* bad ones last, so that they lie on top */
	size_t nr_marks;
	struct timeline_holder *holders; /* in the order of their first hold */
	size_t nr_holders;
	struct who_list who;
	size_t nr_events; /* that are drawn */
	int height; /* of the rows */
};

/* Returns 0 or -ENOMEM; timeline_free() in both cases. */
int timeline_make(struct timeline *t, const struct timeline_input *in);

void timeline_free(struct timeline *t);

/* Where a point in time is, from the left edge of the picture. */
int timeline_x(const struct timeline *t, __u64 when);

/* Is that something which should not have happened? */
bool timeline_is_bad(__u32 type);

/* The distance of ticks for a period: 1, 2 or 5 of a unit, at most a dozen. */
__u64 timeline_tick(__u64 period);

#endif
