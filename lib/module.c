// SPDX-License-Identifier: LGPL-2.1-or-later
/* Asking for kernel modules. */
/*
 * By the program modprobe and not by libkmod, which was tried (30): for a module that is
 * not installed it finds an empty list and logs nothing, where modprobe has the sentence
 * that names the module and the directory; what an "install" command of modprobe.d says
 * goes to the stderr of the process that uses this library, and is not in our sentence; and
 * a caller who asks it to heed "blacklist" has the module left out and success returned,
 * where modprobe, told the name, loads it.  We would write modprobe's words once more.
 */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Start modprobe, with what it says going to FD.  Returns 0 or an errno. */
static int start(pid_t *pid, const char *module, int fd)
{
	char *argv[] = { "modprobe", (char *)module, NULL };
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = posix_spawn_file_actions_adddup2(&actions, fd, STDERR_FILENO);
	if (!err)
		err = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* To the end, so that nobody who writes more than we keep has to wait or is killed. */
static void read_first_line(int fd, char *line, size_t size)
{
	char rest[512];
	size_t len = 0;
	ssize_t n;

	do {
		if (len < size - 1)
			n = read(fd, line + len, size - 1 - len);
		else
			n = read(fd, rest, sizeof(rest));
		if (n > 0 && len < size - 1)
			len += n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	line[len] = 0;
	line[strcspn(line, "\n")] = 0;
}

/* Returns 0 or an errno, with LINE "" then. */
static int run_modprobe(const char *module, char *line, size_t size)
{
	int fds[2], err;
	pid_t pid;

	*line = 0;
	if (pipe2(fds, O_CLOEXEC))
		return errno;
	err = start(&pid, module, fds[1]);
	close(fds[1]);
	if (!err)
		read_first_line(fds[0], line, size);
	close(fds[0]);
	while (!err && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return err;
}

void load_module(const char *module, char words[MODULE_WORDS])
{
	char line[MODULE_WORDS - 5]; /* less what is put around it */
	int err = run_modprobe(module, line, sizeof(line));

	*words = 0;
	if (err)
		snprintf(words, MODULE_WORDS, " (\"modprobe: %s\")", strerror(err));
	else if (*line)
		snprintf(words, MODULE_WORDS, " (\"%s\")", line);
}
