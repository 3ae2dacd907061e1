/* SPDX-License-Identifier: GPL-2.0-only */
/* Going on with the events until a signal, or until nobody reads what is printed. */
#include "verbs/follow.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "guard/bell.h"

/* How often to look for deadlines and for an unload. */
static const struct timespec tick = { .tv_sec = 1 };

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

/*
 * Wait for events, a signal, or the tick; signals come through, so that none is lost
 * between looking and waiting.  False where nobody reads stdout.
 */
static bool wait_for_events(const struct bell *bell, const sigset_t *open)
{
	struct pollfd fds[] = {
		{ .fd = bell_poll_fd(bell), .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};

	if (ppoll(fds, 2, &tick, open) <= 0)
		return true;
	return !(fds[1].revents & (POLLERR | POLLHUP));
}

/* What is followed, and what is done with it. */
struct following {
	struct history *history;
	struct bell *bell;
	history_fn fn;
	history_lost_fn lost;
	void *ctx;
	__u64 next; /* number of the first event that was not told yet */
};

static int tell_what_there_is(struct following *f)
{
	int err;

	do {
		bell_heard(f->bell);
		err = history_read(f->history, f->next, f->fn, f->lost, f->ctx);
		f->next = history_reached(f->history);
	} while (!err && !interrupted && f->next < history_next(f->history));
	return err;
}

/* Returns 0 at a signal or when stdout is gone, else a negative errno. */
static int follow(struct following *f, const sigset_t *open)
{
	sigset_t blocked;
	__u64 swept = 0;
	int err;

	while (!interrupted) {
		/* signals come through here, too: whoever is to read may not */
		sigprocmask(SIG_SETMASK, open, &blocked);
		err = tell_what_there_is(f);
		sigprocmask(SIG_SETMASK, &blocked, NULL);
		if (interrupted)
			return 0;
		if (err < 0)
			return err == -EPIPE ? 0 : err;
		if (now_ns() - swept >= NS_PER_S) {
			if (!history_is_current(f->history))
				return -ENOLINK;
			control_sweep();
			swept = now_ns();
		}
		if (!wait_for_events(f->bell, open))
			return 0;
	}
	return 0;
}

int follow_events(struct history *history, struct bell *bell, __u64 from, history_fn fn,
		  history_lost_fn lost, void *ctx)
{
	struct following f = { history, bell, fn, lost, ctx, from };
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t ours, before;
	int err;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, &before);
	sigdelset(&before, SIGINT);
	sigdelset(&before, SIGTERM);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	signal(SIGPIPE, SIG_IGN); /* the write then says EPIPE */
	err = follow(&f, &before);
	/* a reader that has gone is the end, not an error, at exit too */
	if (!err && (ferror(stdout) || fflush(stdout)) && !freopen("/dev/null", "w", stdout))
		return -errno;
	return err;
}
