// SPDX-License-Identifier: GPL-2.0-only
/* daxguard run: hold a device for exactly as long as a command takes. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "verbs/hold.h"
#include "show/report.h"

/* As env(1) and the shells have it. */
#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_FOUND 127
#define STATUS_SIGNAL 128

static const int passed_on[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2 };

const struct opt run_opts[] = { HOLD_OPTS, {} };

static int parse_run(int argc, char **argv, struct hold *h)
{
	int opt, status = 0;

	while ((opt = next_leading_option(argc, argv, run_opts)) != OPTIONS_END) {
		if (opt == OPT_TIMEOUT)
			status = hold_seconds(&h->timeout_s, "timeout", optarg);
		else
			status = hold_seconds(&h->deadline_s, "deadline", optarg);
		if (status)
			return status;
	}
	if (argc - optind < 3 || strcmp(argv[optind + 1], "--"))
		return fail(EXIT_USAGE,
			    "'run' needs a device, '--' and a command: daxguard run "
			    "dax0.0 -- daxctl ...");
	return 0;
}

static void child(char **argv, const sigset_t *mask, pid_t parent)
{
	int err;

	/* the command must not go on without the hold */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(STATUS_CANNOT_RUN);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	err = errno;
	fail(EXIT_FAILED, "cannot run '%s' (%s): give the path of a program", argv[0],
	     strerror(err));
	fflush(NULL);
	_exit(err == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN);
}

/* Ctrl-C at a terminal reaches the command by itself; a kill(1) only reaches us. */
static void pass_on(pid_t pid, const siginfo_t *info)
{
	bool by_terminal = info->si_code == SI_KERNEL;

	if (!by_terminal)
		kill(pid, info->si_signo);
}

static int wait_for_child(pid_t pid, const sigset_t *watched)
{
	siginfo_t info;
	int status;

	for (;;) {
		if (sigwaitinfo(watched, &info) < 0)
			continue;
		if (info.si_signo != SIGCHLD) {
			pass_on(pid, &info);
			continue;
		}
		if (waitpid(pid, &status, WNOHANG) != pid)
			continue;
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return STATUS_SIGNAL + WTERMSIG(status);
	}
}

static int run_command(char **argv)
{
	sigset_t watched, before;
	pid_t pid, me = getpid();

	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(passed_on); i++)
		sigaddset(&watched, passed_on[i]);
	/* inherited "ignore" would reap the command before we can ask it */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &watched, &before);
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return fail(EXIT_FAILED, "cannot start '%s': %s", argv[0], strerror(errno));
	if (!pid)
		child(argv, &before, me);
	return wait_for_child(pid, &watched);
}

int verb_run(int argc, char **argv)
{
	struct holds all = { .like = { .owner = getpid(), .timeout_s = HOLD_TIMEOUT_S } };
	int status = parse_run(argc, argv, &all.like);
	const struct hold *which;

	if (!status)
		status = hold_begin(&all, argv[optind]);
	if (!status) {
		status = run_command(argv + optind + 2);
		if (holds_end(&all, &which))
			warn("'%s' was not held until '%s' was done (past its deadline, or "
			     "released by force): check it with 'daxguard list %s'",
			     which->name.name, argv[optind + 2], which->name.name);
	}
	holds_free(&all);
	return status;
}
