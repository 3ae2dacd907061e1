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

/*
 * "NUMBER HISTORY BOOT": each number has so many digits that it overwrites the one before with
 * a single write.  With the number alone it is of before 0.2.0.
 */
#define DIGITS 20
#define LINE (DIGITS + 1 + CURSOR_OF_LEN)

/* As numbers begin anew with each boot, and with each load. */
static void name_history(struct cursor *cursor, __u32 history)
{
	char boot[37] = "";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file) {
		if (!fgets(boot, sizeof(boot), file))
			boot[0] = 0;
		fclose(file);
	}
	snprintf(cursor->of, sizeof(cursor->of), "%010u %-36.36s", history, boot);
}

static int read_cursor(const struct cursor *cursor, const char *path, char *text, __u64 *seq)
{
	char *end;
	__u64 last = strtoull(text, &end, 10);

	if (end != text + DIGITS || (*end && *end != '\n' && *end != ' '))
		return fail(EXIT_FAILED,
			    "the file '%s' is no cursor file: name another, or remove it",
			    path);
	if (*end != ' ' || !strncmp(end + 1, cursor->of, strlen(cursor->of))) {
		*seq = last + 1;
		return 0;
	}
	warn("number %llu in '%s' is of before a boot or an unload, and events are counted "
	     "anew "
	     "since: what there is follows",
	     last, path);
	*seq = 0;
	return 0;
}

int cursor_open(struct cursor *cursor, const char *path, __u32 history, __u64 *seq)
{
	char text[LINE + 1] = "";

	name_history(cursor, history);
	cursor->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (cursor->fd < 0 || pread(cursor->fd, text, LINE, 0) < 0)
		return fail(
			EXIT_FAILED,
			"the cursor file '%s' cannot be read and written (%s): see that its "
			"directory is there and may be written to",
			path, strerror(errno));
	return *text ? read_cursor(cursor, path, text, seq) : 0;
}

int cursor_move(const struct cursor *cursor, __u64 seq)
{
	char text[LINE + 2];
	int len;

	if (cursor->fd < 0)
		return 0;
	len = snprintf(text, sizeof(text), "%0*llu %s\n", DIGITS, seq, cursor->of);
	if (pwrite(cursor->fd, text, len, 0) == len)
		return 0;
	return errno ? -errno : -EIO;
}

void cursor_close(struct cursor *cursor)
{
	if (cursor->fd >= 0)
		close(cursor->fd);
}
