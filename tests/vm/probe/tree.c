// SPDX-License-Identifier: GPL-2.0-only
/* The verb tree: the write comes from a given place in the owner's tree of processes and
 * threads. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dgprobe.h"

struct order {
	const char *file;
	const char *word;
};

static int write_now(const struct order *o)
{
	return attempt("write", o->file, o->word);
}

static int from_grandchild(const struct order *o)
{
	pid_t pid = fork_or_quit();

	if (!pid)
		_exit(write_now(o));
	return exit_status_of(pid);
}

static bool parent_changed(void *arg)
{
	return getppid() != *(pid_t *)arg;
}

/* In a process whose parent is about to exit: wait until that has happened. */
static void become_orphan(pid_t parent)
{
	if (!wait_until(parent_changed, &parent, WAIT_MS))
		cannot("become an orphan: the parent stays");
}

static _Noreturn void write_as_orphan(const struct order *o, pid_t parent, int report)
{
	int status;

	become_orphan(parent);
	status = write_now(o);
	if (write(report, &status, sizeof(status)) != sizeof(status))
		cannot("report: %m");
	_exit(0);
}

/* Forks DEPTH times, each parent exiting at once; the last one writes. */
static _Noreturn void orphan_line(const struct order *o, int depth, int report)
{
	pid_t parent = 0;

	while (depth--) {
		if (parent) {
			become_orphan(parent);
			setsid();
		}
		parent = getpid();
		if (fork_or_quit())
			_exit(0);
	}
	write_as_orphan(o, parent, report);
}

static int from_orphan(const struct order *o, int depth)
{
	int ends[2], status;
	pid_t pid;

	if (pipe(ends))
		cannot("make a pipe: %m");
	pid = fork_or_quit();
	if (!pid)
		orphan_line(o, depth, ends[1]);
	close(ends[1]);
	exit_status_of(pid);
	if (read(ends[0], &status, sizeof(status)) != sizeof(status))
		cannot("hear from the orphan");
	return status;
}

static void *exec_in_thread(void *arg)
{
	const struct order *o = arg;

	if (gettid() == getpid())
		cannot("be another thread than the first");
	execl("/proc/self/exe", "dgprobe", "attempt", "write", o->file, o->word, NULL);
	cannot("execute myself: %m");
}

static int from_exec_thread(const struct order *o)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, exec_in_thread, (void *)o);

	if (err)
		cannot("make a thread: %s", strerror(err));
	for (;;)
		pause(); /* until the other thread's exec ends this one */
}

int verb_tree(int argc, char **argv)
{
	const struct order o = { argv[2], argv[3] };

	(void)argc;
	if (!strcmp(argv[1], "child"))
		return write_now(&o);
	if (!strcmp(argv[1], "grandchild"))
		return from_grandchild(&o);
	if (!strcmp(argv[1], "orphan"))
		return from_orphan(&o, 1);
	if (!strcmp(argv[1], "double-orphan"))
		return from_orphan(&o, 2);
	if (!strcmp(argv[1], "thread"))
		return attempt("thread", o.file, o.word);
	if (!strcmp(argv[1], "exec-thread"))
		return from_exec_thread(&o);
	usage();
}
