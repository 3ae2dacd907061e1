/* SPDX-License-Identifier: GPL-2.0-only */
/* --cursor-file: how far a reader of the events has got, for the next one to go on from. */
#ifndef DAXGUARD_CURSOR_H
#define DAXGUARD_CURSOR_H

#include <linux/types.h>

#define CURSOR_OF_LEN 48

struct cursor {
	int fd; /* of the file; negative: there is none, and nothing is kept */
	char of[CURSOR_OF_LEN]; /* which history's the number is */
};

/*
 * Open the file, which may be missing, for the history of that id (history_id()); SEQ gets the
 * number of the event to go on with and stays as it is where the file has none.  Where it is
 * of another history SEQ is 0, with a warning.  Returns 0, or an exit status having said why
 * not.
 */
int cursor_open(struct cursor *cursor, const char *path, __u32 history, __u64 *seq);

/* The event SEQ is done with.  Returns 0 or a negative errno. */
int cursor_move(const struct cursor *cursor, __u64 seq);

void cursor_close(struct cursor *cursor);

#endif
