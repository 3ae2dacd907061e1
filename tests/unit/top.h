/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory for each test, without links in its name.  After cmocka.h. */
#ifndef DAXGUARD_TEST_TOP_H
#define DAXGUARD_TEST_TOP_H

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char top[64];

static int make_top(void **state)
{
	(void)state;
	strcpy(top, "/var/tmp/daxguard-test-XXXXXX");
	return !mkdtemp(top);
}

static int remove_top(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command);
}

/* A path in that directory; lasts for some more of them. */
static inline const char *in_top(const char *name)
{
	static char paths[4][PATH_MAX];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", top, name);
	return path;
}

#endif
