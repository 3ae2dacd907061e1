// SPDX-License-Identifier: GPL-2.0-only
/* The verb mayflies: processes that write once each and are gone, so that each is an event of
 * its own. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dgprobe.h"

/* One process that writes WORD; true where it got EBUSY. */
static bool is_refused(int fd, const char *word)
{
	int status;
	pid_t pid = vfork(); /* ten thousand copies of this one would take minutes */

	if (!pid)
		_exit(write(fd, word, strlen(word)) < 0 && errno == EBUSY ? REFUSED
									  : OTHER_ERROR);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		cannot("start a process: %s", strerror(errno));
	return WIFEXITED(status) && WEXITSTATUS(status) == REFUSED;
}

/* Exit status REFUSED where each of them was. */
int verb_mayflies(int argc, char **argv)
{
	int fd = open(argv[2], O_WRONLY | O_CLOEXEC), nr = to_number(argv[1]);

	(void)argc;
	if (fd < 0)
		cannot("open '%s': %s", argv[2], strerror(errno));
	for (int i = 0; i < nr; i++)
		if (!is_refused(fd, argv[3])) {
			fprintf(stderr, "number %d of %d was not refused\n", i + 1, nr);
			return OTHER_ERROR;
		}
	return REFUSED;
}
