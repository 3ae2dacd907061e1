// SPDX-License-Identifier: GPL-2.0-only
/* The verbs attempt and attempt-held: one write by one method, at once or when told to. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dgprobe.h"

/* How long a writer goes on that the kernel interrupts instead of restarting (AIO, io_uring). */
#define AGAIN_MS 60000

/* A file that does not open is no attempt, unless it was refused. */
int open_target(struct attempt *at)
{
	at->fd = open(at->file, O_WRONLY | O_CLOEXEC);
	if (at->fd >= 0)
		return 0;
	if (errno == EBUSY)
		return -EBUSY;
	cannot("open %s: %m", at->file);
}

ssize_t put_plain(struct attempt *at)
{
	ssize_t len = write(at->fd, at->word, at->len);

	return len < 0 ? -errno : len;
}

int verdict(const struct attempt *at, ssize_t ret)
{
	if (ret > 0)
		return LET_THROUGH;
	if (ret == -EBUSY)
		return REFUSED;
	if (!ret)
		fprintf(stderr, "dgprobe: %s to %s wrote nothing\n", at->method->name,
			at->file);
	else
		fprintf(stderr, "dgprobe: %s to %s: %s (%s)\n", at->method->name, at->file,
			strerrorname_np(-ret), strerror(-ret));
	return OTHER_ERROR;
}

static void fill_in(struct attempt *at, const char *method, const char *file, const char *word)
{
	*at = (struct attempt){
		.file = file, .word = word, .len = strlen(word), .fd = -1, .source = -1
	};
	at->method = find_method(method);
	if (!at->method)
		usage();
}

static int put_until_answered(struct attempt *at)
{
	long long end = now_ms() + AGAIN_MS;
	ssize_t ret;

	do {
		ret = at->method->put(at);
	} while (ret == -EINTR && now_ms() < end);
	return verdict(at, ret);
}

int attempt(const char *method, const char *file, const char *word)
{
	struct attempt at;
	int err;

	fill_in(&at, method, file, word);
	err = at.method->prepare(&at);
	return err ? verdict(&at, err) : put_until_answered(&at);
}

int verb_attempt(int argc, char **argv)
{
	(void)argc;
	return attempt(argv[1], argv[2], argv[3]);
}

int verb_attempt_held(int argc, char **argv)
{
	struct attempt at;
	int err;

	(void)argc;
	fill_in(&at, argv[1], argv[2], argv[3]);
	err = at.method->prepare(&at);
	if (err)
		return verdict(&at, err);
	say_ready(argv[4]);
	wait_for_go(argv[4]);
	return put_until_answered(&at);
}
