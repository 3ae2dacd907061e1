// SPDX-License-Identifier: GPL-2.0-only
/* Small things every verb needs: giving up with a sentence, waiting with a bound, children. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dgprobe.h"

void cannot(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "dgprobe: cannot ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(NOT_ATTEMPTED);
}

long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

bool wait_until(bool (*true_now)(void *arg), void *arg, int ms)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	long long end = now_ms() + ms;

	while (!true_now(arg)) {
		if (now_ms() > end)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* Makes GOFILE.ready, with our pid in it from the moment it is there. */
void say_ready(const char *gofile)
{
	char name[4096], tmp[4096];
	FILE *f;

	snprintf(name, sizeof(name), "%s.ready", gofile);
	snprintf(tmp, sizeof(tmp), "%s.ready.%d", gofile, getpid());
	f = fopen(tmp, "w");
	if (!f || fprintf(f, "%d\n", getpid()) < 0 || fclose(f) || rename(tmp, name))
		cannot("make %s: %m", name);
}

static bool exists(void *path)
{
	return !access(path, F_OK);
}

void wait_for_go(const char *gofile)
{
	if (!wait_until(exists, (void *)gofile, WAIT_MS))
		cannot("go on: %s did not appear", gofile);
}

/* Reads at most SIZE - 1 bytes, ends them with a zero and drops the last newline. */
ssize_t read_text(const char *path, char *buf, size_t size)
{
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len > 0 && buf[len - 1] == '\n')
		len--;
	buf[len > 0 ? len : 0] = '\0';
	return len;
}

pid_t fork_or_quit(void)
{
	pid_t pid = fork();

	if (pid < 0)
		cannot("fork: %m");
	return pid;
}

/* Waits for a child; one that died by a signal counts as not attempted. */
int exit_status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			cannot("wait for %d: %m", pid);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	cannot("say how it ended: %d died by signal %d", pid, WTERMSIG(status));
}

int to_number(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 0 || n > 1000000000)
		cannot("take \"%s\" for a number", text);
	return n;
}
