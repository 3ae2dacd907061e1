// SPDX-License-Identifier: GPL-2.0-only
/* The verb begin-storm: many owners begin a transition of one device at the same moment. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include "dgprobe.h"

#define EXIT_HELD 4 /* daxguard: someone else holds the device */

/* Of one owner; in memory shared with all. */
struct owner {
	pid_t pid;
	int begin; /* exit status of daxguard begin */
	int end; /* of daxguard end, by the winner */
	char words[512]; /* what begin said */
};

struct storm {
	const char *daxguard;
	const char *dev;
	int n;
	struct owner *owners;
	pthread_barrier_t *barrier;
};

static _Noreturn void run_daxguard(const struct storm *s, const char *verb, pid_t owner,
				   int output)
{
	char option[32];

	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	snprintf(option, sizeof(option), "--owner=%d", owner);
	if (owner)
		execlp(s->daxguard, "daxguard", verb, option, s->dev, NULL);
	else
		execlp(s->daxguard, "daxguard", verb, s->dev, NULL);
	cannot("execute %s: %m", s->daxguard);
}

static int daxguard(const struct storm *s, const char *verb, pid_t owner, struct owner *me)
{
	int status, output = memfd_create("output", MFD_CLOEXEC);
	ssize_t len;
	pid_t pid;

	if (output < 0)
		cannot("make a file in memory: %m");
	pid = fork_or_quit();
	if (!pid)
		run_daxguard(s, verb, owner, output);
	status = exit_status_of(pid);
	len = pread(output, me->words, sizeof(me->words) - 1, 0);
	me->words[len < 0 ? 0 : len] = '\0';
	close(output);
	return status;
}

/* All begin together; nobody goes before all have their answer, then the winner ends. */
static _Noreturn void be_owner(const struct storm *s, struct owner *me)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	me->pid = getpid();
	me->begin = me->end = -1;
	pthread_barrier_wait(s->barrier);
	me->begin = daxguard(s, "begin", me->pid, me);
	pthread_barrier_wait(s->barrier);
	if (!me->begin)
		me->end = daxguard(s, "end", 0, me);
	_exit(0);
}

static bool names(const char *words, pid_t pid)
{
	char number[16];
	const char *p;
	size_t len;

	len = snprintf(number, sizeof(number), "%d", pid);
	for (p = words; (p = strstr(p, number)); p++)
		if ((p == words || !isdigit(p[-1])) && !isdigit(p[len]))
			return true;
	return false;
}

static int judge(const struct storm *s)
{
	int won = 0, held = 0, other = 0, named = 0, ended = 0, i;
	const struct owner *o, *winner = NULL;

	for (i = 0; i < s->n; i++) {
		o = &s->owners[i];
		won += !o->begin;
		held += o->begin == EXIT_HELD;
		other += o->begin && o->begin != EXIT_HELD;
		ended += !o->begin && !o->end;
		if (!o->begin)
			winner = o;
		else if (o->begin != EXIT_HELD)
			fprintf(stderr, "dgprobe: begin exited %d: %s\n", o->begin, o->words);
	}
	for (i = 0; winner && i < s->n; i++)
		named += s->owners[i].begin == EXIT_HELD &&
			 names(s->owners[i].words, winner->pid);
	printf("won %d held %d named %d other %d ended %d\n", won, held, named, other, ended);
	return won == 1 && held == s->n - 1 && named == held && ended == 1 ? 0 : 1;
}

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		cannot("map shared memory: %m");
	return p;
}

int verb_begin_storm(int argc, char **argv)
{
	struct storm s = {
		.daxguard = argc > 3 ? argv[3] : "daxguard",
		.dev = argv[2],
		.n = to_number(argv[1]),
	};
	pthread_barrierattr_t attr;
	pid_t *pids = calloc(s.n, sizeof(*pids));
	int i;

	s.owners = shared(s.n * sizeof(*s.owners));
	s.barrier = shared(sizeof(*s.barrier));
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (!pids || pthread_barrier_init(s.barrier, &attr, s.n))
		cannot("make a barrier for %d", s.n);
	for (i = 0; i < s.n; i++) {
		pids[i] = fork_or_quit();
		if (!pids[i])
			be_owner(&s, &s.owners[i]);
	}
	for (i = 0; i < s.n; i++)
		exit_status_of(pids[i]);
	return judge(&s);
}
