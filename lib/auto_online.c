// SPDX-License-Identifier: LGPL-2.1-or-later
/* auto_online_blocks: off while a device is bound, and back however we end. */
#include "auto_online.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"

#define FILE_NAME "/sys/devices/system/memory/auto_online_blocks"
#define OFF "offline"

/* What the keeper is given: the value to write back. */
#define VALUE_LEN 32

/* It can be refused for a while (policy auto_online=refuse): tried for ten minutes. */
#define TRIES 6000
#define TRY_MS 100

/* So long it is waited for at least, also where the time is up: it takes no longer. */
#define GRACE_S 0.5

/* What the keeper is given beside the value. */
struct kept {
	int file; /* carries the lock on it, so that the next one waits */
	int watch; /* inotify, for who opens and writes to it from before our write on */
};

/* How often it was written to.  Two writes with no open between them are one event. */
static int count_writes(int watch)
{
	struct inotify_event event[64];
	int writes = 0;
	ssize_t len;

	while ((len = read(watch, event, sizeof(event))) > 0)
		for (size_t i = 0; i < len / sizeof(*event); i++)
			writes += !!(event[i].mask & IN_MODIFY);
	return writes;
}

/* Does the file say what we wrote? */
static bool says_off(int file)
{
	char text[VALUE_LEN] = {};

	return pread(file, text, sizeof(text) - 1, 0) > 0 &&
	       !strncmp(text, OFF "\n", sizeof(OFF));
}

/* Put VALUE back, unless somebody else has written there since, be it the same word. */
static void put_back(const struct kept *kept, const char *value)
{
	int tries, writes = 0;

	for (tries = 0; tries < TRIES; tries++) {
		writes += count_writes(kept->watch);
		if (writes > 1 || !says_off(kept->file))
			return;
		if (pwrite(kept->file, value, strlen(value), 0) > 0 || errno != EBUSY)
			return;
		poll(NULL, 0, TRY_MS);
	}
}

/* Outlives us, if it has to. */
static void keep(int sock)
{
	char value[VALUE_LEN] = {}, control[CMSG_SPACE(sizeof(struct kept))];
	struct iovec iov = { .iov_base = value, .iov_len = sizeof(value) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct kept kept;
	char none;

	if (recvmsg(sock, &msg, 0) <= 0 || !CMSG_FIRSTHDR(&msg))
		return;
	memcpy(&kept, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(kept));
	while (recv(sock, &none, 1, 0) > 0)
		;
	put_back(&kept, value);
}

static int give(int sock, const struct kept *kept, const char *value)
{
	char control[CMSG_SPACE(sizeof(struct kept))] = {};
	struct iovec iov = { .iov_base = (char *)value, .iov_len = strlen(value) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(*kept));
	memcpy(CMSG_DATA(c), kept, sizeof(*kept));
	return sendmsg(sock, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int start_keeper(struct auto_online *a, const struct kept *kept, const char *value)
{
	int ends[2], err;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = child_start(keep, ends[1]);
	close(ends[1]);
	err = pid < 0 ? pid : give(ends[0], kept, value);
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

/* Watch and keeper are there before the first write. */
static int write_off(struct auto_online *a, int fd, struct job *job, const char *value)
{
	struct kept kept = { .file = fd, .watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK) };
	int err = 0;

	if (kept.watch < 0)
		return -errno;
	if (inotify_add_watch(kept.watch, FILE_NAME, IN_MODIFY | IN_OPEN) < 0)
		err = -errno;
	if (!err)
		err = start_keeper(a, &kept, value);
	if (!err)
		err = job_insist(job, FILE_NAME, OFF);
	close(kept.watch);
	return err;
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
	return strcmp(value, OFF) ? write_off(a, fd, job, value) : 0;
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
	auto_online_restore(a, job);
	return job_cause(job, err, "'" FILE_NAME "' cannot be set to '" OFF "' (%s)",
			 job_errno(job, err));
}

void auto_online_restore(struct auto_online *a, const struct job *job)
{
	double least = now_s() + GRACE_S;

	if (!a->keeper)
		return;
	close(a->sock);
	/* where it is refused the keeper goes on without us */
	while (!child_ended(a->keeper) && (!job_over(job) || now_s() < least))
		poll(NULL, 0, 1);
	a->keeper = 0;
}
