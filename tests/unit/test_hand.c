/* SPDX-License-Identifier: GPL-2.0-only */
/* The child that writes for the library: its answers, its end, and that nobody notices it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "hand.h"

static char dir[] = "/tmp/daxguard-hand-XXXXXX";
static volatile sig_atomic_t stop, noticed;

static const char *below(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int make_dir(void **state)
{
	(void)state;
	stop = 0;
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(below("file"));
	unlink(below("pipe"));
	return rmdir(dir);
}

static int write_it(struct hand *hand, const char *name, double seconds)
{
	struct hand_limits limits = { .until = now_s() + seconds, .stop = &stop };

	return hand_write(hand, below(name), "offline", &limits);
}

static void test_writes(void **state)
{
	struct hand hand = {};
	char text[16] = {};
	int fd = open(below("file"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	pid_t first;

	(void)state;
	assert_int_equal(write_it(&hand, "file", 10), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 7);
	assert_string_equal(text, "offline");
	first = hand.pid;
	/* an error is an answer: the same child goes on */
	assert_int_equal(write_it(&hand, "none", 10), -ENOENT);
	assert_int_equal(write_it(&hand, "file", 10), 0);
	assert_int_equal(hand.pid, first);
	hand_release(&hand);
	assert_int_equal(hand.pid, 0);
	hand_release(&hand);
	close(fd);
}

/* A pipe without a reader cannot be opened: like a write that does not end. */
static void test_gives_up(void **state)
{
	struct hand hand = {};

	(void)state;
	assert_int_equal(mkfifo(below("pipe"), 0600), 0);
	assert_int_equal(write_it(&hand, "pipe", 0.05), -ETIME);
	assert_int_equal(hand.pid, 0);
	stop = 1;
	assert_int_equal(write_it(&hand, "pipe", 10), -ECANCELED);
	stop = 0;
	assert_int_equal(mknod(below("file"), S_IFREG | 0600, 0), 0);
	assert_int_equal(write_it(&hand, "file", 10), 0);
	/* killed by somebody: said so, and made anew the next time */
	kill(hand.pid, SIGKILL);
	assert_int_equal(write_it(&hand, "file", 10), -EPIPE);
	assert_int_equal(write_it(&hand, "file", 10), 0);
	hand_release(&hand);
}

static void notice(int signo)
{
	(void)signo;
	noticed = 1;
}

static void test_unnoticed(void **state)
{
	struct hand hand = {};

	(void)state;
	noticed = 0;
	signal(SIGCHLD, notice);
	assert_int_equal(write_it(&hand, "none", 10), -ENOENT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	/* what a terminal sends to all of us does not end it */
	kill(hand.pid, SIGTERM);
	assert_int_equal(write_it(&hand, "none", 10), -ENOENT);
	hand_release(&hand);
	assert_int_equal(noticed, 0);
	signal(SIGCHLD, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_writes, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_gives_up, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_unnoticed, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
