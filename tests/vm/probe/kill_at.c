// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb kill-at: runs a command and kills it with SIGKILL at its Nth step, without the
 * command's help.  A step is the beginning or the end of a write(2) below /sys, by a thread
 * or a child of it, or of a bpf(2) that runs a program.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dgprobe.h"

#define MOST_TRACED 64

enum {
	DONE = 0, /* it ended by itself, with 0 */
	KILLED = 1,
	FAILED = 3, /* it ended by itself, with something else */
};

struct traced {
	pid_t pid;
	bool in_step; /* between the two ends of a call that counts */
	bool waits; /* it has stopped, and has not been let go on */
	char what[256];
};

static struct traced traced[MOST_TRACED];
static pid_t command;
static int steps, last;

static struct traced *find(pid_t pid)
{
	struct traced *t, *free_one = NULL;

	for (t = traced; t < traced + MOST_TRACED; t++) {
		if (t->pid == pid)
			return t;
		if (!t->pid && !free_one)
			free_one = t;
	}
	if (free_one) {
		free_one->pid = pid;
		free_one->in_step = free_one->waits = false;
		return free_one;
	}
	cannot("follow more than %d processes", MOST_TRACED);
}

static bool describe_write(struct traced *t, const struct __ptrace_syscall_info *info)
{
	char link[64], path[200];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", t->pid, (int)info->entry.args[0]);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = 0;
	snprintf(t->what, sizeof(t->what), "write to %s", path);
	return !strncmp(path, "/sys/", 5);
}

static bool counts(struct traced *t, const struct __ptrace_syscall_info *info)
{
	switch (info->entry.nr) {
	case SYS_write:
	case SYS_pwrite64:
		return describe_write(t, info);
	case SYS_bpf:
		snprintf(t->what, sizeof(t->what), "run of a bpf program");
		return info->entry.args[0] == BPF_PROG_TEST_RUN;
	default:
		return false;
	}
}

static bool has_ended(int status)
{
	return WIFEXITED(status) || WIFSIGNALED(status);
}

/*
 * The command's children have to see it dead before they go on.  Its own end is told only
 * when we have taken note of that of its threads.
 */
static void kill_command(const struct traced *t, const char *end)
{
	struct traced *other;
	int status;
	pid_t pid;

	printf("killed at the %s of a %s\n", end, t->what);
	fflush(stdout);
	kill(command, SIGKILL);
	while (command && (pid = waitpid(-1, &status, __WALL)) >= 0) {
		other = find(pid);
		other->waits = !has_ended(status);
		if (other->waits)
			continue;
		other->pid = 0;
		if (pid == command)
			command = 0;
	}
}

static void let_go_on(void)
{
	struct traced *t;

	for (t = traced; t < traced + MOST_TRACED; t++)
		if (t->pid && t->waits)
			ptrace(PTRACE_SYSCALL, t->pid, 0, 0);
}

static void at_syscall(struct traced *t)
{
	struct __ptrace_syscall_info info = {};
	bool entry;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof(info), &info) < 0)
		return;
	entry = info.op == PTRACE_SYSCALL_INFO_ENTRY;
	if (entry)
		t->in_step = counts(t, &info);
	if (!t->in_step)
		return;
	if (!entry)
		t->in_step = false;
	if (command && ++steps == last) {
		kill_command(t, entry ? "beginning" : "end");
		let_go_on();
	}
}

/* The signal to go on with. */
static int at_stop(struct traced *t, int status)
{
	int sig = WSTOPSIG(status);

	if (sig == (SIGTRAP | 0x80)) {
		at_syscall(t);
		return 0;
	}
	/* events, and the stop that a new child begins with */
	return sig == SIGTRAP || sig == SIGSTOP ? 0 : sig;
}

static int follow(void)
{
	int status, result = KILLED;
	struct traced *t;
	pid_t pid;

	for (;;) {
		pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return result;
		t = find(pid);
		if (WIFSTOPPED(status)) {
			ptrace(PTRACE_SYSCALL, pid, 0, at_stop(t, status));
			continue;
		}
		t->pid = 0;
		if (pid != command)
			continue;
		command = 0;
		result = WIFEXITED(status) && !WEXITSTATUS(status) ? DONE : FAILED;
		printf("ended by itself after %d steps\n", steps);
	}
}

int verb_kill_at(int argc, char **argv)
{
	int status;

	(void)argc;
	last = to_number(argv[1]);
	command = fork_or_quit();
	if (!command) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execvp(argv[2], argv + 2);
		cannot("execute %s: %m", argv[2]);
	}
	if (waitpid(command, &status, 0) != command || !WIFSTOPPED(status))
		cannot("stop %s", argv[2]);
	if (ptrace(PTRACE_SETOPTIONS, command, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			   PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC))
		cannot("trace %s: %m", argv[2]);
	ptrace(PTRACE_SYSCALL, command, 0, 0);
	return follow();
}
