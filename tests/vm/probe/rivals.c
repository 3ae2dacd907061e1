// SPDX-License-Identifier: GPL-2.0-only
/* The verbs rivals, flippers and insist: processes that write in a loop, as udev rules, agents
 * and administrators do. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dgprobe.h"

/*
 * A flipper pauses as long as this at most, half as long on average.  A change of a block
 * takes the emulated machine 25 ms and more, under one lock: 32 flippers keep that busy
 * nearly all the time, and leave room for one who wants a device whole.
 */
#define FLIP_PAUSE_MS 2000

struct tally {
	atomic_ulong ok;
	atomic_ulong busy;
	atomic_ulong other;
};

static void write_once(const char *file, const char *word, struct tally *tally)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	ssize_t ret = fd < 0 ? -1 : write(fd, word, strlen(word));

	if (ret > 0)
		tally->ok++;
	else if (errno == EBUSY)
		tally->busy++;
	else
		tally->other++;
	if (fd >= 0)
		close(fd);
}

/* One of the crowd: what it does over and over until the crowd goes. */
struct rival {
	const char *word; /* NULL: a random one */
	char **files;
	int nr;
	unsigned int seed;
};

/* Every file in turn, as fast as it can: a udev rule, an agent. */
static void write_all(const struct rival *r, struct tally *tally)
{
	int i;

	for (i = 0; i < r->nr; i++)
		write_once(r->files[i], r->word, tally);
}

/* Now and then a random word to a random file: administrators, all at once. */
static void write_random(struct rival *r, struct tally *tally)
{
	static const char *const words[] = { "online", "offline", "online_movable" };
	int ms = rand_r(&r->seed) % FLIP_PAUSE_MS;
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	write_once(r->files[rand_r(&r->seed) % r->nr], words[rand_r(&r->seed) % 3], tally);
	nanosleep(&pause, NULL);
}

static _Noreturn void rival(pid_t parent, struct rival *r, struct tally *tally)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent) {
		if (r->word)
			write_all(r, tally);
		else
			write_random(r, tally);
	}
	_exit(0);
}

/* N of them, until SIGTERM; then the counts. */
static int crowd(int n, struct rival *r)
{
	pid_t self = getpid(), *pids = calloc(n, sizeof(*pids));
	struct tally *tally;
	sigset_t term;
	int i, sig;

	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (tally == MAP_FAILED || !pids)
		cannot("map the counts: %m");
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	for (i = 0; i < n; i++) {
		r->seed++;
		pids[i] = fork_or_quit();
		if (!pids[i])
			rival(self, r, tally);
	}
	sigwait(&term, &sig);
	for (i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	printf("ok %lu busy %lu other %lu\n", tally->ok, tally->busy, tally->other);
	return 0;
}

int verb_rivals(int argc, char **argv)
{
	struct rival r = { .word = argv[2], .files = argv + 3, .nr = argc - 3 };

	return crowd(to_number(argv[1]), &r);
}

int verb_flippers(int argc, char **argv)
{
	struct rival r = { .seed = to_number(argv[2]), .files = argv + 3, .nr = argc - 3 };

	return crowd(to_number(argv[1]), &r);
}

/* One that keeps its file open: each of its writes is the same call at the same place. */
int verb_insist(int argc, char **argv)
{
	int fd = open(argv[1], O_WRONLY | O_CLOEXEC);
	size_t len = strlen(argv[2]);
	pid_t parent = getppid();

	(void)argc;
	if (fd < 0)
		cannot("open '%s': %s", argv[1], strerror(errno));
	while (getppid() == parent)
		for (int i = 0; i < 100; i++)
			(void)!write(fd, argv[2], len);
	return 0;
}
