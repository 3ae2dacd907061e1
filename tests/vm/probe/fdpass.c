// SPDX-License-Identifier: GPL-2.0-only
/* Descriptors over a unix socket. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "dgprobe.h"

#define MOST_FDS 4

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(MOST_FDS * sizeof(int))];
};

int send_fds(int sock, const void *data, size_t len, const int *fds, int nr)
{
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	union control control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (nr) {
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(nr * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nr * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nr * sizeof(int));
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* One message; every entry of FDS that did not come with it is -1. */
ssize_t recv_fds(int sock, void *data, size_t size, int *fds, int nr)
{
	struct iovec iov = { .iov_base = data, .iov_len = size };
	union control control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *c;
	ssize_t len;
	size_t got;

	memset(fds, -1, nr * sizeof(int));
	do {
		len = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_type == SCM_RIGHTS) {
		got = c->cmsg_len - CMSG_LEN(0);
		if (got > nr * sizeof(int))
			got = nr * sizeof(int);
		memcpy(fds, CMSG_DATA(c), got);
	}
	return len;
}
