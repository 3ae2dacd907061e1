// SPDX-License-Identifier: LGPL-2.1-or-later
/* Asking for kernel modules. */
#include "module.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void load_module(const char *module)
{
	char *argv[] = { "modprobe", "-q", (char *)module, NULL };
	int status;
	pid_t pid;

	if (!posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ))
		waitpid(pid, &status, 0);
}
