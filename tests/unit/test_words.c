/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters and events of the map ABI against the manual page. */
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

#define MAN "man/daxguard.8.scd"

/* What the page says of what a verb prints, the caller's to free. */
static char *output_of(const char *verb)
{
	char *man = read_page(MAN), *start = strstr(man, "\n# OUTPUT\n"), *end, name[32];

	snprintf(name, sizeof(name), "\n*%s*\n", verb);
	start = start ? strstr(start, name) : NULL;
	assert_non_null(start);
	start += strlen(name);
	end = strstr(start, "\n*");
	assert_non_null(end);
	start = strndup(start, end - start);
	free(man);
	return start;
}

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
	char *text = output_of(verb);
	size_t i;

	for (i = 0; i < nr; i++)
		if (!has_word(text, names[i]))
			fail_msg("'" MAN "' lacks '%s' in what it says of the output of '%s'",
				 names[i], verb);
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
