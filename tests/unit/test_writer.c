/* SPDX-License-Identifier: GPL-2.0-only */
/* The thread that writes for the library: its answers, its end, and that nobody notices it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "writer.h"

static char dir[] = "/tmp/daxguard-writer-XXXXXX";
static volatile sig_atomic_t stop, noticed;
static int first_fd; /* the lowest that is free */

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
	first_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	close(first_fd);
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

static struct writer_limits within(double seconds)
{
	return (struct writer_limits){ .until = now_s() + seconds, .stop = &stop };
}

/* With an answer, as yet, that no write gives. */
static void ask(struct writer *writer, struct writer_request *requests,
		const char *const *names, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		snprintf(requests[i].path, sizeof(requests[i].path), "%s", below(names[i]));
		requests[i].text = "offline";
		requests[i].err = 1;
	}
	assert_int_equal(writer_ask(writer, requests, nr), 0);
}

static int write_it(struct writer *writer, const char *name, double seconds)
{
	struct writer_limits limits = within(seconds);
	struct writer_request request;

	ask(writer, &request, &name, 1);
	return writer_answer(writer, &limits);
}

static size_t threads(void)
{
	struct dirent *entry;
	DIR *tasks = opendir("/proc/self/task");
	size_t nr = 0;

	assert_non_null(tasks);
	while ((entry = readdir(tasks)))
		nr += *entry->d_name != '.';
	closedir(tasks);
	return nr;
}

static void test_writes(void **state)
{
	struct writer writer = {};
	char text[16] = {};
	int fd = open(below("file"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	assert_int_equal(write_it(&writer, "file", 10), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 7);
	assert_string_equal(text, "offline");
	/* an error is an answer: the same thread goes on */
	assert_int_equal(write_it(&writer, "none", 10), -ENOENT);
	assert_int_equal(write_it(&writer, "file", 10), 0);
	assert_int_equal(threads(), 2);
	writer_release(&writer);
	assert_int_equal(threads(), 1);
	writer_release(&writer);
	close(fd);
}

/* Up to the first that fails, and no further. */
static void test_several(void **state)
{
	static const char *const names[] = { "file", "file", "none", "file" };
	struct writer_request requests[4];
	struct writer_limits limits = within(10);
	struct writer writer = {};

	(void)state;
	assert_int_equal(mknod(below("file"), S_IFREG | 0600, 0), 0);
	ask(&writer, requests, names, 4);
	assert_int_equal(writer_answer(&writer, &limits), 0);
	assert_int_equal(writer_answer(&writer, &limits), 0);
	assert_int_equal(writer_answer(&writer, &limits), -ENOENT);
	ask(&writer, requests, names, 2);
	assert_int_equal(writer_answer(&writer, &limits), 0);
	assert_int_equal(writer_answer(&writer, &limits), 0);
	assert_int_equal(requests[3].err, 1);
	writer_release(&writer);
}

/* A pipe that is full: a write that does not end. */
static int make_full_pipe(void)
{
	static char zeroes[4096];
	int fd;

	assert_int_equal(mkfifo(below("pipe"), 0600), 0);
	fd = open(below("pipe"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	while (write(fd, zeroes, sizeof(zeroes)) > 0)
		;
	return fd;
}

static void test_gives_up(void **state)
{
	static const char *const names[] = { "pipe", "file" };
	struct writer_request requests[2];
	struct writer writer = {};
	int fd = make_full_pipe();

	(void)state;
	assert_int_equal(mknod(below("file"), S_IFREG | 0600, 0), 0);
	assert_int_equal(write_it(&writer, "pipe", 0.05), -ETIME);
	assert_int_equal(threads(), 1);
	stop = 1;
	assert_int_equal(write_it(&writer, "pipe", 10), -ECANCELED);
	stop = 0;
	assert_int_equal(threads(), 1);
	/* released in the midst of it: what was to come next is not written */
	ask(&writer, requests, names, 2);
	writer_release(&writer);
	assert_int_equal(threads(), 1);
	assert_int_equal(requests[1].err, 1);
	assert_int_equal(write_it(&writer, "file", 10), 0);
	writer_release(&writer);
	close(fd);
	/* and no descriptor is left of the writes that were given up */
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fd, first_fd);
	close(fd);
}

static void notice(int signo)
{
	(void)signo;
	noticed = 1;
}

static void *send_term(void *writer)
{
	(void)writer;
	kill(getpid(), SIGTERM);
	return NULL;
}

/* A signal to the program is for its own threads, and aborts nothing. */
static void test_unnoticed(void **state)
{
	struct writer_limits limits = within(0.5);
	const char *name = "pipe";
	struct writer_request request;
	struct writer writer = {};
	pthread_t sender;
	int fd = make_full_pipe();

	(void)state;
	noticed = 0;
	signal(SIGTERM, notice);
	signal(SIGCHLD, notice);
	ask(&writer, &request, &name, 1);
	pthread_create(&sender, NULL, send_term, NULL);
	pthread_join(sender, NULL);
	assert_int_equal(writer_answer(&writer, &limits), -ETIME);
	assert_int_equal(request.err, 1);
	assert_int_equal(noticed, 1);
	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_writes, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_several, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_gives_up, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_unnoticed, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
