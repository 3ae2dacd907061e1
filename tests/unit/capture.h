/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of what is printed: stdout as a text, and a document of the tree to compare with. */
#ifndef DAXGUARD_CAPTURE_H
#define DAXGUARD_CAPTURE_H

#include <stdio.h>

struct capture {
	FILE *before;
	char *text;
	size_t size;
};

/* From here on stdout is a text: glibc's is a variable. */
static inline void capture_begin(struct capture *c)
{
	c->before = stdout;
	stdout = open_memstream(&c->text, &c->size);
	assert_non_null(stdout);
}

/* Stdout is what it was.  Returns what was printed, the caller's to free. */
static inline char *capture_end(struct capture *c)
{
	fclose(stdout);
	stdout = c->before;
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

#endif
