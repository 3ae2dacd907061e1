/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting for events: the ring buffer "events" rings for everybody who listens. */
#ifndef DAXGUARD_BELL_H
#define DAXGUARD_BELL_H

struct bell;

/* Needs the guard loaded.  Returns 0, or an exit status having said why; then *BELL is NULL. */
int bell_open(struct bell **bell);

/*
 * What poll(2) finds readable when something has happened since the last bell_heard(); not
 * the caller's to close.
 */
int bell_poll_fd(const struct bell *bell);

/* Before the history is read: what happens from now on makes it readable again. */
void bell_heard(struct bell *bell);

/* NULL is none. */
void bell_close(struct bell *bell);

#endif
