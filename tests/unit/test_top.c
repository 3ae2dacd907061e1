/* SPDX-License-Identifier: GPL-2.0-only */
/* What 'daxguard top' shows of a sample: strips, rates, rows, keys, and a page of 80x24. */
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
#include "clock.h"
#include "screen/top.h"

/* Blocks from a strip: "M.N-_". */
static struct dax_block *blocks_of(const char *strip)
{
	struct dax_block *blocks = calloc(strlen(strip) + 1, sizeof(*blocks));
	size_t i;

	assert_non_null(blocks);
	for (i = 0; strip[i]; i++) {
		blocks[i].nr = 32 + i;
		blocks[i].state = strip[i] == '.'   ? BLOCK_OFFLINE
				  : strip[i] == '-' ? BLOCK_GOING_OFFLINE
				  : strip[i] == '_' ? BLOCK_ABSENT
						    : BLOCK_ONLINE;
		if (strip[i] == 'M')
			strcpy(blocks[i].zone, "Movable");
		if (strip[i] == 'N')
			strcpy(blocks[i].zone, "Normal");
	}
	return blocks;
}

static void expect_strip(const char *from, size_t width, const char *want)
{
	struct dax_block *blocks = blocks_of(from);
	enum strip_cell cells[128];
	size_t i, nr = strip_fill(cells, width, blocks, strlen(from));

	assert_int_equal(nr, strlen(want));
	for (i = 0; i < nr; i++)
		if (strip_char(cells[i]) != want[i])
			fail_msg("cell %zu of '%s' in %zu is '%c', not '%c'", i, from, width,
				 strip_char(cells[i]), want[i]);
	free(blocks);
}

static void test_strip(void **state)
{
	(void)state;
	expect_strip("MN.-_", 80, "MN.-_");
	expect_strip("", 80, "");
	expect_strip("MM", 0, "");
	/* one cell stands for several: alike, both zones, several states */
	expect_strip("MMMMNNNN....", 3, "MN.");
	expect_strip("MNMM", 2, "#M");
	expect_strip("M.NN", 2, "%N");
	expect_strip("MN.M", 1, "%");
	expect_strip("M-", 1, "%");
	/* where it does not come out even none is left out: the last one shows */
	expect_strip("MMMMMM.", 3, "MM%");
	expect_strip(".MMMMMM", 3, "%MM");
}

static void test_strip_characters_differ(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < NR_STRIP_CELLS; a++)
		for (b = 0; b < a; b++)
			assert_int_not_equal(strip_char(a), strip_char(b));
}

static struct daxguard_event event(__u32 type, const char *exe, const char *device, __u64 count)
{
	struct daxguard_event e = { .event = type, .count = count, .block = -1 };

	strcpy(e.exe, exe);
	strcpy(e.device, device);
	strcpy(e.comm, "task");
	return e;
}

static void add(struct who_list *who, __u32 type, const char *exe, const char *device,
		__u64 count, __u64 when)
{
	const struct daxguard_event e = event(type, exe, device, count);

	assert_int_equal(who_add(who, &e, when), 0);
}

static void test_who(void **state)
{
	struct who_list who = {};

	(void)state;
	add(&who, DAXGUARD_EV_BEGIN, "daxguard", "dax0.0", 1, 1);
	assert_int_equal(who.nr, 0);
	add(&who, DAXGUARD_EV_REFUSED, "sh", "dax0.0", 1, 5);
	add(&who, DAXGUARD_EV_REFUSED, "sh", "dax0.0", 41, 9);
	add(&who, DAXGUARD_EV_AUDITED, "sh", "dax0.0", 2, 3);
	add(&who, DAXGUARD_EV_SLIPPED, "sh", "dax0.0", 1, 7);
	add(&who, DAXGUARD_EV_REFUSED, "sh", "dax0.1", 1, 7);
	add(&who, DAXGUARD_EV_REFUSED, "", "dax0.1", 1, 7);
	assert_int_equal(who.nr, 3);
	assert_int_equal(who.list[0].refused, 42);
	assert_int_equal(who.list[0].would_be, 2);
	assert_int_equal(who.list[0].slipped, 1);
	assert_int_equal(who.list[0].first, 3);
	assert_int_equal(who.list[0].last, 9);
	assert_string_equal(who.list[2].program, "task");
	who_free(&who);
}

