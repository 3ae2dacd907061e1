// SPDX-License-Identifier: LGPL-2.1-or-later
/* Children that the program which we are part of does not notice. */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void be_child(void (*fn)(int fd), int fd)
{
	setsid();
	if (fd && dup2(fd, 0) < 0)
		_exit(1);
	syscall(SYS_close_range, 1, ~0U, 0);
	fn(0);
	_exit(0);
}

pid_t child_start(void (*fn)(int fd), int fd)
{
	pid_t pid;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* like fork(), but without a signal when it ends */
	pid = syscall(SYS_clone, 0UL, NULL, NULL, NULL, 0UL);
	if (!pid)
		be_child(fn, fd);
	if (pid < 0)
		pid = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

void child_wait(pid_t pid)
{
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}
