// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb tty: runs a command on a terminal of its own and prints what that shows;
 * types Ctrl-C when told to.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dgprobe.h"

#define LOOK_MS 50

/* Wait for output; meanwhile type Ctrl-C, once, as soon as the file is there. */
static void type_when_told(int fd, const char **gofile)
{
	struct pollfd shown = { .fd = fd, .events = POLLIN };

	while (*gofile && !poll(&shown, 1, LOOK_MS)) {
		if (access(*gofile, F_OK))
			continue;
		if (write(fd, "\003", 1) != 1)
			cannot("type on the terminal: %m");
		*gofile = NULL;
	}
}

int verb_tty(int argc, char **argv)
{
	struct winsize size = { .ws_col = 100, .ws_row = 25 };
	const char *gofile = NULL;
	char **command = argv + 1;
	char buf[4096];
	ssize_t len;
	pid_t pid;
	int fd;

	if (argc > 3 && !strcmp(argv[1], "--interrupt")) {
		gofile = argv[2];
		command = argv + 3;
	}
	pid = forkpty(&fd, NULL, NULL, &size);
	if (pid < 0)
		cannot("open a terminal: %m");
	if (!pid) {
		/* a shell lets its background jobs ignore that */
		signal(SIGINT, SIG_DFL);
		execvp(*command, command);
		cannot("execute %s: %m", *command);
	}
	/* EIO: nobody has the other end any more */
	do {
		type_when_told(fd, &gofile);
		len = read(fd, buf, sizeof(buf));
		if (len > 0)
			fwrite(buf, 1, len, stdout);
	} while (len > 0);
	return exit_status_of(pid);
}