/* The fields of the map need not end with a zero. */
static void test_who_takes_full_fields(void **state)
{
	struct culprit c = { .refused = 3, .would_be = 1, .first_ns = 1, .last_ns = 2 };
	struct who_list who = {};

	(void)state;
	memset(c.key.exe, 'x', sizeof(c.key.exe));
	memset(c.key.unit, 'u', sizeof(c.key.unit));
	memset(c.key.device.name, 'd', sizeof(c.key.device.name));
	assert_int_equal(who_take(&who, &c), 0);
	c.last_ns = 9;
	assert_int_equal(who_take(&who, &c), 0);
	assert_int_equal(who.nr, 1);
	assert_int_equal(who.list[0].refused, 6);
	assert_int_equal(who.list[0].last, 9);
	assert_int_equal(strlen(who.list[0].program), sizeof(c.key.exe));
	assert_int_equal(strlen(who.list[0].unit), sizeof(c.key.unit));
	assert_int_equal(strlen(who.list[0].device), sizeof(c.key.device.name));
	c.key.unit[0] = 0;
	assert_int_equal(who_take(&who, &c), 0);
	assert_int_equal(who.nr, 2);
	who_free(&who);
}

static void test_rates(void **state)
{
	struct who_list now = {}, before = {};
	double rate;

	(void)state;
	add(&before, DAXGUARD_EV_REFUSED, "sh", "dax0.0", 10, 1);
	add(&before, DAXGUARD_EV_REFUSED, "again", "dax0.0", 100, 1);
	add(&now, DAXGUARD_EV_REFUSED, "sh", "dax0.0", 30, 1);
	add(&now, DAXGUARD_EV_REFUSED, "fresh", "dax0.0", 5, 1);
	add(&now, DAXGUARD_EV_REFUSED, "fresh", "dax0.1", 5, 1);
	add(&now, DAXGUARD_EV_REFUSED, "again", "dax0.2", 8, 1);
	who_rates(&now, &before, 2 * NS_PER_S);
	assert_int_equal(who_refused(&now, "dax0.0", &rate), 35);
	assert_true(rate == 12.5);
	assert_int_equal(who_refused(&now, "dax0.1", &rate), 5);
	assert_true(rate == 2.5);
	assert_int_equal(who_refused(&now, "dax9.9", &rate), 0);
	assert_true(rate == 0);
	who_sort(&now);
	assert_string_equal(now.list[0].program, "sh");
	/* counted from zero again: a guard that was loaded anew */
	who_rates(&before, &now, NS_PER_S);
	assert_true(before.list[0].rate == 10);
	who_rates(&now, &before, 0);
	assert_true(now.list[0].rate == 0);
	who_free(&now);
	who_free(&before);
}

/* A sample of three devices, of which the second is held. */
static struct dax_device devices[3];
static struct sample_held held;

static struct sample make_sample(const char *a, const char *b, const char *c)
{
	static char *const names[] = { "dax0.0", "dax0.2", "dax0.10" };
	const char *const strips[] = { a, b, c };
	struct sample sample = { .loaded = true, .mode = "enforce", .hooks = "lsm" };
	size_t i;

	memset(devices, 0, sizeof(devices));
	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		devices[i].name = names[i];
		devices[i].driver = "kmem";
		devices[i].blocks = blocks_of(strips[i]);
		devices[i].nr_blocks = strlen(strips[i]);
		devices[i].size = devices[i].nr_blocks << 27;
	}
	held = (struct sample_held){ .kind = "declared", .age_ns = 245 * NS_PER_S };
	strcpy(held.device, "dax0.2");
	strcpy(held.holder, "4711 (daxctl)");
	strcpy(held.text, "declared by 4711 (daxctl), 245.0 s, 355.0 s left, 42 refused");
	sample.devices = (struct dax_devices){ .dev = devices, .nr = ARRAY_SIZE(devices) };
	sample.held = &held;
	sample.nr_held = 1;
	sample.counters[0] = (struct counter){ "refused", 42 };
	sample.counters[1] = (struct counter){ "slipped", 0 };
	add(&sample.who, DAXGUARD_EV_REFUSED, "udev-worker", "dax0.2", 40, 1);
	add(&sample.who, DAXGUARD_EV_REFUSED, "sh", "dax0.10", 2, 1);
	sample.who.list[0].rate = 8;
	return sample;
}

