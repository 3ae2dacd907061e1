// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb late: a write that is on its way when a transition begins, again and again, with the
 * begin moved across the moment it lands.  Counts what the block says when begin is back, and
 * whether it says something else while the device is still held.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dgprobe.h"

struct late {
	const char *how;
	const char *dev;
	const char *file;
	const char *word;
	const char *was; /* what the block says before */
	int owner; /* socket to the owner */
	pid_t owner_pid;
	char go[64];
};

struct tally {
	int before; /* landed, and begin came after it */
	int refused;
	int slipped; /* the block changed while the device was held */
	int other;
};

/* The owner's answer. */
struct answer {
	int status;
	char state[32]; /* of the block, as soon as the command was back */
};

static void read_state(const struct late *l, char *state, size_t size)
{
	if (read_text(l->file, state, size) <= 0)
		cannot("read %s", l->file);
}

/* What it prints when all is well is of no interest. */
static _Noreturn void run_begin(const char *dev)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDOUT_FILENO);
	execlp("daxguard", "daxguard", "begin", dev, NULL);
	cannot("execute daxguard: %m");
}

/* Begins when told to, answers, and holds the device for as long as the socket is open. */
static _Noreturn void be_owner(const struct late *l, int sock)
{
	struct answer answer = { 0 };
	char byte;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (recv(sock, &byte, 1, 0) != 1)
		_exit(NOT_ATTEMPTED);
	pid = fork_or_quit();
	if (!pid)
		run_begin(l->dev);
	answer.status = exit_status_of(pid);
	read_state(l, answer.state, sizeof(answer.state));
	if (send(sock, &answer, sizeof(answer), 0) != sizeof(answer))
		cannot("answer: %m");
	if (recv(sock, &byte, 1, 0) > 0)
		cannot("be told to end");
	_exit(0);
}

/* A process that nobody else descends from. */
static void start_owner(struct late *l)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		cannot("make a socket pair: %m");
	l->owner_pid = fork_or_quit();
	if (!l->owner_pid) {
		close(ends[0]);
		be_owner(l, ends[1]);
	}
	close(ends[1]);
	l->owner = ends[0];
}

static void tell_begin(const struct late *l)
{
	if (send(l->owner, "b", 1, 0) != 1)
		cannot("tell the owner to begin: %m");
}

static struct answer begun(const struct late *l)
{
	struct answer answer;

	if (recv(l->owner, &answer, sizeof(answer), 0) != sizeof(answer))
		cannot("hear from the owner: %m");
	if (answer.status)
		cannot("begin: it exited %d", answer.status);
	return answer;
}

/* With its owner the transition is over. */
static void end_owner(struct late *l)
{
	close(l->owner);
	if (exit_status_of(l->owner_pid))
		cannot("see the owner end well");
}

static pid_t start_writer(struct late *l)
{
	char *argv[] = { "late", (char *)l->how, (char *)l->file, (char *)l->word, l->go, NULL };
	pid_t pid = fork_or_quit();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(strcmp(l->how, "write") ? verb_slow(5, argv) : verb_attempt_held(5, argv));
}

static bool writer_ready(void *arg)
{
	struct late *l = arg;
	char path[80];

	snprintf(path, sizeof(path), "%s.ready", l->go);
	return !unlink(path);
}

static void make_go(const struct late *l)
{
	FILE *f = fopen(l->go, "w");

	if (!f || fclose(f))
		cannot("make %s: %m", l->go);
}

static void sleep_us(int us)
{
	const struct timespec t = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L };

	nanosleep(&t, NULL);
}

static void put_back(const struct late *l)
{
	const char *word = strcmp(l->was, "online") ? l->was : "online_movable";
	char state[32];

	read_state(l, state, sizeof(state));
	if (!strcmp(state, l->was))
		return;
	if (attempt("write", l->file, word))
		cannot("make the block %s again", l->was);
}

/* How long begin takes here and now. */
static int begin_us(struct late *l)
{
	long long start;

	start_owner(l);
	start = now_ms();
	tell_begin(l);
	begun(l);
	start = now_ms() - start;
	end_owner(l);
	return start * 1000;
}

/* The writer is let go LEAD_US before begin is called, or as much after it; true if it came
 * first. */
static bool one_round(struct late *l, int lead_us, struct tally *tally)
{
	struct answer then;
	char state[32];
	pid_t writer;
	int status;

	unlink(l->go);
	put_back(l);
	writer = start_writer(l);
	start_owner(l);
	if (!wait_until(writer_ready, l, WAIT_MS))
		cannot("see the writer ready");
	if (lead_us > 0) {
		make_go(l);
		sleep_us(lead_us);
		tell_begin(l);
	} else {
		tell_begin(l);
		sleep_us(-lead_us);
		make_go(l);
	}
	then = begun(l);
	status = exit_status_of(writer);
	read_state(l, state, sizeof(state));
	end_owner(l);
	/* a block that is about to be refused under the lock says so until it is */
	if (status == REFUSED && !strcmp(then.state, "going-offline"))
		strcpy(then.state, l->was);
	if (strcmp(then.state, state))
		tally->slipped++;
	else if (status == LET_THROUGH && !strcmp(state, l->word))
		tally->before++;
	else if (status == REFUSED && !strcmp(state, l->was))
		tally->refused++;
	else
		tally->other++;
	return status == LET_THROUGH;
}

int verb_late(int argc, char **argv)
{
	int rounds = to_number(argv[1]), step_us, least_us, lead_us = 0, i;
	struct tally tally = { 0 };
	struct late l = {
		.how = argv[2],
		.dev = argv[3],
		.file = argv[4],
		.word = argv[5],
		.was = strcmp(argv[5], "offline") ? "offline" : "online",
	};

	(void)argc;
	snprintf(l.go, sizeof(l.go), "/tmp/dgprobe-late.%d", getpid());
	step_us = begin_us(&l);
	least_us = step_us / 64;
	for (i = 0; i < rounds; i++) {
		/* towards the moment where the one turns into the other, and then about it */
		if (one_round(&l, lead_us, &tally))
			lead_us -= step_us;
		else
			lead_us += step_us;
		step_us = step_us * 3 / 4 > least_us ? step_us * 3 / 4 : least_us;
	}
	printf("rounds %d before %d refused %d slipped %d other %d\n", rounds, tally.before,
	       tally.refused, tally.slipped, tally.other);
	return tally.slipped || tally.other;
}
