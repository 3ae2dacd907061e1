/* SPDX-License-Identifier: GPL-2.0-only */
/* What has happened: the last events, numbered, to any number of readers, again and again. */
#ifndef DAXGUARD_HISTORY_H
#define DAXGUARD_HISTORY_H

#include <linux/types.h>
#include <stdbool.h>

#include "daxguard.h"

struct event_record;
struct history;

/* Called for the event SEQ; a negative errno ends the reading and is its result. */
typedef int (*history_fn)(const struct event_record *e, __u64 seq, void *ctx);

/* The same for the events FIRST to LAST, which are not there any more. */
typedef int (*history_lost_fn)(__u64 first, __u64 last, void *ctx);

/*
 * Needs the guard loaded.  Returns 0, or an exit status having said why; then *H is NULL.
 */
int history_open(struct history **h);

/* What tells it, in this boot, from that of a guard that was unloaded; an upgrade keeps it. */
__u32 history_id(const struct history *h);

/* The number that the next event gets; the first ever had 1. */
__u64 history_next(const struct history *h);

/*
 * A call of FN for each event that there is with the number FROM or a higher one, in their
 * order.  0 for FROM is the oldest there is; of another that is not there any more LOST is
 * told, which may be NULL, as of what is overwritten in front of a slow reader.  Returns 0
 * or a negative errno: what FN or LOST said too.
 */
int history_read(struct history *h, __u64 from, history_fn fn, history_lost_fn lost, void *ctx);

/* From where to read on after that: the first number that it has not told. */
__u64 history_reached(const struct history *h);

/* Is what is being read still what the guard writes to? */
bool history_is_current(const struct history *h);

/* Say for which errno reading ended, -ENOLINK for an unload meanwhile; EXIT_FAILED. */
int history_failed(int err);

/* NULL is none. */
void history_close(struct history *h);

#endif
