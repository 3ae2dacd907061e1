/* SPDX-License-Identifier: GPL-2.0-only */
/* --cursor-file: how far a reader of the events has got, for the next one to go on from. */
#ifndef DAXGUARD_CURSOR_H
#define DAXGUARD_CURSOR_H

#include <linux/types.h>

/* A descriptor of the file, negative: there is none, and nothing is kept. */
struct cursor {
	int fd;
};

/*
 * Open the file, which may be missing; SEQ gets the number of the event to go on with and
 * stays as it is where the file has none.  Returns 0, or an exit status having said why not.
 */
int cursor_open(struct cursor *cursor, const char *path, __u64 *seq);

/* The event SEQ is done with.  Returns 0 or a negative errno. */
int cursor_move(const struct cursor *cursor, __u64 seq);

void cursor_close(struct cursor *cursor);

#endif
