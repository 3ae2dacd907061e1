// SPDX-License-Identifier: GPL-2.0-only
/* The verb rivals: processes that write one word to many files in a loop, as udev rules and
 * agents do. */
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
#include <unistd.h>

#include "dgprobe.h"

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

static _Noreturn void rival(pid_t parent, const char *word, char **files, struct tally *tally)
{
	char **f;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		for (f = files; *f; f++)
			write_once(*f, word, tally);
	_exit(0);
}

int verb_rivals(int argc, char **argv)
{
	int i, sig, n = to_number(argv[1]);
	pid_t self = getpid(), *pids = calloc(n, sizeof(*pids));
	struct tally *tally;
	sigset_t term;

	(void)argc;
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (tally == MAP_FAILED || !pids)
		cannot("map the counts: %m");
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	for (i = 0; i < n; i++) {
		pids[i] = fork_or_quit();
		if (!pids[i])
			rival(self, argv[2], argv + 3, tally);
	}
	sigwait(&term, &sig);
	for (i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	printf("ok %lu busy %lu other %lu\n", tally->ok, tally->busy, tally->other);
	return 0;
}
