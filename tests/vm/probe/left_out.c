// SPDX-License-Identifier: GPL-2.0-only
/* The verbs drop-link, killed-owners, bind-storm and failed-fork: programs left out, one by
 * hand and many by the kernel. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daxguard.h"
#include "dgprobe.h"

#define CTL "/sys/fs/bpf/daxguard/v1/progs/daxguard_ctl"
#define KMEM "/sys/bus/dax/drivers/kmem"

#define FORKERS 6

/* What daxguard begin does, but for what it waits for: the caller is the owner. */
static int ctl(int prog, __u32 cmd, struct daxguard_ctl *c)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = c, .ctx_size_in = sizeof(*c));

	c->cmd = cmd;
	if (bpf_prog_test_run_opts(prog, &run))
		cannot("run the guard's control program: %m");
	return c->result;
}

static int open_ctl(void)
{
	int prog = bpf_obj_get(CTL);

	if (prog < 0)
		cannot("open %s: %m", CTL);
	return prog;
}

static struct daxguard_ctl about(const char *dev)
{
	struct daxguard_ctl c = {};

	strncpy(c.name.name, dev, sizeof(c.name.name) - 1);
	return c;
}

/* A child that forks children that exit, one after the other, until it is killed. */
static pid_t fork_for_ever(void)
{
	pid_t pid = fork_or_quit();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		pid = fork_or_quit();
		if (!pid)
			_exit(0);
		exit_status_of(pid);
	}
}

/* A child that holds DEV; back when it has it.  Returns 0 where it could not. */
static pid_t start_owner(int prog, const char *dev)
{
	struct daxguard_ctl c = about(dev);
	int ready[2];
	char got = 0;
	pid_t pid;

	if (pipe(ready))
		cannot("make a pipe: %m");
	pid = fork_or_quit();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!ctl(prog, DAXGUARD_CMD_CLAIM, &c)) {
			ctl(prog, DAXGUARD_CMD_BEGUN, &c);
			got = 1;
		}
		if (write(ready[1], &got, 1) != 1)
			_exit(NOT_ATTEMPTED);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &got, 1) != 1)
		got = 0;
	close(ready[0]);
	if (got)
		return pid;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}

/* Held by nobody: a write is let through, and another may begin. */
static bool is_free(int prog, const char *dev, const char *file)
{
	struct daxguard_ctl c = about(dev);
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		cannot("open %s: %m", file);
	/* not a word that the kernel knows: it is EINVAL unless it is refused */
	err = write(fd, "?", 1) < 0 ? errno : 0;
	close(fd);
	if (err != EINVAL)
		fprintf(stderr, "dgprobe: a rival's write: %s\n", strerror(err));
	if (ctl(prog, DAXGUARD_CMD_CLAIM, &c)) {
		fprintf(stderr, "dgprobe: a new begin: %s\n", strerror(-c.result));
		return false;
	}
	ctl(prog, DAXGUARD_CMD_END_EXACTLY, &c);
	return err == EINVAL;
}

int verb_killed_owners(int argc, char **argv)
{
	int n = to_number(argv[1]), held = 0, lost = 0, prog = open_ctl(), i;
	pid_t forkers[FORKERS], owner;

	(void)argc;
	for (i = 0; i < FORKERS; i++)
		forkers[i] = fork_for_ever();
	for (i = 0; i < n; i++) {
		owner = start_owner(prog, argv[2]);
		if (!owner) {
			lost++;
			continue;
		}
		kill(owner, SIGKILL);
		waitpid(owner, NULL, 0);
		held += !is_free(prog, argv[2], argv[3]);
	}
	for (i = 0; i < FORKERS; i++) {
		kill(forkers[i], SIGKILL);
		waitpid(forkers[i], NULL, 0);
	}
	printf("killed %d held %d refused %d\n", n, held, lost);
	return held || lost;
}

/* Returns 0 or a negative errno. */
static int write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, word, strlen(word)) < 0)
		err = -errno;
	close(fd);
	return err;
}

struct tally {
	int refused; /* binds and unbinds that answered an error */
	int unguarded; /* a stranger's write let through while the device was held */
	int held; /* could not be begun after all was over */
};

static bool is_guarded(int prog, const char *dev, const char *file, struct tally *t)
{
	pid_t owner = start_owner(prog, dev);
	int err;

	if (!owner) {
		t->held++;
		return true;
	}
	err = write_word(file, "?");
	kill(owner, SIGKILL);
	waitpid(owner, NULL, 0);
	return err == -EBUSY;
}

/* "DEV=FILE": one device, and the state of a block that it has while it is bound. */
static _Noreturn void bind_again_and_again(int rounds, char *dev, int out)
{
	char *file = strchr(dev, '=');
	struct tally t = {};
	int prog = open_ctl(), i, err;

	if (!file)
		usage();
	*file++ = 0;
	for (i = 0; i < rounds; i++) {
		err = write_word(KMEM "/unbind", dev);
		if (!err)
			err = write_word(KMEM "/bind", dev);
		if (err) {
			fprintf(stderr, "%s, round %d: %s\n", dev, i, strerror(-err));
			t.refused++;
		}
		t.unguarded += !is_guarded(prog, dev, file, &t);
	}
	if (write(out, &t, sizeof(t)) != sizeof(t))
		_exit(NOT_ATTEMPTED);
	_exit(0);
}

int verb_bind_storm(int argc, char **argv)
{
	int rounds = to_number(argv[1]), out[2], i, failed = 0;
	struct tally sum = {}, t;

	if (pipe(out))
		cannot("make a pipe: %m");
	for (i = 2; i < argc; i++)
		if (!fork_or_quit())
			bind_again_and_again(rounds, argv[i], out[1]);
	for (i = 2; i < argc; i++) {
		if (wait(&failed) < 0 || failed || read(out[0], &t, sizeof(t)) != sizeof(t))
			cannot("bind and unbind: a child failed");
		sum.refused += t.refused;
		sum.unguarded += t.unguarded;
		sum.held += t.held;
	}
	printf("rounds %d devices %d refused %d unguarded %d held %d\n", rounds, argc - 2,
	       sum.refused, sum.unguarded, sum.held);
	return sum.refused || sum.unguarded || sum.held;
}

/*
 * Take a link away, and be back when its program runs no more: the kernel does that at
 * once for the last one who lets go of it, so that is to be us and not the pin, which
 * it frees some grace periods after its name.
 */
int verb_drop_link(int argc, char **argv)
{
	int link = bpf_obj_get(argv[1]);

	(void)argc;
	if (link < 0)
		cannot("open %s: %m", argv[1]);
	if (unlink(argv[1]))
		cannot("remove %s: %m", argv[1]);
	for (int i = 0; i < 3; i++)
		if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
			cannot("wait for a grace period: %m");
	close(link);
	return 0;
}

/* A fork that fails half way: the number it asks for is its own.  Then wait to be killed. */
int verb_failed_fork(int argc, char **argv)
{
	pid_t taken = getpid();
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (__u64)(unsigned long)&taken,
		.set_tid_size = 1,
	};
	long child = syscall(SYS_clone3, &args, sizeof(args));

	(void)argc;
	if (child >= 0 || errno != EEXIST)
		cannot("have a fork fail: %m");
	say_ready(argv[1]);
	for (;;)
		pause();
}
