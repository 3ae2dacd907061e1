// SPDX-License-Identifier: GPL-2.0-only
/* The verbs upgrades and starts: a program's file is replaced again and again, and it is
 * started again and again. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dgprobe.h"

#define STATUSES 256

static volatile sig_atomic_t enough;

static void on_term(int sig)
{
	(void)sig;
	enough = 1;
}

/* As a package does it: another file, under a name beside, is renamed over it. */
static void upgrade(const char *path, const char *file)
{
	char beside[4096];

	snprintf(beside, sizeof(beside), "%s.new", path);
	if (link(file, beside) && errno != EEXIST)
		cannot("link %s to %s: %m", file, beside);
	if (rename(beside, path))
		cannot("rename %s to %s: %m", beside, path);
}

/* Until SIGTERM; then how often that was. */
int verb_upgrades(int argc, char **argv)
{
	unsigned long n = 0;

	(void)argc;
	signal(SIGTERM, on_term);
	say_ready(argv[4]);
	while (!enough)
		upgrade(argv[1], argv[2 + n++ % 2]);
	printf("upgrades %lu\n", n);
	return 0;
}

/* One after the other; then how many had which exit status. */
int verb_starts(int argc, char **argv)
{
	int n = to_number(argv[1]), counts[STATUSES] = {}, i;
	pid_t pid;

	(void)argc;
	for (i = 0; i < n; i++) {
		pid = fork_or_quit();
		if (!pid) {
			if (!freopen("/dev/null", "w", stderr))
				_exit(NOT_ATTEMPTED);
			execv(argv[2], argv + 2);
			_exit(127);
		}
		counts[exit_status_of(pid) & (STATUSES - 1)]++;
	}
	for (i = 0; i < STATUSES; i++)
		if (counts[i])
			printf("status %d: %d\n", i, counts[i]);
	return 0;
}
