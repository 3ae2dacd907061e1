// SPDX-License-Identifier: GPL-2.0-only
/* Where a method without a buffer takes the word from: a pipe, or a sysfs file that says it. */
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "dgprobe.h"

static const char *const speakers[] = {
	"/sys/devices/system/memory/memory*/state",
	"/sys/devices/system/memory/memory*/online",
	"/sys/devices/system/memory/auto_online_blocks",
};

static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return !stat(a, &sa) && !stat(b, &sb) && sa.st_ino == sb.st_ino &&
	       sa.st_dev == sb.st_dev;
}

static int open_match(const char *pattern, const char *word, const char *not_this)
{
	char text[64];
	int fd = -1;
	glob_t g;
	size_t i;

	if (glob(pattern, 0, NULL, &g))
		return -1;
	for (i = 0; i < g.gl_pathc && fd < 0; i++)
		if (read_text(g.gl_pathv[i], text, sizeof(text)) > 0 && !strcmp(text, word) &&
		    !same_file(g.gl_pathv[i], not_this))
			fd = open(g.gl_pathv[i], O_RDONLY | O_CLOEXEC);
	globfree(&g);
	return fd;
}

/* A file of the same superblock as every block's state, with WORD in it. */
int open_word_source(const char *word, const char *not_this)
{
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(speakers); i++) {
		fd = open_match(speakers[i], word, not_this);
		if (fd >= 0)
			return fd;
	}
	cannot("find another memory file in sysfs that says \"%s\"", word);
}

/* The reading end of a pipe that holds WORD and nothing after it. */
int word_pipe(const char *word, size_t len)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) || write(ends[1], word, len) != (ssize_t)len)
		cannot("fill a pipe: %m");
	close(ends[1]);
	return ends[0];
}
