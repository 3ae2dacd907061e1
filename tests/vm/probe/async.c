// SPDX-License-Identifier: GPL-2.0-only
/* Methods that hand the write to the kernel: AIO by raw system calls, and four ways of
 * io_uring. */
#include <errno.h>
#include <liburing.h>
#include <linux/aio_abi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dgprobe.h"

static int prepare_aio(struct attempt *at)
{
	aio_context_t *ctx = calloc(1, sizeof(*ctx));

	if (!ctx || syscall(SYS_io_setup, 1, ctx))
		cannot("set up AIO: %m");
	at->extra = ctx;
	return open_target(at);
}

/* A refusal comes from io_submit itself, a result of the write as an event. */
static ssize_t put_aio(struct attempt *at)
{
	aio_context_t *ctx = at->extra;
	struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_fildes = at->fd,
		.aio_buf = (__u64)(unsigned long)at->word,
		.aio_nbytes = at->len,
	};
	struct iocb *list[] = { &cb };
	struct io_event event;

	if (syscall(SYS_io_submit, *ctx, 1, list) != 1)
		return -errno;
	if (syscall(SYS_io_getevents, *ctx, 1, 1, &event, NULL) != 1)
		cannot("get the result of an AIO write: %m");
	return event.res;
}

static void make_ring(struct attempt *at, unsigned int flags)
{
	struct io_uring_params params = { .flags = flags, .sq_thread_idle = 1000 };
	struct io_uring *ring = calloc(1, sizeof(*ring));
	int err;

	if (!ring)
		cannot("allocate a ring");
	err = io_uring_queue_init_params(4, ring, &params);
	if (err)
		cannot("set up io_uring: %s", strerror(-err));
	at->extra = ring;
}

static int prepare_ring(struct attempt *at)
{
	make_ring(at, 0);
	return open_target(at);
}

static int prepare_fixed_buffer(struct attempt *at)
{
	struct iovec iov = { .iov_base = (char *)at->word, .iov_len = at->len };
	int err;

	make_ring(at, 0);
	err = io_uring_register_buffers(at->extra, &iov, 1);
	if (err)
		cannot("register a buffer: %s", strerror(-err));
	return open_target(at);
}

static void register_file(struct attempt *at)
{
	int err = io_uring_register_files(at->extra, &at->fd, 1);

	if (err)
		cannot("register a file: %s", strerror(-err));
}

static int prepare_registered_file(struct attempt *at)
{
	int err;

	make_ring(at, 0);
	err = open_target(at);
	if (!err)
		register_file(at);
	return err;
}

static int prepare_sqpoll(struct attempt *at)
{
	int err;

	make_ring(at, IORING_SETUP_SQPOLL);
	err = open_target(at);
	if (!err)
		register_file(at);
	return err;
}

static ssize_t submit_and_wait(struct io_uring *ring)
{
	struct __kernel_timespec bound = { .tv_sec = WAIT_MS / 1000 };
	struct io_uring_cqe *cqe;
	ssize_t ret;
	int err;

	err = io_uring_submit(ring);
	if (err < 0)
		cannot("submit to io_uring: %s", strerror(-err));
	do {
		err = io_uring_wait_cqe_timeout(ring, &cqe, &bound);
	} while (err == -EINTR);
	if (err)
		cannot("get an answer from io_uring: %s", strerror(-err));
	ret = cqe->res;
	io_uring_cqe_seen(ring, cqe);
	return ret;
}

static ssize_t put_ring(struct attempt *at)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(at->extra);

	io_uring_prep_write(sqe, at->fd, at->word, at->len, 0);
	return submit_and_wait(at->extra);
}

static ssize_t put_fixed_buffer(struct attempt *at)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(at->extra);

	io_uring_prep_write_fixed(sqe, at->fd, at->word, at->len, 0, 0);
	return submit_and_wait(at->extra);
}

static ssize_t put_registered_file(struct attempt *at)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(at->extra);

	io_uring_prep_write(sqe, 0, at->word, at->len, 0);
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	return submit_and_wait(at->extra);
}

const struct method async_methods[] = {
	{ "aio", prepare_aio, put_aio, true },
	{ "iouring", prepare_ring, put_ring, true },
	{ "iouring-fixed-buffer", prepare_fixed_buffer, put_fixed_buffer, false },
	{ "iouring-registered-file", prepare_registered_file, put_registered_file, true },
	{ "iouring-sqpoll", prepare_sqpoll, put_registered_file, true },
	{ 0 },
};
