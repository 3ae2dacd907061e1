// SPDX-License-Identifier: GPL-2.0-only
/* Methods that write by a descriptor which somebody else opened, or which was opened for
 * something else. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dgprobe.h"

/* Opened for nothing, then again through /proc for writing. */
static int prepare_proc_self_fd(struct attempt *at)
{
	const char *file = at->file;
	char path[64];
	int err, fd;

	fd = open(file, O_PATH | O_CLOEXEC);
	if (fd < 0)
		cannot("look up %s: %m", file);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	at->file = path;
	err = open_target(at);
	at->file = file;
	close(fd);
	return err;
}

/* In a child: open FILE, tell the outcome, and stay until killed. */
static _Noreturn void open_and_stay(struct attempt *at, int sock, bool pass)
{
	int err = open_target(at);
	int number = err ? err : at->fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	send_fds(sock, &number, sizeof(number), &at->fd, pass && !err);
	for (;;)
		pause();
}

/* A child that has FILE open.  Returns its number there, or -EBUSY; a passed one in at->fd. */
static int opener(struct attempt *at, pid_t *child, bool pass)
{
	int ends[2], number;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		cannot("make a socket pair: %m");
	*child = fork_or_quit();
	if (!*child) {
		close(ends[0]);
		open_and_stay(at, ends[1], pass);
	}
	close(ends[1]);
	if (recv_fds(ends[0], &number, sizeof(number), &at->fd, 1) != sizeof(number))
		cannot("hear from the process that opens %s", at->file);
	close(ends[0]);
	return number;
}

static void dismiss(pid_t child)
{
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

static int prepare_scm_rights(struct attempt *at)
{
	pid_t child;
	int number;

	number = opener(at, &child, true);
	dismiss(child);
	if (number >= 0 && at->fd < 0)
		cannot("receive a descriptor");
	return number < 0 ? number : 0;
}

static int prepare_pidfd_getfd(struct attempt *at)
{
	int number, pidfd;
	pid_t child;

	number = opener(at, &child, false);
	if (number >= 0) {
		pidfd = syscall(SYS_pidfd_open, child, 0);
		at->fd = syscall(SYS_pidfd_getfd, pidfd, number, 0);
		if (at->fd < 0)
			cannot("take a descriptor out of process %d: %m", child);
		close(pidfd);
	}
	dismiss(child);
	return number < 0 ? number : 0;
}

const struct method descriptor_methods[] = {
	{ "proc-self-fd", prepare_proc_self_fd, put_plain, true },
	{ "scm-rights", prepare_scm_rights, put_plain, true },
	{ "pidfd-getfd", prepare_pidfd_getfd, put_plain, true },
	{ 0 },
};
