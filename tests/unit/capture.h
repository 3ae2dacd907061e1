/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of what is printed: stdout or stderr as a text, and a document to compare with. */
#ifndef DAXGUARD_CAPTURE_H
#define DAXGUARD_CAPTURE_H

#include <stdio.h>
#include <unistd.h>

struct capture {
	FILE **stream;
	FILE *before;
	char *text;
	size_t size;
};

/* From here on stdout or stderr is a text: they are variables of glibc. */
static inline void capture_stream(struct capture *c, FILE **stream)
{
	c->stream = stream;
	c->before = *stream;
	*stream = open_memstream(&c->text, &c->size);
	assert_non_null(*stream);
}

static inline void capture_begin(struct capture *c)
{
	capture_stream(c, &stdout);
}

/* It is what it was.  Returns what was printed, the caller's to free. */
static inline char *capture_end(struct capture *c)
{
	fclose(*c->stream);
	*c->stream = c->before;
	return c->text;
}

/* A file of the tree as a text, the caller's to free. */
static inline char *read_page(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		fail_msg("'%s' is not to be read: run this at the top of the source", path);
	assert_true(getdelim(&text, &size, 0, file) > 0);
	fclose(file);
	return text;
}

#define MAN "man/daxguard.8.scd"

/* The manual page that speaks of the verb: its own where it has one, else that of all. */
static inline const char *page_of(const char *verb)
{
	static char path[64];

	snprintf(path, sizeof(path), "man/daxguard-%s.8.scd", verb);
	return access(path, R_OK) ? MAN : path;
}

#endif
