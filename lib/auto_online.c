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

/* It can be refused for a while (policy auto_online=refuse): tried for ten minutes. */
#define TRIES 6000
#define TRY_MS 100

/* So long it is waited for at least, also where the time is up: it takes no longer. */
#define GRACE_S 0.5
#define POLL_MS 20

/* What the keeper is given beside the value that it writes back. */
struct kept {
	int lock; /* the file, open to read: its lock makes the next one wait */
	int file; /* the same to write, which a guard may refuse for a while */
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
	char text[AUTO_ONLINE_LEN] = {};

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

static void keep(int sock)
{
	char value[AUTO_ONLINE_LEN] = {}, control[CMSG_SPACE(sizeof(struct kept))];
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

/* It outlives us, if it has to, and is then nobody's child here to be waited for. */
static void start_keep(int sock)
{
	child_start(keep, sock);
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
	pid = child_start(start_keep, ends[1]);
	close(ends[1]);
	if (pid > 0)
		child_wait(pid);
	err = pid < 0 ? pid : give(ends[0], kept, value);
	if (err) {
		close(ends[0]);
		return err;
	}
	a->off = true;
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

static int open_patiently(struct job *job)
{
	int fd, ms = PAUSE_FIRST_MS;

	do {
		fd = open(FILE_NAME, O_RDWR | O_CLOEXEC);
	} while (fd < 0 && is_transient(-errno) && job_pause(job, &ms));
	return fd < 0 ? -errno : fd;
}

/* Watch and keeper are there before the first write. */
static int keep_and_write(struct auto_online *a, struct kept *kept, struct job *job)
{
	int err = left_out_note(&a->before);

	if (!err && inotify_add_watch(kept->watch, FILE_NAME, IN_MODIFY | IN_OPEN) < 0)
		err = -errno;
	if (!err)
		err = start_keeper(a, kept, a->value);
	return err ? err : job_insist(job, FILE_NAME, OFF);
}

static int write_off(struct auto_online *a, int locked, struct job *job)
{
	struct kept kept = { .lock = locked, .watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK) };
	int err = kept.watch < 0 ? -errno : 0;

	kept.file = err ? -1 : open_patiently(job);
	if (!err && kept.file < 0)
		err = kept.file;
	if (!err)
		err = keep_and_write(a, &kept, job);
	if (kept.file >= 0)
		close(kept.file);
	if (kept.watch >= 0)
		close(kept.watch);
	return err;
}

static int read_value(struct auto_online *a, int fd)
{
	ssize_t len = pread(fd, a->value, sizeof(a->value) - 1, 0);

	if (len < 0)
		return -errno;
	a->value[len] = 0;
	a->value[strcspn(a->value, "\n")] = 0;
	return 0;
}

static int switch_off(struct auto_online *a, int fd, struct job *job, const char *word)
{
	int err = lock(fd, job);

	if (!err)
		err = read_value(a, fd);
	if (err || !strcmp(a->value, OFF) || (word && !strcmp(a->value, word)))
		return err;
	return write_off(a, fd, job);
}

int auto_online_off(struct auto_online *a, struct job *job, const char *word)
{
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	int err;

	memset(a, 0, sizeof(*a));
	if (fd < 0 && errno == ENOENT)
		return 0;
	err = fd < 0 ? -errno : switch_off(a, fd, job, word);
	/* with the keeper it stays locked */
	if (fd >= 0)
		close(fd);
	if (!err)
		return 0;
	auto_online_restore(a, job);
	return job_cause(job, err, "'" FILE_NAME "' cannot be set to '" OFF "' (%s)",
			 job_errno(job, err));
}

/* Its end of the socket is closed when it is done. */
static void wait_for_keeper(const struct auto_online *a, const struct job *job)
{
	struct pollfd done = { .fd = a->sock };
	double least = now_s() + GRACE_S;

	shutdown(a->sock, SHUT_WR);
	/* where it is refused the keeper goes on without us */
	while (poll(&done, 1, POLL_MS) <= 0 && (!job_over(job) || now_s() < least))
		;
	close(a->sock);
}

void auto_online_restore(struct auto_online *a, struct job *job)
{
	if (a->off) {
		wait_for_keeper(a, job);
		left_out_online(&a->before, job, a->value);
	}
	left_out_free(&a->before);
	a->off = false;
}
