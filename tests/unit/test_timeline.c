/* SPDX-License-Identifier: GPL-2.0-only */
/* What 'daxguard timeline' makes of a history, and that its SVG and HTML are well-formed. */
#include <errno.h>
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
#include "screen/svg.h"

#define START (1700000000 * NS_PER_S)
#define MS 1000000ULL

/* A history that is written by hand: a line an event, MS after the start. */
static struct timeline_event events[20000];
static size_t nr;

static struct daxguard_event *happened(__u64 ms, __u32 type, const char *device, __s32 block,
				       const char *comm)
{
	struct timeline_event *e = &events[nr++];

	*e = (struct timeline_event){ .when = START + ms * MS };
	e->event = (struct daxguard_event){ .event = type, .block = block, .count = 1 };
	strncpy(e->event.device, device, sizeof(e->event.device));
	strncpy(e->event.comm, comm, sizeof(e->event.comm));
	e->event.pid = 4711;
	e->event.kind = DAXGUARD_KIND_DECLARED;
	if (block >= 0)
		strcpy(e->event.file, "state");
	return &e->event;
}

static struct timeline draw_some(char *const *names, size_t nr_names,
				 const struct dax_devices *devices)
{
	struct timeline_input in = { .events = events,
				     .nr = nr,
				     .names = names,
				     .nr_names = nr_names,
				     .devices = devices,
				     .now = START + 20000 * MS };
	struct timeline t;

	assert_int_equal(timeline_make(&t, &in), 0);
	return t;
}

static struct timeline draw(void)
{
	return draw_some(NULL, 0, NULL);
}

static int forget(void **state)
{
	(void)state;
	nr = 0;
	return 0;
}

static void test_spans(void **state)
{
	struct timeline t;

	(void)state;
	happened(0, DAXGUARD_EV_BEGIN, "dax0.0", -1, "daxctl");
	happened(1000, DAXGUARD_EV_BEGIN, "dax0.1", -1, "sh");
	happened(2000, DAXGUARD_EV_END, "dax0.0", -1, "daxctl")->count = 7;
	/* blocks that were learnt late end nothing */
	happened(2500, DAXGUARD_EV_HEALED, "dax0.1", -1, "sh")->kind = 0;
	happened(3000, DAXGUARD_EV_EXPIRED, "dax0.1", -1, "sh");
	happened(10000, DAXGUARD_EV_SEEN, "dax0.1", -1, "sh");
	t = draw();
	assert_int_equal(t.nr_spans, 2);
	assert_int_equal(t.spans[0].from, START);
	assert_int_equal(t.spans[0].to, START + 2000 * MS);
	assert_int_equal(t.spans[0].ended_by, DAXGUARD_EV_END);
	assert_int_equal(t.spans[0].refused, 7);
	assert_false(t.spans[0].began_before);
	assert_int_equal(t.spans[1].to, START + 3000 * MS);
	assert_int_equal(t.spans[1].ended_by, DAXGUARD_EV_EXPIRED);
	assert_int_equal(t.spans[0].x, TIMELINE_LEFT);
	assert_in_range(t.spans[0].width, TIMELINE_WIDTH / 5 - 8, TIMELINE_WIDTH / 5);
	assert_int_equal(t.nr_holders, 2);
	assert_string_equal(t.holders[1].name, "sh");
	timeline_free(&t);
}

/* The begin is not kept any more, the end has not come, or was lost. */
static void test_open_spans(void **state)
{
	struct timeline t;

	(void)state;
	happened(500, DAXGUARD_EV_SEEN, "dax0.0", -1, "sh");
	happened(1000, DAXGUARD_EV_END, "dax0.0", -1, "daxctl");
	/* one end is enough */
	happened(1500, DAXGUARD_EV_RELEASED, "dax0.0", -1, "daxctl");
	happened(2000, DAXGUARD_EV_BEGIN, "dax0.0", -1, "daxctl");
	happened(3000, DAXGUARD_EV_BEGIN, "dax0.0", -1, "cxl");
	t = draw();
	assert_int_equal(t.nr_spans, 3);
	assert_true(t.spans[0].began_before);
	assert_int_equal(t.spans[0].x, TIMELINE_LEFT);
	assert_int_equal(t.spans[1].to, START + 3000 * MS);
	assert_int_equal(t.spans[1].ended_by, DAXGUARD_EV_HEALED);
	assert_int_equal(t.spans[2].ended_by, 0);
	/* it goes on: until now */
	assert_int_equal(t.to, START + 20000 * MS);
	assert_int_equal(t.spans[2].x + t.spans[2].width, TIMELINE_LEFT + TIMELINE_WIDTH);
	timeline_free(&t);
}

