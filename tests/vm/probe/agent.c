// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verbs agent and ask: a process that belongs to nobody's tree, and commands run below it.
 *
 * ask sends its arguments and its standard descriptors; the agent runs them, and
 * their exit status comes back. SIGTERM to ask goes on to the command, and an ask
 * that dies takes the command with it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dgprobe.h"

#define MOST_WORDS 64

static int unix_socket(const char *path, struct sockaddr_un *addr)
{
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	addr->sun_family = AF_UNIX;
	if (sock < 0 || strlen(path) >= sizeof(addr->sun_path))
		cannot("make the socket %s: %m", path);
	strcpy(addr->sun_path, path);
	return sock;
}

static int listen_at(const char *path)
{
	struct sockaddr_un addr;
	int sock = unix_socket(path, &addr);

	unlink(path);
	if (bind(sock, (struct sockaddr *)&addr, sizeof(addr)) || listen(sock, 16))
		cannot("listen at %s: %m", path);
	return sock;
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr;
	int sock = unix_socket(path, &addr);

	if (connect(sock, (struct sockaddr *)&addr, sizeof(addr)))
		cannot("connect to %s: %m", path);
	return sock;
}

static int signals(int a, int b)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, a);
	sigaddset(&set, b);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		cannot("make a signalfd: %m");
	return fd;
}

static _Noreturn void run_command(char *words, ssize_t len, const int fds[3])
{
	char *argv[MOST_WORDS + 1], *p;
	sigset_t none;
	int n = 0, i;

	for (p = words; p < words + len && n < MOST_WORDS; p += strlen(p) + 1)
		argv[n++] = p;
	argv[n] = NULL;
	for (i = 0; i < 3; i++)
		dup2(fds[i], i);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(argv[0], argv);
	fprintf(stderr, "dgprobe: cannot execute %s: %m\n", argv[0]);
	_exit(127);
}

/* Until the child has ended; a message from the asker is SIGTERM, its end SIGKILL. */
static int mind(int sock, pid_t child)
{
	struct pollfd p[2] = { { .fd = sock, .events = POLLIN } };
	int status;
	char byte;

	p[1] = (struct pollfd){ .fd = signals(SIGCHLD, SIGCHLD), .events = POLLIN };
	while (!waitpid(child, &status, WNOHANG)) {
		if (poll(p, 2, -1) <= 0 || !p[0].revents)
			continue;
		if (recv(sock, &byte, 1, 0) == 1) {
			kill(child, SIGTERM);
		} else {
			kill(child, SIGKILL);
			p[0].fd = -1;
		}
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static _Noreturn void serve(int sock, char *words, ssize_t len, const int fds[3])
{
	int status;
	pid_t child;

	signal(SIGCHLD, SIG_DFL);
	close(signals(SIGCHLD, SIGCHLD));
	child = fork_or_quit();
	if (!child)
		run_command(words, len, fds);
	status = mind(sock, child);
	send(sock, &status, sizeof(status), MSG_NOSIGNAL);
	_exit(0);
}

static _Noreturn void be_agent(int listener)
{
	char words[8192];
	int sock, fds[3], i;
	ssize_t len;

	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (sock < 0)
			continue;
		len = recv_fds(sock, words, sizeof(words) - 1, fds, 3);
		if (len == 1)
			_exit(0); /* asked for nothing: done */
		if (len > 1 && !fork_or_quit())
			serve(sock, words, len, fds);
		for (i = 0; i < 3; i++)
			if (fds[i] >= 0)
				close(fds[i]);
		close(sock);
	}
}

static bool parent_gone(void *arg)
{
	return getppid() != *(pid_t *)arg;
}

/* Comes back when the agent listens and is nobody's descendant any more. */
int verb_agent(int argc, char **argv)
{
	int listener = listen_at(argv[1]), ends[2];
	pid_t middle;
	char byte;

	(void)argc;
	if (pipe2(ends, 0))
		cannot("make a pipe: %m");
	if (!fork_or_quit()) {
		middle = getpid();
		if (fork_or_quit())
			_exit(0);
		if (!wait_until(parent_gone, &middle, WAIT_MS))
			cannot("leave my parent");
		setsid();
		if (write(ends[1], "", 1) != 1)
			cannot("report: %m");
		close(ends[0]);
		close(ends[1]);
		be_agent(listener);
	}
	close(ends[1]);
	return read(ends[0], &byte, 1) == 1 ? 0 : 2;
}

static size_t join(char **argv, char *words, size_t size)
{
	size_t used = 0, len;

	for (; *argv; argv++) {
		len = strlen(*argv) + 1;
		if (used + len >= size)
			cannot("send a command that long");
		memcpy(words + used, *argv, len);
		used += len;
	}
	return used ? used : 1;
}

int verb_ask(int argc, char **argv)
{
	const int fds[] = { 0, 1, 2 };
	char words[8192] = "";
	int sock = connect_to(argv[1]), status, err;
	struct signalfd_siginfo info;
	struct pollfd p[2];

	p[0] = (struct pollfd){ .fd = sock, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = signals(SIGTERM, SIGTERM), .events = POLLIN };
	err = send_fds(sock, words, join(argv + 2, words, sizeof(words)), fds, 3);
	if (err)
		cannot("ask %s: %s", argv[1], strerror(-err));
	while (poll(p, 2, -1) >= 0 || errno == EINTR) {
		if (p[1].revents && read(p[1].fd, &info, sizeof(info)) > 0)
			send(sock, "T", 1, MSG_NOSIGNAL);
		if (p[0].revents)
			break;
	}
	if (recv(sock, &status, sizeof(status), 0) == sizeof(status))
		return status;
	return argc > 2 ? 128 : 0;
}

/* Opens FILE and gives it to whoever connects first. */
int verb_pass(int argc, char **argv)
{
	struct attempt at = { .file = argv[2], .fd = -1 };
	int err, listener, sock;

	(void)argc;
	err = open_target(&at);
	if (err)
		return REFUSED;
	listener = listen_at(argv[1]);
	sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	err = sock < 0 ? -errno : send_fds(sock, "F", 1, &at.fd, 1);
	if (err)
		cannot("pass %s on: %s", argv[2], strerror(-err));
	return 0;
}

/* Takes a file from pass and writes to it. */
int verb_receive(int argc, char **argv)
{
	struct attempt at = { .file = argv[1], .word = argv[2], .len = strlen(argv[2]) };
	int sock;
	char byte;

	(void)argc;
	at.method = find_method("write");
	sock = connect_to(argv[1]);
	if (recv_fds(sock, &byte, 1, &at.fd, 1) != 1 || at.fd < 0)
		cannot("receive a descriptor from %s", argv[1]);
	return verdict(&at, at.method->put(&at));
}
