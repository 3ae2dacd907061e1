// SPDX-License-Identifier: LGPL-2.1-or-later
/* A thread that writes to sysfs for us, and can be stopped. */
#include "hand.h"

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

static void serve_all(struct hand *hand)
{
	struct hand_request *r = hand->requests, *end = r + hand->nr;
	int err;

	do {
		err = r->err = write_file(r->path, r->text);
		sem_post(&hand->answered);
		/* the last answer, or an error, and they may be gone */
	} while (!err && !hand->leave && ++r < end);
}

static void *serve(void *context)
{
	struct hand *hand = context;
	int before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	for (;;) {
		while (sem_wait(&hand->asked))
			;
		if (hand->leave)
			return NULL;
		serve_all(hand);
	}
}

/* Its signals are blocked from the start, so that they go to the program's own threads. */
static int start(struct hand *hand)
{
	sigset_t all, before;
	int err;

	hand->leave = false;
	if (sem_init(&hand->asked, 0, 0) || sem_init(&hand->answered, 0, 0))
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&hand->thread, NULL, serve, hand);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	hand->started = !err;
	return -err;
}

static bool is_writing(const struct hand *hand)
{
	return hand->next < hand->nr;
}

void hand_release(struct hand *hand)
{
	if (!hand->started)
		return;
	hand->leave = true;
	sem_post(&hand->asked);
	if (is_writing(hand))
		pthread_cancel(hand->thread);
	pthread_join(hand->thread, NULL);
	sem_destroy(&hand->asked);
	sem_destroy(&hand->answered);
	hand->nr = hand->next = 0;
	hand->started = false;
}

int hand_ask(struct hand *hand, struct hand_request *requests, size_t nr)
{
	int err = hand->started ? 0 : start(hand);

	if (err)
		return err;
	hand->requests = requests;
	hand->nr = nr;
	hand->next = 0;
	sem_post(&hand->asked);
	return 0;
}

/* Wait so long; a signal may end it sooner.  Returns 0 where there is an answer. */
static int wait_answer(struct hand *hand, double seconds)
{
	struct timespec t;
	double ns;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ns = t.tv_nsec + seconds * 1e9;
	t.tv_sec += (time_t)(ns / 1e9);
	t.tv_nsec = (long)ns % 1000000000;
	return sem_clockwait(&hand->answered, CLOCK_MONOTONIC, &t);
}

/* Returns 0 where there is an answer, or why it was given up. */
static int be_patient(struct hand *hand, const struct hand_limits *limits)
{
	double left;

	for (;;) {
		left = limits->until - now_s();
		if (limits->stop && *limits->stop)
			return -ECANCELED;
		if (left <= 0)
			return -ETIME;
		if (!wait_answer(hand, left < TICK_S ? left : TICK_S))
			return 0;
		if (limits->tick)
			limits->tick(limits->context);
	}
}

int hand_answer(struct hand *hand, const struct hand_limits *limits)
{
	int err = be_patient(hand, limits);

	if (err) {
		hand_release(hand);
		return err;
	}
	err = hand->requests[hand->next++].err;
	if (err)
		hand->nr = hand->next;
	return err;
}
