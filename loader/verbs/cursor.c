// SPDX-License-Identifier: GPL-2.0-only
/* --cursor-file: how far a reader of the events has got, for the next one to go on from. */
#include "verbs/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "show/output.h"
#include "show/report.h"

/* All numbers have so many digits: each overwrites the one before with a single write. */
#define DIGITS 20

int cursor_open(struct cursor *cursor, const char *path, __u64 *seq)
{
	char text[DIGITS + 1] = "", *end;
	__u64 last;

	cursor->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (cursor->fd < 0 || pread(cursor->fd, text, DIGITS, 0) < 0)
		return fail(
			EXIT_FAILED,
			"the cursor file '%s' cannot be read and written (%s): see that its "
			"directory is there and may be written to",
			path, strerror(errno));
	if (!*text)
		return 0;
	last = strtoull(text, &end, 10);
	if (*end || end == text)
		return fail(EXIT_FAILED,
			    "the file '%s' is no cursor file: name another, or remove it",
			    path);
	*seq = last + 1;
	return 0;
}

int cursor_move(const struct cursor *cursor, __u64 seq)
{
	char text[DIGITS + 2];

	if (cursor->fd < 0)
		return 0;
	snprintf(text, sizeof(text), "%020llu\n", seq);
	if (pwrite(cursor->fd, text, DIGITS + 1, 0) == DIGITS + 1)
		return 0;
	return errno ? -errno : -EIO;
}

void cursor_close(struct cursor *cursor)
{
	if (cursor->fd >= 0)
		close(cursor->fd);
}
