// SPDX-License-Identifier: GPL-2.0-only
/* Each message of the journal has its text in the catalogue, and no two have one number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "array.h"
#include "capture.h"
#include "daxguard.h"
#include "show/journal_ids.h"

static const struct {
	const char *name, *id;
} messages[] = {
#define ONE_EVENT(name, priority, id) { #name, id },
	JOURNAL_EVENTS(ONE_EVENT)
#undef ONE_EVENT
		{ "gap", JOURNAL_GAP },
	{ "error", JOURNAL_ERROR },
	{ "warning", JOURNAL_WARNING },
};

/* By number, as the guard sends them. */
static const char *const events[] = {
#define ONE_EVENT(id, number, name) [number] = #id,
	DAXGUARD_EVENTS(ONE_EVENT)
#undef ONE_EVENT
};

static void test_catalogue(void **state)
{
	char *text = read_page("dist/daxguard.catalog"), line[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		snprintf(line, sizeof(line), "\n-- %s\nSubject: ", messages[i].id);
		if (strlen(messages[i].id) != 32 || !strstr(text, line))
			fail_msg("the catalogue has no text for %s", messages[i].name);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(messages[i].id, messages[j].id);
	}
	free(text);
}

static void test_every_event(void **state)
{
	size_t found;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		for (found = 0; events[i] && found < ARRAY_SIZE(messages); found++)
			if (!strcmp(messages[found].name, events[i]))
				break;
		if (events[i] && found == ARRAY_SIZE(messages))
			fail_msg("the event %s has no message in journal_ids.h", events[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalogue),
		cmocka_unit_test(test_every_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
