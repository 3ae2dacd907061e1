// SPDX-License-Identifier: LGPL-2.1-or-later
/* A thread that writes to sysfs for us, and can be stopped. */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define TICK_S 0.2

static void close_it(void *fd)
{
	close(*(int *)fd);
}

/* Where the kernel writes is the only place at which the thread can be cancelled. */
static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0, before;

	if (fd < 0)
		return -errno;
	pthread_cleanup_push(close_it, &fd);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before);
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	pthread_cleanup_pop(true);
	return err;
}

static void serve_all(struct writer *writer)
{
	struct writer_request *r = writer->requests, *end = r + writer->nr;
	int err;

	do {
		err = r->err = write_file(r->path, r->text);
		sem_post(&writer->answered);
		/* the last answer, or an error, and they may be gone */
	} while (!err && !writer->leave && ++r < end);
}

static void *serve(void *context)
{
	struct writer *writer = context;
	int before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	for (;;) {
		while (sem_wait(&writer->asked))
			;
		if (writer->leave)
			return NULL;
		serve_all(writer);
	}
}

/* Its signals are blocked from the start, so that they go to the program's own threads. */
static int start(struct writer *writer)
{
	sigset_t all, before;
	int err;

	writer->leave = false;
	if (sem_init(&writer->asked, 0, 0) || sem_init(&writer->answered, 0, 0))
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&writer->thread, NULL, serve, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	writer->started = !err;
	return -err;
}

static bool is_writing(const struct writer *writer)
{
	return writer->next < writer->nr;
}

void writer_release(struct writer *writer)
{
	if (!writer->started)
		return;
	writer->leave = true;
	sem_post(&writer->asked);
	if (is_writing(writer))
		pthread_cancel(writer->thread);
	pthread_join(writer->thread, NULL);
	sem_destroy(&writer->asked);
	sem_destroy(&writer->answered);
	writer->nr = writer->next = 0;
	writer->started = false;
}

int writer_ask(struct writer *writer, struct writer_request *requests, size_t nr)
{
	int err = writer->started ? 0 : start(writer);

	if (err)
		return err;
	writer->requests = requests;
	writer->nr = nr;
	writer->next = 0;
	sem_post(&writer->asked);
	return 0;
}

/* Wait so long; a signal may end it sooner.  Returns 0 where there is an answer. */
static int wait_answer(struct writer *writer, double seconds)
{
	struct timespec t;
	double ns;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ns = t.tv_nsec + seconds * 1e9;
	t.tv_sec += (time_t)(ns / 1e9);
	t.tv_nsec = (long)ns % 1000000000;
	return sem_clockwait(&writer->answered, CLOCK_MONOTONIC, &t);
}

/* Returns 0 where there is an answer, or why it was given up. */
static int be_patient(struct writer *writer, const struct writer_limits *limits)
{
	double left;

	for (;;) {
		left = limits->until - now_s();
		if (limits->stop && *limits->stop)
			return -ECANCELED;
		if (left <= 0)
			return -ETIME;
		if (!wait_answer(writer, left < TICK_S ? left : TICK_S))
			return 0;
		if (limits->tick)
			limits->tick(limits->context);
	}
}

int writer_answer(struct writer *writer, const struct writer_limits *limits)
{
	int err = be_patient(writer, limits);

	if (err) {
		writer_release(writer);
		return err;
	}
	err = writer->requests[writer->next++].err;
	if (err)
		writer->nr = writer->next;
	return err;
}
