// SPDX-License-Identifier: LGPL-2.1-or-later
/* auto_online_blocks: off while a device is bound, and back however we end. */
#include "auto_online.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"

#define FILE_NAME "/sys/devices/system/memory/auto_online_blocks"

/* What the keeper is given: the value to write back. */
#define VALUE_LEN 32

/* It can be refused for a while (policy auto_online=refuse): tried for ten minutes. */
#define TRIES 6000
#define TRY_MS 100

/*
 * Outlives us, if it has to.  The descriptor that comes with the value carries the
 * lock on the file, so that the next one waits until the value is back.
 */
static void keep(int sock)
{
	char value[VALUE_LEN] = {}, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = value, .iov_len = sizeof(value) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd, tries;
	char none;

	if (recvmsg(sock, &msg, 0) <= 0 || !CMSG_FIRSTHDR(&msg))
		return;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	while (recv(sock, &none, 1, 0) > 0)
		;
	for (tries = 0; tries < TRIES; tries++) {
		if (pwrite(fd, value, strlen(value), 0) > 0 || errno != EBUSY)
			break;
		poll(NULL, 0, TRY_MS);
	}
}

static int give(int sock, int fd, const char *value)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { .iov_base = (char *)value, .iov_len = strlen(value) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sock, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int start_keeper(struct auto_online *a, int fd, const char *value)
{
	int ends[2], err;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = child_start(keep, ends[1]);
	close(ends[1]);
	err = pid < 0 ? pid : give(ends[0], fd, value);
	if (err) {
		close(ends[0]);
		if (pid > 0)
			child_wait(pid);
		return err;
	}
	a->keeper = pid;
	a->sock = ends[0];
	return 0;
}

static int lock(int fd, struct job *job)
{
	int ms = PAUSE_FIRST_MS;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (!job_pause(job, &ms))
			return -EBUSY;
	}
	return 0;
}

static int switch_off(struct auto_online *a, int fd, struct job *job)
{
	char value[VALUE_LEN];
	ssize_t len;
	int err = lock(fd, job);

	if (err)
		return err;
	len = pread(fd, value, sizeof(value) - 1, 0);
	if (len < 0)
		return -errno;
	value[len] = 0;
	value[strcspn(value, "\n")] = 0;
	if (!strcmp(value, "offline"))
		return 0;
	err = start_keeper(a, fd, value);
	return err ? err : job_insist(job, FILE_NAME, "offline");
}

int auto_online_off(struct auto_online *a, struct job *job)
{
	int fd = open(FILE_NAME, O_RDWR | O_CLOEXEC);
	int err;

	a->keeper = 0;
	if (fd < 0 && errno == ENOENT)
		return 0;
	err = fd < 0 ? -errno : switch_off(a, fd, job);
	if (fd >= 0)
		close(fd);
	if (!err)
		return 0;
	auto_online_restore(a);
	return job_cause(job, err, "'" FILE_NAME "' cannot be set to 'offline' (%s)",
			 job_errno(job, err));
}

void auto_online_restore(struct auto_online *a)
{
	if (!a->keeper)
		return;
	close(a->sock);
	child_wait(a->keeper);
	a->keeper = 0;
}
