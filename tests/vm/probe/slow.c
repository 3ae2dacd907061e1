// SPDX-License-Identifier: GPL-2.0-only
/* The verb slow: a write that has been admitted and hangs inside the kernel before it lands. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dgprobe.h"

struct writer {
	struct attempt at;
	long syscall; /* that it will sleep in; 0: known in another way */
	_Atomic int tid;
	ssize_t ret;
	pthread_t thread;
};

static void *writer_thread(void *arg)
{
	struct writer *w = arg;

	w->tid = gettid();
	w->ret = w->at.method->put(&w->at);
	return NULL;
}

static void start(struct writer *w)
{
	int err = pthread_create(&w->thread, NULL, writer_thread, w);

	if (err)
		cannot("make a thread: %s", strerror(err));
}

static char state_of(int tid)
{
	char path[64], text[512], *end;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if (read_text(path, text, sizeof(text)) <= 0)
		return '?';
	end = strrchr(text, ')');
	return end ? end[2] : '?';
}

/* Asleep in the one call of this thread that can sleep only behind the check. */
static bool sleeps_in_call(void *arg)
{
	struct writer *w = arg;
	char path[64], text[256], state;

	if (!w->tid)
		return false;
	state = state_of(w->tid);
	if (state != 'S' && state != 'D')
		return false;
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", w->tid);
	return read_text(path, text, sizeof(text)) > 0 && atol(text) == w->syscall &&
	       strncmp(text, "running", 7);
}

static int finish(struct writer *w)
{
	pthread_join(w->thread, NULL);
	return verdict(&w->at, w->ret);
}

/* The buffer is a page that is not there: the copy in kernfs_fop_write_iter sleeps. */
static int slow_buffer(struct writer *w, const char *word, const char *gofile)
{
	struct absent_page page;
	int err;

	absent_page_make(&page);
	w->at.word = page.addr;
	err = w->at.method->prepare(&w->at);
	if (err)
		return verdict(&w->at, err);
	start(w);
	absent_page_await_fault(&page);
	say_ready(gofile);
	wait_for_go(gofile);
	absent_page_fill(&page, word);
	return finish(w);
}

static ssize_t put_from_pipe(struct attempt *at)
{
	ssize_t ret = splice(at->source, NULL, at->fd, NULL, at->len, 0);

	return ret < 0 ? -errno : ret;
}

static const struct method from_pipe = { "splice from an empty pipe", open_target,
					 put_from_pipe, false };

/* The pipe is empty: splice has been checked and sleeps for its first bytes. */
static int slow_splice(struct writer *w, const char *word, const char *gofile)
{
	int ends[2], err;

	if (pipe2(ends, O_CLOEXEC))
		cannot("make a pipe: %m");
	w->at.source = ends[0];
	w->syscall = SYS_splice;
	err = w->at.method->prepare(&w->at);
	if (err)
		return verdict(&w->at, err);
	start(w);
	if (!wait_until(sleeps_in_call, w, WAIT_MS))
		cannot("see splice sleep");
	say_ready(gofile);
	wait_for_go(gofile);
	if (write(ends[1], word, w->at.len) != (ssize_t)w->at.len)
		cannot("fill the pipe: %m");
	close(ends[1]);
	return finish(w);
}

static int prepare_from_sysfs(struct attempt *at)
{
	at->source = open_word_source(at->word, at->file);
	return open_target(at);
}

static ssize_t put_from_sysfs(struct attempt *at)
{
	off_t begin = 0;
	ssize_t ret = sendfile(at->fd, at->source, &begin, 4096);

	return ret < 0 ? -errno : ret;
}

static const struct method from_sysfs = { "sendfile from a locked file", prepare_from_sysfs,
					  put_from_sysfs, false };

struct reader {
	int fd;
	char *buf;
};

static void *reader_thread(void *arg)
{
	struct reader *r = arg;

	if (pread(r->fd, r->buf, 64, 0) < 0)
		fprintf(stderr, "dgprobe: the read that held sendfile up: %m\n");
	return NULL;
}

/*
 * A read of the source file sleeps on an absent page and keeps the lock of that open
 * file (seq_file); sendfile has been checked and sleeps for the lock.
 */
static int slow_sendfile(struct writer *w, const char *word, const char *gofile)
{
	struct absent_page page;
	struct reader reader;
	pthread_t thread;
	int err;

	(void)word;
	w->syscall = SYS_sendfile;
	err = w->at.method->prepare(&w->at);
	if (err)
		return verdict(&w->at, err);
	absent_page_make(&page);
	reader = (struct reader){ .fd = w->at.source, .buf = page.addr };
	err = pthread_create(&thread, NULL, reader_thread, &reader);
	if (err)
		cannot("make a thread: %s", strerror(err));
	absent_page_await_fault(&page);
	start(w);
	if (!wait_until(sleeps_in_call, w, WAIT_MS))
		cannot("see sendfile sleep");
	say_ready(gofile);
	wait_for_go(gofile);
	absent_page_fill(&page, "");
	pthread_join(thread, NULL);
	return finish(w);
}

static bool goes_offline(void *arg)
{
	struct writer *w = arg;
	char state[32];

	return read_text(w->at.file, state, sizeof(state)) > 0 &&
	       !strcmp(state, "going-offline");
}

/*
 * An offline that goes on for as long as a page of the block is kept, and behind it a
 * write through the same open file: checked, and asleep for that file's lock.
 */
static int slow_mutex(struct writer *w, const char *gofile)
{
	struct writer first = *w;
	int err;

	w->at.method = find_method("pwrite");
	w->syscall = SYS_pwrite64;
	err = w->at.method->prepare(&w->at);
	if (err)
		return verdict(&w->at, err);
	first.at = w->at;
	first.at.word = "offline";
	first.at.len = strlen(first.at.word);
	start(&first);
	if (!wait_until(goes_offline, &first, WAIT_MS))
		cannot("see the offline under way");
	start(w);
	if (!wait_until(sleeps_in_call, w, WAIT_MS))
		cannot("see the second write sleep");
	say_ready(gofile);
	if (finish(&first) != LET_THROUGH)
		cannot("see the offline let through");
	return finish(w);
}

int verb_slow(int argc, char **argv)
{
	const char *how = argv[1], *word = argv[3], *gofile = argv[4];
	struct writer w = {
		.at = { .file = argv[2],
			.word = word,
			.len = strlen(word),
			.fd = -1,
			.source = -1 },
	};

	(void)argc;
	if (!strcmp(how, "splice")) {
		w.at.method = &from_pipe;
		return slow_splice(&w, word, gofile);
	}
	if (!strcmp(how, "sendfile")) {
		w.at.method = &from_sysfs;
		return slow_sendfile(&w, word, gofile);
	}
	if (!strcmp(how, "mutex"))
		return slow_mutex(&w, gofile);
	if (!strcmp(how, "uffd"))
		how = "uffd-write";
	if (!strncmp(how, "uffd-", 5))
		w.at.method = find_method(how + 5);
	if (!w.at.method || !w.at.method->reads_word)
		usage();
	return slow_buffer(&w, word, gofile);
}