static void free_sample(struct sample *sample)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		free(devices[i].blocks);
	who_free(&sample->who);
}

static void expect_rows(const struct sample *sample, const struct top_view *view,
			const char *want)
{
	char got[128] = "";
	struct top_rows rows;
	size_t i;

	assert_int_equal(top_rows(&rows, sample, view), 0);
	for (i = 0; i < rows.nr; i++) {
		strcat(got, i ? " " : "");
		strcat(got, rows.list[i].dev->name);
	}
	assert_string_equal(got, want);
	free(rows.list);
}

static void test_sort_and_filter(void **state)
{
	struct sample sample = make_sample("MMMM", "M...", "MM");
	struct top_view view = {};

	(void)state;
	expect_rows(&sample, &view, "dax0.0 dax0.2 dax0.10");
	view.reverse = true;
	expect_rows(&sample, &view, "dax0.10 dax0.2 dax0.0");
	view.reverse = false;
	view.sort = SORT_RATE;
	expect_rows(&sample, &view, "dax0.2 dax0.0 dax0.10");
	view.sort = SORT_REFUSED;
	expect_rows(&sample, &view, "dax0.2 dax0.10 dax0.0");
	view.sort = SORT_AGE;
	expect_rows(&sample, &view, "dax0.2 dax0.0 dax0.10");
	view.sort = SORT_ONLINE;
	expect_rows(&sample, &view, "dax0.0 dax0.10 dax0.2");
	view.sort = SORT_NAME;
	view.held_only = true;
	expect_rows(&sample, &view, "dax0.2");
	view.held_only = false;
	strcpy(view.filter, "0.1");
	expect_rows(&sample, &view, "dax0.10");
	strcpy(view.filter, "DAXCTL");
	expect_rows(&sample, &view, "dax0.2");
	strcpy(view.filter, "sh");
	expect_rows(&sample, &view, "dax0.10");
	assert_true(top_shows(&view, &sample.who.list[1]));
	assert_false(top_shows(&view, &sample.who.list[0]));
	strcpy(view.filter, "nobody");
	expect_rows(&sample, &view, "");
	free_sample(&sample);
}

static void press(struct top_view *view, const char *keys)
{
	for (; *keys; keys++)
		assert_int_equal(top_key(view, *keys), TOP_DRAW);
}

static void test_keys(void **state)
{
	struct top_view view = { .interval_ms = 1000 };
	int i;

	(void)state;
	press(&view, "sr");
	assert_int_equal(view.sort, SORT_RATE);
	assert_true(view.reverse);
	for (i = 1; i < NR_SORTS; i++)
		press(&view, "s");
	assert_int_equal(view.sort, SORT_NAME);
	press(&view, "/quit");
	assert_true(view.typing);
	assert_string_equal(view.filter, "quit"); /* and it did not */
	assert_int_equal(top_key(&view, TOP_KEY_BACKSPACE), TOP_DRAW);
	assert_string_equal(view.filter, "qui");
	assert_int_equal(top_key(&view, TOP_KEY_ENTER), TOP_DRAW);
	assert_false(view.typing);
	assert_string_equal(view.filter, "qui");
	assert_int_equal(top_key(&view, TOP_KEY_ESCAPE), TOP_DRAW);
	assert_string_equal(view.filter, "");
	press(&view, "/");
	for (i = 0; i < 100; i++)
		press(&view, "x");
	assert_int_equal(strlen(view.filter), sizeof(view.filter) - 1);
	assert_int_equal(top_key(&view, TOP_KEY_ESCAPE), TOP_DRAW);
	assert_int_equal(top_key(&view, ' '), TOP_DRAW);
	assert_true(view.paused);
	assert_int_equal(top_key(&view, ' '), TOP_LOOK);
	press(&view, "jjjk");
	assert_int_equal(view.selected, 2);
	assert_int_equal(top_key(&view, TOP_KEY_PAGE_UP), TOP_DRAW);
	assert_int_equal(view.selected, 0);
	press(&view, "+");
	assert_int_equal(view.interval_ms, 2000);
	for (i = 0; i < 20; i++)
		press(&view, "-");
	assert_in_range(view.interval_ms, 100, 200);
	for (i = 0; i < 20; i++)
		press(&view, "+");
	assert_in_range(view.interval_ms, 30000, 60000);
	press(&view, "?");
	assert_true(view.help);
	press(&view, "s");
	assert_false(view.help);
	assert_int_equal(view.sort, SORT_NAME);
	assert_int_equal(top_key(&view, 'q'), TOP_QUIT);
}

