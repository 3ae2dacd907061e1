// SPDX-License-Identifier: GPL-2.0-only
/* The verb tty: runs a command on a terminal of its own and prints what that shows. */
#include <pty.h>
#include <stdio.h>
#include <unistd.h>

#include "dgprobe.h"

int verb_tty(int argc, char **argv)
{
	struct winsize size = { .ws_col = 100, .ws_row = 25 };
	char buf[4096];
	ssize_t len;
	pid_t pid;
	int fd;

	(void)argc;
	pid = forkpty(&fd, NULL, NULL, &size);
	if (pid < 0)
		cannot("open a terminal: %m");
	if (!pid) {
		execvp(argv[1], argv + 1);
		cannot("execute %s: %m", argv[1]);
	}
	/* EIO: nobody has the other end any more */
	while ((len = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, len, stdout);
	return exit_status_of(pid);
}
