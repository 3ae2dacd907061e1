// SPDX-License-Identifier: GPL-2.0-only
/* Methods that write from a buffer in the calling process, by the plain system calls. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "dgprobe.h"

static ssize_t or_errno(ssize_t ret)
{
	return ret < 0 ? -errno : ret;
}

static ssize_t put_pwrite(struct attempt *at)
{
	return or_errno(pwrite(at->fd, at->word, at->len, 0));
}

/* Two segments, so that it is a vector in earnest: the first is one byte long. */
static void two_segments(const struct attempt *at, struct iovec iov[2])
{
	char *word = (char *)at->word;

	iov[0] = (struct iovec){ .iov_base = word, .iov_len = 1 };
	iov[1] = (struct iovec){ .iov_base = word + 1, .iov_len = at->len - 1 };
}

static ssize_t put_writev(struct attempt *at)
{
	struct iovec iov[2];

	two_segments(at, iov);
	return or_errno(writev(at->fd, iov, 2));
}

static ssize_t put_writev_one(struct attempt *at)
{
	struct iovec iov = { .iov_base = (char *)at->word, .iov_len = at->len };

	return or_errno(writev(at->fd, &iov, 1));
}

static ssize_t put_pwritev(struct attempt *at)
{
	struct iovec iov[2];

	two_segments(at, iov);
	return or_errno(pwritev(at->fd, iov, 2, 0));
}

static ssize_t put_pwritev2(struct attempt *at)
{
	struct iovec iov[2];

	two_segments(at, iov);
	return or_errno(pwritev2(at->fd, iov, 2, 0, RWF_DSYNC));
}

struct threaded {
	struct attempt *at;
	ssize_t ret;
};

static void *put_in_thread(void *arg)
{
	struct threaded *t = arg;

	t->ret = put_plain(t->at);
	return NULL;
}

static ssize_t put_thread(struct attempt *at)
{
	struct threaded t = { .at = at };
	pthread_t thread;
	int err;

	err = pthread_create(&thread, NULL, put_in_thread, &t);
	if (err)
		cannot("make a thread: %s", strerror(err));
	pthread_join(thread, NULL);
	return t.ret;
}

const struct method write_methods[] = {
	{ "write", open_target, put_plain, true },
	{ "pwrite", open_target, put_pwrite, true },
	{ "writev", open_target, put_writev, true },
	{ "writev-one", open_target, put_writev_one, true },
	{ "pwritev", open_target, put_pwritev, true },
	{ "pwritev2", open_target, put_pwritev2, true },
	{ "thread", open_target, put_thread, true },
	{ 0 },
};