static void test_rows(void **state)
{
	struct dax_block present[40] = {};
	struct dax_device dev = { .name = (char *)"dax0.10",
				  .blocks = present,
				  .nr_blocks = ARRAY_SIZE(present) };
	const struct dax_devices devices = { .dev = &dev, .nr = 1 };
	struct timeline t;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(present); i++)
		present[i].nr = 100 + i;
	happened(0, DAXGUARD_EV_REFUSED, "dax0.10", 139, "sh");
	happened(1, DAXGUARD_EV_REFUSED, "dax0.2", 33, "sh");
	happened(2, DAXGUARD_EV_REFUSED, "dax0.2", 32, "sh");
	happened(3, DAXGUARD_EV_REFUSED, "", -1, "sh");
	t = draw_some(NULL, 0, &devices);
	assert_int_equal(t.nr_devices, 3);
	assert_string_equal(t.devices[0].name, "dax0.2");
	assert_string_equal(t.devices[1].name, "dax0.10");
	assert_string_equal(t.devices[2].name, "");
	assert_int_equal(t.devices[0].nr_rows, 3);
	assert_int_equal(t.rows[1].first, 32);
	/* 40 blocks in rows of 3 */
	assert_int_equal(t.devices[1].nr_rows, 1 + 14);
	assert_int_equal(t.rows[t.devices[1].row + 1].first, 100);
	assert_int_equal(t.rows[t.devices[1].row + 1].last, 102);
	assert_int_equal(t.rows[t.devices[1].row + 14].nr, 1);
	for (i = 0; i < t.nr_marks; i++)
		if (t.marks[i].row >= t.devices[1].row &&
		    t.marks[i].row < t.devices[1].row + t.devices[1].nr_rows)
			assert_int_equal(t.rows[t.marks[i].row].last, 139);
	timeline_free(&t);
}

static void test_named_devices(void **state)
{
	static char *const names[] = { (char *)"dax0.1" };
	struct timeline t;

	(void)state;
	happened(0, DAXGUARD_EV_REFUSED, "dax0.0", 32, "sh");
	happened(50, DAXGUARD_EV_REFUSED, "dax0.1", 33, "sh");
	happened(90, DAXGUARD_EV_BEGIN, "dax0.0", -1, "sh");
	t = draw_some(names, 1, NULL);
	assert_int_equal(t.nr_devices, 1);
	assert_string_equal(t.devices[0].name, "dax0.1");
	assert_int_equal(t.nr_marks, 1);
	assert_int_equal(t.nr_spans, 0);
	assert_int_equal(t.nr_events, 1);
	assert_int_equal(t.from, START + 50 * MS);
	timeline_free(&t);
}

static void test_marks_merge(void **state)
{
	struct daxguard_event *e;
	struct timeline t;

	(void)state;
	happened(0, DAXGUARD_EV_REFUSED, "dax0.0", 32, "sh")->count = 3;
	e = happened(0, DAXGUARD_EV_REFUSED, "dax0.0", 32, "task");
	e->count = 40;
	strcpy(e->exe, "udev-worker");
	happened(0, DAXGUARD_EV_SLIPPED, "dax0.0", 32, "sh");
	happened(0, DAXGUARD_EV_REFUSED, "dax0.0", 33, "sh");
	happened(9000, DAXGUARD_EV_REFUSED, "dax0.0", 32, "sh");
	happened(9001, DAXGUARD_EV_RELEASED, "dax0.0", -1, "sh")->count = 99;
	t = draw();
	assert_int_equal(t.nr_marks, 5);
	assert_int_equal(t.marks[1].count, 43);
	assert_int_equal(t.marks[1].events, 2);
	assert_string_equal(t.marks[1].whose, "sh 3, udev-worker 40");
	assert_string_equal(t.marks[1].what, "memory32/state");
	/* 99 were refused in the hold, and one ended it */
	assert_int_equal(t.marks[0].type, DAXGUARD_EV_RELEASED);
	assert_int_equal(t.marks[0].count, 1);
	/* what is bad lies on top */
	assert_int_equal(t.marks[4].type, DAXGUARD_EV_SLIPPED);
	timeline_free(&t);
}

