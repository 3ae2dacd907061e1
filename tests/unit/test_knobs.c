/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of knobs against the page's, the words of policy and those of t-knobs.sh. */
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
#include "knobs.h"
#include "policy/policy.h"
#include "show/knob_table.h"

#define PAGE "docs/architecture.md"
#define SUITE "tests/vm/guest/t-knobs.sh"

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

/* The row of the page that has the file in backticks, cut out; where it lacks it, it is told. */
static char *row_of(const char *page, const char *file, const char *rest)
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
	fail_msg("'" PAGE "' lacks the row: | `%s` %s", file, rest);
	return NULL;
}

static void check_row(const char *page, char *line)
{
	char *path = strsep(&line, "\t"), *held = strsep(&line, "\t");
	char *policy = strsep(&line, "\t"), *when = line, want[256];
	char *row;

	snprintf(want, sizeof(want), "| %s | %s | %s%s%s |", held, when,
		 strcmp(policy, "-") ? "`" : "", policy, strcmp(policy, "-") ? "`" : "");
	row = row_of(page, shortened(path), want);
	if (!strstr(row, want))
		fail_msg("'" PAGE "' says of '%s' \"%s\", not \"%s\"", path, row, want);
	free(row);
}

/* A call with each line of --list-knobs. */
static void each_knob(void (*check)(const char *page, char *line), const char *page)
{
	char *text, *rest, *line;
	struct capture c;
	size_t nr = 0;

	capture_begin(&c);
	knobs_print();
	rest = text = capture_end(&c);
	while ((line = strsep(&rest, "\n")) && *line) {
		check(page, line);
		nr++;
	}
	assert_true(nr > 0);
	free(text);
}

static void test_page(void **state)
{
	char *page = read_page(PAGE);

	(void)state;
	each_knob(check_row, page);
	free(page);
}

/* What the row of a kind says of policy is what is built in. */
static void check_policy(const char *page, char *line)
{
	struct policy_rules policy = policy_default(), same = policy;
	struct policy_change change = {};
	char *word;
	const char *bad;

	(void)page;
	strsep(&line, "\t");
	strsep(&line, "\t");
	word = strsep(&line, "\t");
	if (!strcmp(word, "-"))
		return;
	if (policy_parse(&change, &word, 1, &bad))
		fail_msg("'%s' in include/knobs.h is no word of policy", word);
	policy_apply(&change, &policy);
	if (memcmp(&policy, &same, sizeof(policy)))
		fail_msg("'%s' in include/knobs.h is not what is built in", word);
}

static void test_policy(void **state)
{
	(void)state;
	each_knob(check_policy, NULL);
}

/* The function of the suite that has a word for each knob, with what it calls beside. */
#define WORD_FOR "line_of() { echo 1; }; eval \"$(sed -n \"/^word_for()/,/^}/p\" " SUITE ")\""

static void check_word(const char *page, char *line)
{
	char command[512], word[64];
	const char *path = strsep(&line, "\t");
	FILE *sh;

	(void)page;
	if (strstr(path, "/ANCESTOR/"))
		return; /* the machines of that suite have none */
	snprintf(command, sizeof(command), WORD_FOR "; word_for %s", path);
	sh = popen(command, "re");
	assert_non_null(sh);
	if (!fgets(word, sizeof(word), sh))
		fail_msg("word_for() in '" SUITE "' has no word to write to '%s'", path);
	pclose(sh);
}

/* In a VM it would be noticed, too, but late. */
static void test_suite(void **state)
{
	(void)state;
	each_knob(check_word, NULL);
}

/* Of two files of one name the programs ask the first one's function alone. */
static void test_same_name(void **state)
{
	static const char *const finds[] = {
#define ONE_PLACE(place, path, find) [PLACE_##place] = #find,
		DAXGUARD_KNOB_PLACES(ONE_PLACE)
#undef ONE_PLACE
	};
	static const struct {
		enum daxguard_knob_place place;
		const char *file;
	} knobs[] = {
#define ONE_KNOB(place, file, kind) { PLACE_##place, file },
		DAXGUARD_KNOBS(ONE_KNOB, ONE_KNOB)
#undef ONE_KNOB
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		for (j = 0; j < i; j++)
			if (!strcmp(knobs[i].file, knobs[j].file) &&
			    strcmp(finds[knobs[i].place], finds[knobs[j].place]))
				fail_msg("'%s' is in two places, and %s() finds it in one",
					 knobs[i].file, finds[knobs[j].place]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_suite),
		cmocka_unit_test(test_same_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
