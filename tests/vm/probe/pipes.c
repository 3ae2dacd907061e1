// SPDX-License-Identifier: GPL-2.0-only
/* Methods that move bytes inside the kernel: sendfile, splice, copy_file_range. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "dgprobe.h"

/* More than any word; a kernfs file ends earlier by itself. */
#define ONE_PAGE 4096

static ssize_t or_errno(ssize_t ret)
{
	return ret < 0 ? -errno : ret;
}

static int prepare_sendfile(struct attempt *at)
{
	at->source = memfd_create("word", MFD_CLOEXEC);
	if (at->source < 0 || write(at->source, at->word, at->len) != (ssize_t)at->len)
		cannot("make a file in memory: %m");
	return open_target(at);
}

static ssize_t put_sendfile(struct attempt *at)
{
	off_t start = 0;

	return or_errno(sendfile(at->fd, at->source, &start, at->len));
}

static int prepare_splice(struct attempt *at)
{
	at->source = word_pipe(at->word, at->len);
	return open_target(at);
}

static ssize_t put_splice(struct attempt *at)
{
	return or_errno(splice(at->source, NULL, at->fd, NULL, at->len, 0));
}

static int prepare_copy(struct attempt *at)
{
	at->source = open_word_source(at->word, at->file);
	return open_target(at);
}

static ssize_t put_copy(struct attempt *at)
{
	off_t start = 0;

	return or_errno(copy_file_range(at->source, &start, at->fd, NULL, ONE_PAGE, 0));
}

const struct method pipe_methods[] = {
	{ "sendfile", prepare_sendfile, put_sendfile, false },
	{ "splice", prepare_splice, put_splice, false },
	{ "copy_file_range", prepare_copy, put_copy, false },
	{ 0 },
};
