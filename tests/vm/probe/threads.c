// SPDX-License-Identifier: GPL-2.0-only
/* The verbs thread-exec and leaderless: processes whose first thread is not what one takes it
 * for. */
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dgprobe.h"

static void second_thread(void *(*run)(void *arg), void *arg)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, run, arg);

	if (err)
		cannot("make a thread: %s", strerror(err));
}

static void *exec_command(void *arg)
{
	char **argv = arg;

	execvp(argv[0], argv);
	cannot("execute %s: %m", argv[0]);
}

/* The process goes on as COMMAND, by way of a thread that was not its first. */
int verb_thread_exec(int argc, char **argv)
{
	(void)argc;
	second_thread(exec_command, argv + 1);
	for (;;)
		pause(); /* until the other thread's exec ends this one */
}

static bool first_thread_is_zombie(void *arg)
{
	char text[512], *end;

	(void)arg;
	if (read_text("/proc/self/stat", text, sizeof(text)) <= 0)
		return false;
	end = strrchr(text, ')');
	return end && end[2] == 'Z';
}

static void *stay(void *gofile)
{
	if (!wait_until(first_thread_is_zombie, NULL, WAIT_MS))
		cannot("outlive my first thread");
	say_ready(gofile);
	wait_for_go(gofile);
	_exit(0);
}

/* The first thread ends, another one stays until GOFILE is there. */
int verb_leaderless(int argc, char **argv)
{
	(void)argc;
	second_thread(stay, argv[1]);
	/* not pthread_exit(): that wants libgcc_s at run time */
	for (;;)
		syscall(SYS_exit, 0);
}
