// SPDX-License-Identifier: LGPL-2.1-or-later
/* A child process that writes to sysfs for us, and can be stopped. */
#include "hand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"

#define TICK_MS 200

struct request {
	char path[224];
	char text[32];
};

static int write_file(const struct request *r)
{
	int fd = open(r->path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, r->text, strlen(r->text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static void serve(int sock)
{
	struct request r;
	int err;

	while (recv(sock, &r, sizeof(r), 0) == sizeof(r)) {
		err = write_file(&r);
		if (send(sock, &err, sizeof(err), MSG_NOSIGNAL) < 0)
			break;
	}
}

static int start(struct hand *hand)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	hand->pid = child_start(serve, ends[1], true);
	close(ends[1]);
	if (hand->pid < 0) {
		close(ends[0]);
		return hand->pid;
	}
	hand->sock = ends[0];
	return 0;
}

void hand_release(struct hand *hand)
{
	if (hand->pid <= 0)
		return;
	/* at once, whatever the kernel is doing for it: it undoes that */
	kill(hand->pid, SIGKILL);
	child_wait(hand->pid);
	close(hand->sock);
	hand->pid = 0;
}

/* Wait for the answer.  Returns what hand_write() does, -EPIPE where the child died. */
static int answer(struct hand *hand, const struct hand_limits *limits)
{
	struct pollfd pfd = { .fd = hand->sock, .events = POLLIN };
	double left;
	int err;

	for (;;) {
		left = limits->until - now_s();
		if (limits->stop && *limits->stop)
			return -ECANCELED;
		if (left <= 0)
			return -ETIME;
		if (poll(&pfd, 1, left * 1000 < TICK_MS ? (int)(left * 1000) + 1 : TICK_MS) > 0)
			break;
		if (limits->tick)
			limits->tick(limits->context);
	}
	return recv(hand->sock, &err, sizeof(err), 0) == sizeof(err) ? err : -EPIPE;
}

int hand_write(struct hand *hand, const char *path, const char *text,
	       const struct hand_limits *limits)
{
	struct request r = {};
	int err = 0;

	if ((size_t)snprintf(r.path, sizeof(r.path), "%s", path) >= sizeof(r.path) ||
	    (size_t)snprintf(r.text, sizeof(r.text), "%s", text) >= sizeof(r.text))
		return -ENAMETOOLONG;
	if (hand->pid <= 0)
		err = start(hand);
	if (err)
		return err;
	if (send(hand->sock, &r, sizeof(r), MSG_NOSIGNAL) < 0)
		err = -EPIPE;
	else
		err = answer(hand, limits);
	if (err == -EPIPE || err == -ETIME || err == -ECANCELED)
		hand_release(hand);
	return err;
}
