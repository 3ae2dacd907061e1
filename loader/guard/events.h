/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading the events that the guard has written, which takes them out. */
#ifndef DAXGUARD_EVENTS_H
#define DAXGUARD_EVENTS_H

#include <linux/types.h>
#include <stdbool.h>

#include "daxguard.h"

struct event_record;
struct ring_buffer;

/* Called for each event; a negative errno ends the reading and is its result. */
typedef int (*event_fn)(const struct event_record *e, void *ctx);

struct events {
	struct ring_buffer *ring;
	event_fn fn;
	void *ctx;
	__u32 map_id;
	int lock;
	int map;
};

/*
 * Begin to read, with a call of FN for each event.  Needs the guard loaded.  Returns 0 or
 * an exit status, having said why (EXIT_HELD: somebody else is reading); events_close()
 * in both cases.
 */
int events_open(struct events *events, event_fn fn, void *ctx);

/* Take what is there, without waiting.  Returns 0 or a negative errno: what FN said too. */
int events_take(struct events *events);

/* What poll(2) finds readable when there is something to take; not the caller's to close. */
int events_poll_fd(const struct events *events);

/* Is what is being read still what the guard writes to? */
bool events_are_current(const struct events *events);

/* Say for which errno reading ended, -ENOLINK for an unload meanwhile; EXIT_FAILED. */
int events_failed(int err);

void events_close(struct events *events);

#endif