static void test_ticks(void **state)
{
	__u64 period;

	(void)state;
	assert_int_equal(timeline_tick(10 * NS_PER_S), NS_PER_S);
	assert_int_equal(timeline_tick(100 * MS), 10 * MS);
	assert_int_equal(timeline_tick(3600 * NS_PER_S), 300 * NS_PER_S);
	for (period = MS; period < 1000ULL * 86400 * NS_PER_S; period += period / 3) {
		assert_true(timeline_tick(period) > 0);
		assert_true(period / timeline_tick(period) <= 13);
	}
}

/* What PRINT prints, the caller's to free. */
static char *printed(const struct timeline *t,
		     void (*print)(FILE *, const struct timeline *, const struct svg_words *),
		     size_t *size)
{
	const struct svg_words words = { .host = "a<b>&c", .lost = 3 };
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	assert_non_null(out);
	print(out, t, &words);
	fclose(out);
	return text;
}

/* xmllint reads it, and finds nothing wrong. */
static void expect_well_formed(const char *text, size_t size)
{
	FILE *lint = popen("xmllint --noout --nonet -", "we");

	assert_non_null(lint);
	assert_int_equal(fwrite(text, 1, size, lint), size);
	assert_int_equal(pclose(lint), 0);
}

static void check_both(const struct timeline *t, const char *want)
{
	size_t size;
	char *text = printed(t, svg_print, &size);

	assert_non_null(strstr(text, want));
	expect_well_formed(text, size);
	free(text);
	text = printed(t, html_print, &size);
	assert_non_null(strstr(text, want));
	assert_null(strstr(text, "<script"));
	expect_well_formed(text, size);
	free(text);
}

/* A process chooses its own name. */
static void test_names_are_escaped(void **state)
{
	struct daxguard_event *e;
	struct timeline t;

	(void)state;
	happened(0, DAXGUARD_EV_BEGIN, "dax0.0", -1, "</title><script>");
	happened(5000, DAXGUARD_EV_END, "dax0.0", -1, "</title><script>");
	e = happened(10, DAXGUARD_EV_REFUSED, "dax0.0", 32, "x");
	strcpy(e->exe, "a&b\"'<\x01\xff\xef\xbf\xbf]]>\xc3\xa4");
	e->result = -EBUSY;
	memset(happened(11, DAXGUARD_EV_LEAK, "dax0.0", -1, "x")->file, '<', sizeof(e->file));
	t = draw();
	check_both(&t, "held by &lt;/title&gt;&lt;scrip");
	check_both(&t, "by a&amp;b&quot;&#39;&lt;???]]&gt;\xc3\xa4 1");
	check_both(&t, "3 before that are not kept any more");
	check_both(&t, "Device or resource busy");
	timeline_free(&t);
}

static void test_nothing(void **state)
{
	struct timeline t = draw();

	(void)state;
	check_both(&t, "nothing has happened");
	timeline_free(&t);
}

/* As much as the history holds, by rivals without end: a picture that a browser takes. */
static void test_full_history(void **state)
{
	char device[16];
	struct timeline t;
	size_t i, size;
	__u64 sum = 0;
	char *text;

	(void)state;
	for (i = 0; i < 16384; i++) {
		snprintf(device, sizeof(device), "dax0.%zu", i % 8);
		happened(i,
			 i % 100 == 0	 ? DAXGUARD_EV_BEGIN
			 : i % 100 == 96 ? DAXGUARD_EV_END
					 : DAXGUARD_EV_REFUSED,
			 device, i % 100 % 96 ? (__s32)(32 + i % 64) : -1, "sh");
	}
	t = draw();
	for (i = 0; i < t.nr_marks; i++)
		sum += t.marks[i].count;
	assert_int_equal(sum, 16384 - t.nr_events / 100 * 2 - 1);
	text = printed(&t, svg_print, &size);
	assert_in_range(size, 100000, 4000000);
	expect_well_formed(text, size);
	free(text);
	timeline_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_spans, forget),
		cmocka_unit_test_setup(test_open_spans, forget),
		cmocka_unit_test_setup(test_rows, forget),
		cmocka_unit_test_setup(test_named_devices, forget),
		cmocka_unit_test_setup(test_marks_merge, forget),
		cmocka_unit_test(test_ticks),
		cmocka_unit_test_setup(test_names_are_escaped, forget),
		cmocka_unit_test_setup(test_nothing, forget),
		cmocka_unit_test_setup(test_full_history, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