/* The page as text, the caller's to free. */
static char *page_text(const struct sample *sample, struct top_view *view, int rows, int cols)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct page page;

	assert_non_null(out);
	assert_int_equal(page_make(&page, rows, cols), 0);
	assert_int_equal(top_page(&page, sample, view), 0);
	page_print(&page, out);
	page_free(&page);
	fclose(out);
	return text;
}

static void test_page(void **state)
{
	struct sample sample = make_sample("MMNN..-_", "MMMM", "....");
	struct top_view view = { .interval_ms = 500, .selected = 1 };
	char *text = page_text(&sample, &view, 24, 80);

	(void)state;
	assert_string_equal(
		text,
		"daxguard " DAXGUARD_VERSION "  enforce (lsm)  held 1  refused 42, 0.0/s"
		"               00:00:00Z\n"
		"slipped 0  leaked 0  expired 0  audited 0  undecided 0  dropped 0  healed 0\n"
		"\n"
		"DEVICE        ONLINE  BLOCKS             HELD BY                     AGE   "
		"REF/S\n"
		"dax0.0           5/7  MMNN..-_           -                                   "
		"0.0\n"
		"dax0.2           4/4  MMMM               declared 4711 (daxctl)    4m05s     "
		"8.0\n"
		"dax0.10          0/4  ....               -                                   "
		"0.0\n"
		"\n"
		"dax0.2: Movable 4; declared by 4711 (daxctl), 245.0 s, 355.0 s left, 42 "
		"refused\n"
		"MMMM\n"
		"\n"
		"WHO IS REFUSED       UNIT                   DEVICE        REFUSED   REF/S\n"
		"udev-worker                                 dax0.2             40     8.0\n"
		"sh                                          dax0.10             2     0.0\n"
		"\n\n\n\n\n\n\n\n\n"
		"q quit  ? help  s sort  r reverse  / filter  h held  space pause  +/- 0.5 "
		"s\n");
	free(text);
	free_sample(&sample);
}

/* Whatever the size, it stays inside the page and shows what is selected. */
static void test_page_sizes(void **state)
{
	struct sample sample = make_sample("MMNN..-_", "MMMM", "....");
	struct top_view view = { .interval_ms = 1000 };
	int rows, cols;

	(void)state;
	for (rows = 1; rows < 40; rows++) {
		for (cols = 1; cols < 200; cols += 7) {
			view.selected = 99;
			free(page_text(&sample, &view, rows, cols));
			assert_int_equal(view.selected, 2);
			view.help = true;
			free(page_text(&sample, &view, rows, cols));
			view.help = false;
		}
	}
	free_sample(&sample);
}

static void expect_has(const struct sample *sample, struct top_view *view, const char *want)
{
	char *text = page_text(sample, view, 24, 80);

	if (!strstr(text, want))
		fail_msg("the page lacks '%s':\n%s", want, text);
	free(text);
}

static void test_page_says(void **state)
{
	struct sample sample = make_sample("MM", "MM", "MM");
	struct top_view view = { .interval_ms = 1000 };

	(void)state;
	view.paused = true;
	expect_has(&sample, &view, "\npaused\n");
	strcpy(view.filter, "nobody");
	expect_has(&sample, &view, "filter: nobody");
	expect_has(&sample, &view, "nothing that the filter lets through");
	view.filter[0] = 0;
	view.help = true;
	expect_has(&sample, &view, "%  several states");
	view.help = false;
	/* a program chooses its own name */
	strcpy(sample.who.list[0].program, "evil\033[2J\n\xc3\xa4");
	expect_has(&sample, &view, "\nevil?[2J??  ");
	sample.loaded = false;
	strcpy(sample.why_not, "the guard is not loaded: run 'daxguard load'");
	expect_has(&sample, &view, "\nthe guard is not loaded: run 'daxguard load'\n");
	expect_has(&sample, &view, "not guarded");
	free_sample(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strip),
		cmocka_unit_test(test_strip_characters_differ),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_who_takes_full_fields),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_sort_and_filter),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_page_sizes),
		cmocka_unit_test(test_page_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
