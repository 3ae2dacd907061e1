/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of knobs against the one in docs/architecture.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "show/knob_table.h"

#define PAGE "docs/architecture.md"

/* As the page has it, whose table says nothing of where the directories are. */
static const char *shortened(const char *path)
{
	static const char *const starts[] = { "/sys/devices/system/memory/",
					      "/sys/bus/dax/devices/", "/sys/bus/dax/drivers/",
					      "/sys/bus/dax/" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (!strncmp(path, starts[i], strlen(starts[i])))
			return path + strlen(starts[i]);
	return path;
}

/* The row of the page that has the file in backticks, cut out. */
static char *row_of(const char *page, const char *file)
{
	char name[96];
	const char *at, *start;

	snprintf(name, sizeof(name), "`%s`", file);
	for (at = strstr(page, name); at; at = strstr(at + 1, name)) {
		for (start = at; start > page && start[-1] != '\n'; start--)
			;
		if (*start == '|')
			return strndup(start, strcspn(start, "\n"));
	}
	fail_msg("'" PAGE "' has no row for '%s'", file);
	return NULL;
}

static void check_row(const char *page, char *line)
{
	char *path = strsep(&line, "\t"), *held = strsep(&line, "\t");
	char *policy = strsep(&line, "\t"), *when = line, want[256];
	char *row = row_of(page, shortened(path));

	snprintf(want, sizeof(want), "| %s | %s | %s%s%s |", held, when,
		 strcmp(policy, "-") ? "`" : "", policy, strcmp(policy, "-") ? "`" : "");
	if (!strstr(row, want))
		fail_msg("'" PAGE "' says of '%s' \"%s\", not \"%s\"", path, row, want);
	free(row);
}

static void test_page(void **state)
{
	char *text, *page = read_page(PAGE), *rest, *line;
	struct capture c;
	size_t nr = 0;

	(void)state;
	capture_begin(&c);
	knobs_print();
	rest = text = capture_end(&c);
	while ((line = strsep(&rest, "\n")) && *line) {
		check_row(page, line);
		nr++;
	}
	assert_true(nr > 0);
	free(page);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
