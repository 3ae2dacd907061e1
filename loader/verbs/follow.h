/* SPDX-License-Identifier: GPL-2.0-only */
/* Going on with the events until a signal, or until nobody reads what is printed. */
#ifndef DAXGUARD_FOLLOW_H
#define DAXGUARD_FOLLOW_H

#include "guard/history.h"

struct bell;

/*
 * Read the events from FROM on and those that come, as history_read() does, and sweep the
 * guard's deadlines meanwhile.  SIGINT and SIGTERM end it and so does stdout's reader by
 * leaving, neither an error: 0 then, else a negative errno (-ENOLINK: the guard was
 * unloaded).  Signal handlers stay changed: it is the last thing that a verb does.
 */
int follow_events(struct history *history, struct bell *bell, __u64 from, history_fn fn,
		  history_lost_fn lost, void *ctx);

#endif
