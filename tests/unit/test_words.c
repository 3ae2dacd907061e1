/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters and events of the map ABI against the manual pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "array.h"
#include "capture.h"
#include "daxguard.h"

/* NAME is in TEXT as a word of its own. */
static bool has_word(const char *text, const char *name)
{
	static const char ends[] = " ,;:()_\n\t";
	const char *at;

	for (at = strstr(text, name); at; at = strstr(at + 1, name))
		if (at > text && strchr(ends, at[-1]) && strchr(ends, at[strlen(name)]))
			return true;
	return false;
}

static void check_words(const char *verb, const char *const *names, size_t nr)
{
	const char *page = page_of(verb);
	char *text = read_page(page);
	size_t i;

	for (i = 0; i < nr; i++)
		if (!has_word(text, names[i]))
			fail_msg("'%s' lacks '%s', which '%s' prints", page, names[i], verb);
	free(text);
}

static void test_counters(void **state)
{
	static const char *const names[] = {
#define ONE_COUNTER(id, name) "_" name "_",
		DAXGUARD_COUNTERS(ONE_COUNTER)
#undef ONE_COUNTER
	};

	(void)state;
	check_words("status", names, ARRAY_SIZE(names));
}

static void test_events(void **state)
{
	static const char *const names[] = {
#define ONE_EVENT(id, number, name) name,
		DAXGUARD_EVENTS(ONE_EVENT)
#undef ONE_EVENT
	};

	(void)state;
	check_words("events", names, ARRAY_SIZE(names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
