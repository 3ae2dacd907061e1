// SPDX-License-Identifier: GPL-2.0-only
/* The verb veto: writes of two kinds in turn, every one of which must be refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dgprobe.h"

static bool refused(const char *file, const char *word, int round)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	bool busy;
	ssize_t ret;

	if (fd < 0)
		cannot("open %s: %m", file);
	ret = write(fd, word, strlen(word));
	busy = ret < 0 && errno == EBUSY;
	if (!busy)
		fprintf(stderr, "dgprobe: %s to %s in round %d: %s, not EBUSY\n", word, file,
			round, ret < 0 ? strerrorname_np(errno) : "let through");
	close(fd);
	return busy;
}

int verb_veto(int argc, char **argv)
{
	int rounds = to_number(argv[1]), i;

	(void)argc;
	for (i = 0; i < rounds; i++)
		if (!refused(argv[2], argv[3], i) || !refused(argv[4], argv[5], i))
			return OTHER_ERROR;
	return LET_THROUGH;
}
