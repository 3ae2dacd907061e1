/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables: columns that stand straight whatever is in them, and every word whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "array.h"
#include "show/table.h"

static const struct table_column columns[] = {
	{ .heading = "DEVICE" },
	{ .heading = "DRIVER" },
	{ .heading = "SIZE", .right = true },
	{ .heading = "ZONES" },
};

static const char *const rows[][ARRAY_SIZE(columns)] = {
	{ "dax0.0", "kmem", "12 GiB", "Movable 6" },
	{ "dax100.100", "device_dax", "512 MiB", "-" },
};

static void expect(struct table *table, const char *want)
{
	char *text = table_text(table);

	assert_non_null(text);
	assert_string_equal(text, want);
	free(text);
}

/* A name of more than nine letters moved all that stood behind it. */
static void test_long_name(void **state)
{
	struct table table;

	(void)state;
	table_begin(&table, columns, ARRAY_SIZE(columns));
	table_row(&table, rows[0]);
	table_row(&table, rows[1]);
	expect(&table, "DEVICE      DRIVER         SIZE  ZONES\n"
		       "dax0.0      kmem         12 GiB  Movable 6\n"
		       "dax100.100  device_dax  512 MiB  -\n");
}

static void test_notes(void **state)
{
	struct table table;

	(void)state;
	table_begin(&table, columns, ARRAY_SIZE(columns));
	table_row(&table, rows[0]);
	table_note(&table, "  wrong");
	table_note(&table, "  held");
	table_row(&table, rows[1]);
	table_note(&table, "  held too");
	expect(&table, "DEVICE      DRIVER         SIZE  ZONES\n"
		       "dax0.0      kmem         12 GiB  Movable 6\n"
		       "  held\n"
		       "dax100.100  device_dax  512 MiB  -\n"
		       "  held too\n");
}

static void test_without_headings(void **state)
{
	static const struct table_column plain[] = { { .heading = NULL }, { .heading = NULL } };
	static const char *const plain_rows[][2] = { { "  dax0.0", "one" },
						     { "  dax10.10", "two" } };
	struct table table;

	(void)state;
	table_begin(&table, plain, ARRAY_SIZE(plain));
	table_row(&table, plain_rows[0]);
	table_note(&table, "of one");
	table_row(&table, plain_rows[1]);
	expect(&table, "  dax0.0    one\nof one\n  dax10.10  two\n");
}

/* Nothing is cut to 80 columns or to a terminal's, and no row is made of a long one. */
static void test_nothing_is_cut(void **state)
{
	static const struct table_column one[] = { { .heading = "TEXT" },
						   { .heading = "REMEDY" } };
	char word[4096], want[2 * sizeof(word) + 32];
	const char *cells[] = { word, word };
	struct table table;
	char *text;

	(void)state;
	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = 0;
	word[100] = ' ';
	snprintf(want, sizeof(want), "\n%s  %s\n", word, word);
	setenv("COLUMNS", "20", 1);
	table_begin(&table, one, ARRAY_SIZE(one));
	table_row(&table, cells);
	text = table_text(&table);
	unsetenv("COLUMNS");
	assert_non_null(text);
	assert_non_null(strstr(text, want));
	free(text);
}

/* Rows stand below others in the order in which they came, and end with their last word. */
static void test_tree(void **state)
{
	static const struct table_column two[] = { { .heading = "NAME", .tree = true },
						   { .heading = "SIZE" } };
	static const char *const cells[][2] = {
		{ "root0", "" }, { "region0", "" }, { "dax0.0", "1 GiB" }, { "of mem0", "" }
	};
	struct libscols_line *root, *region;
	struct table table;

	(void)state;
	setenv("LC_ALL", "C", 1);
	table_begin(&table, two, ARRAY_SIZE(two));
	root = table_branch(&table, NULL, cells[0]);
	region = table_branch(&table, root, cells[1]);
	table_branch(&table, NULL, cells[0]);
	table_branch(&table, region, cells[2]);
	table_branch(&table, region, cells[3]);
	expect(&table, "NAME         SIZE\n"
		       "root0\n"
		       "`-region0\n"
		       "  |-dax0.0   1 GiB\n"
		       "  `-of mem0\n"
		       "root0\n");
}

static void test_empty(void **state)
{
	struct table table;

	(void)state;
	table_begin(&table, columns, ARRAY_SIZE(columns));
	expect(&table, "");
}

/* With no locale other letters are no letters: they are written out, and it ends. */
static void test_letters(void **state)
{
	static const char *const cells[] = { "gr\xc3\xbc\xc3\x9f", "a", "1", "" };
	struct table table;
	char *text;

	(void)state;
	setenv("LC_ALL", "C", 1);
	table_begin(&table, columns, ARRAY_SIZE(columns));
	table_row(&table, cells);
	text = table_text(&table);
	assert_non_null(text);
	assert_non_null(strstr(text, "\ngr\\xc3\\xbc\\xc3\\x9f  a "));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_without_headings),
		cmocka_unit_test(test_nothing_is_cut),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
