/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole-device changes without a machine: order, roll-back, words, pages, iomem, progress. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli.h"
#include "iomem.h"
#include "pages.h"
#include "plan.h"
#include "show/progress.h"

#define MOST 8

/* A device of as many blocks as TEXT has letters, from memory32 on, but for a gap. */
struct made {
	struct dax_device dev;
	struct dax_block blocks[MOST];
};

/* M and N: online in Movable or Normal; o: offline; g: going offline; -: absent. */
static struct dax_device *make(struct made *m, const char *text)
{
	size_t i;

	memset(m, 0, sizeof(*m));
	m->dev.name = (char *)"dax0.0";
	m->dev.blocks = m->blocks;
	m->dev.nr_blocks = strlen(text);
	for (i = 0; text[i]; i++) {
		m->blocks[i].nr = 32 + i;
		m->blocks[i].state = text[i] == 'o'   ? BLOCK_OFFLINE
				     : text[i] == 'g' ? BLOCK_GOING_OFFLINE
				     : text[i] == '-' ? BLOCK_ABSENT
						      : BLOCK_ONLINE;
		if (m->blocks[i].state == BLOCK_ONLINE)
			strcpy(m->blocks[i].zone, text[i] == 'M' ? "Movable" : "Normal");
	}
	return &m->dev;
}

/* "offline33 online_kernel33": the steps as text. */
static char *steps_text(const struct dax_device *dev, const struct want *want, char *buf,
			size_t size)
{
	struct plan plan;
	size_t i, len = 0;

	assert_non_null(want);
	assert_int_equal(plan_make(&plan, dev, want), 0);
	*buf = 0;
	for (i = 0; i < plan.nr; i++)
		len += snprintf(buf + len, size - len, "%s%s%u", i ? " " : "",
				change_word(plan.steps[i].change),
				dev->blocks[plan.steps[i].block].nr);
	if (plan.absent)
		snprintf(buf + len, size - len, " absent%zu", plan.absent);
	free(plan.steps);
	return buf;
}

static void expect_plan(const char *from, enum block_state state, bool movable,
			const char *steps)
{
	struct made m;
	struct dax_device *dev = make(&m, from);
	struct want *want = want_all(dev, (struct want){ state, movable });
	char buf[512];

	assert_string_equal(steps_text(dev, want, buf, sizeof(buf)), steps);
	free(want);
}

static void test_order(void **state)
{
	(void)state;
	expect_plan("MMM", BLOCK_OFFLINE, false, "offline34 offline33 offline32");
	expect_plan("ooo", BLOCK_ONLINE, true,
		    "online_movable32 online_movable33 online_movable34");
	expect_plan("ooo", BLOCK_ONLINE, false,
		    "online_kernel32 online_kernel33 online_kernel34");
	expect_plan("MoM", BLOCK_OFFLINE, false, "offline34 offline32");
	expect_plan("MgM", BLOCK_OFFLINE, false, "offline34 offline33 offline32");
	expect_plan("ooo", BLOCK_OFFLINE, false, "");
	expect_plan("MMM", BLOCK_ONLINE, true, "");
	expect_plan("NNN", BLOCK_ONLINE, false, "");
	expect_plan("", BLOCK_ONLINE, true, "");
}

static void test_zone_change(void **state)
{
	(void)state;
	/* all that leave go first: what cannot be done shows before anything comes */
	expect_plan("NoM", BLOCK_ONLINE, true, "offline32 online_movable32 online_movable33");
	expect_plan("MNM", BLOCK_ONLINE, false,
		    "offline34 offline32 online_kernel32 online_kernel34");
}

static void test_absent(void **state)
{
	(void)state;
	expect_plan("M-M", BLOCK_OFFLINE, false, "offline34 offline32");
	expect_plan("---", BLOCK_OFFLINE, false, "");
	expect_plan("o-", BLOCK_ONLINE, true, "online_movable32 absent1");
}

/* From what a failure left behind, back to what it was. */
static void expect_back(const char *former, const char *now, const char *steps)
{
	struct made was, is;
	struct want *want = want_former(make(&was, former));
	char buf[512];

	assert_string_equal(steps_text(make(&is, now), want, buf, sizeof(buf)), steps);
	free(want);
}

static void test_roll_back(void **state)
{
	(void)state;
	expect_back("MNoM", "MNoo", "online_movable35");
	expect_back("MNoM", "oooo", "online_movable32 online_kernel33 online_movable35");
	expect_back("MNoM", "MNMM", "offline34");
	expect_back("MNoM", "NNoM", "offline32 online_movable32");
	expect_back("MNoM", "MNoM", "");
	/* what was on its way already when we came is not ours to bring back */
	expect_back("gM", "oM", "");
	/* no step takes a block away, but none stays online that was not there */
	expect_back("M-", "Mo", "");
	expect_back("M-", "MM", "offline33");
}

static void test_zone_choice(void **state)
{
	struct made m;

	(void)state;
	assert_true(zone_resolve(make(&m, "ooo"), DAXGUARD_ZONE_AUTO));
	assert_true(zone_resolve(make(&m, "NNo"), DAXGUARD_ZONE_AUTO));
	assert_true(zone_resolve(make(&m, "NNM"), DAXGUARD_ZONE_AUTO));
	assert_true(zone_resolve(make(&m, ""), DAXGUARD_ZONE_AUTO));
	assert_false(zone_resolve(make(&m, "NNN"), DAXGUARD_ZONE_AUTO));
	assert_true(zone_resolve(make(&m, "NNN"), DAXGUARD_ZONE_MOVABLE));
	assert_false(zone_resolve(make(&m, "MMM"), DAXGUARD_ZONE_KERNEL));
}

static void expect_text(const char *from, size_t size, const char *text)
{
	struct made m;
	char buf[128];

	assert_string_equal(blocks_text(make(&m, from), buf, size), text);
}

static void test_blocks_text(void **state)
{
	struct made m;
	char buf[128];

	(void)state;
	expect_text("MMM", 128, "memory32-34 online Movable");
	expect_text("MNo", 128,
		    "memory32 online Movable, memory33 online Normal, memory34 offline");
	expect_text("-", 128, "memory32 absent");
	expect_text("", 128, "no blocks");
	expect_text("MNo", 40, "memory32 online Movable...");
	/* two ranges: not one run */
	make(&m, "MM");
	m.blocks[1].nr = 40;
	assert_string_equal(blocks_text(&m.dev, buf, sizeof(buf)),
			    "memory32 online Movable, memory40 online Movable");
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(unplug_word("state"), "unplugged");
	assert_string_equal(unplug_word("hotplug"), "unplug");
	assert_true(zone_is_movable("Movable"));
	assert_false(zone_is_movable("Normal"));
	assert_false(zone_is_movable(""));
}

static void test_pages(void **state)
{
	enum {
		LRU = 5,
		SLAB = 7,
		BUDDY = 10,
		NOPAGE = 20
	};
	const __u64 flags[] = { 1ULL << BUDDY, 1ULL << LRU,    0,
				1ULL << SLAB,  1ULL << NOPAGE, 1ULL << LRU };
	struct page_counts counts = { .first = -1 };
	char name[64];

	(void)state;
	pages_count(&counts, flags, 6, 1000);
	assert_int_equal(counts.user, 2);
	assert_int_equal(counts.kernel, 1);
	assert_int_equal(counts.bare, 1);
	assert_int_equal(counts.first, 1001);
	assert_int_equal(pages_unmovable(&counts, "Movable", true), 3);
	assert_int_equal(pages_unmovable(&counts, "Movable", false), 1);
	assert_int_equal(pages_unmovable(&counts, "Normal", true), 1);
	counts.kernel = 0;
	assert_int_equal(pages_unmovable(&counts, "Normal", false), 1);
	assert_int_equal(pages_unmovable(&counts, "Movable", false), 0);
	assert_true(
		page_owner_name("Page allocated via order 0, mask 0x1(GFP), pid 42, tgid 41 "
				"(a b), ts 1 ns\nPFN",
				name, sizeof(name)));
	assert_string_equal(name, "'a b' (pid 42)");
	assert_false(page_owner_name("Page allocated", name, sizeof(name)));
}

static long long ram_of(const char *text)
{
	struct dax_range ranges[] = { { 0x100000000, 0x10fffffff },
				      { 0x120000000, 0x12fffffff } };
	struct dax_device dev = { .ranges = ranges, .nr_ranges = 2 };
	FILE *f = fmemopen((char *)text, strlen(text), "r");
	long long sum;

	assert_non_null(f);
	sum = iomem_ram_of(f, &dev);
	fclose(f);
	return sum;
}

static void test_iomem(void **state)
{
	(void)state;
	assert_int_equal(ram_of("00001000-0009ffff : System RAM\n"
				"100000000-13fffffff : Soft Reserved\n"
				"  100000000-13fffffff : dax0.0\n"
				"    100000000-107ffffff : System RAM (kmem)\n"
				"  110000000-11fffffff : dax0.1\n"
				"    110000000-11fffffff : System RAM (kmem)\n"
				"    120000000-12fffffff : System RAM (kmem)\n"),
			 0x18000000);
	assert_int_equal(ram_of("100000000-13fffffff : Soft Reserved\n"), 0);
	assert_true(ram_of("00000000-00000000 : System RAM\n") < 0);
	assert_true(ram_of("nonsense\n") < 0);
}

static void test_progress(void **state)
{
	struct daxguard_progress p = { .device = "dax0.0",
				       .verb = "offline",
				       .block = -1,
				       .done = 0,
				       .total = 8,
				       .seconds = 0 };
	char buf[256];

	(void)state;
	assert_true(progress_rate(&p) == 0);
	p.total = 0;
	p.seconds = 7;
	assert_string_equal(progress_text(&p, -1, buf, sizeof(buf)),
			    "dax0.0 offline, 7 s so far");
	assert_int_equal(strlen(progress_text(&p, 10, buf, sizeof(buf))), 10);
	p.total = 8;
	p.seconds = 0;
	assert_true(progress_left(&p) < 0);
	assert_string_equal(progress_text(&p, -1, buf, sizeof(buf)),
			    "dax0.0 offline 0/8 blocks, 0.0/s, -:-- left");
	p.done = 2;
	p.seconds = 30;
	assert_true(progress_left(&p) == 90);
	assert_string_equal(progress_text(&p, 60, buf, sizeof(buf)),
			    "dax0.0 offline [###...........] 2/8 blocks, 0.1/s, 1:30 left" + 0);
	p.done = 8;
	assert_true(progress_left(&p) == 0);
	p.total = 80000;
	p.seconds = 10;
	p.rolling_back = 1;
	assert_string_equal(
		progress_text(&p, -1, buf, sizeof(buf)),
		"dax0.0 offline, rolling back 8/80000 blocks, 0.8/s, 27:46:30 left");
	/* never wider than the terminal */
	assert_int_equal(strlen(progress_text(&p, 30, buf, sizeof(buf))), 30);
	p.total = 0;
	assert_true(progress_left(&p) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),	    cmocka_unit_test(test_zone_change),
		cmocka_unit_test(test_absent),	    cmocka_unit_test(test_roll_back),
		cmocka_unit_test(test_zone_choice), cmocka_unit_test(test_blocks_text),
		cmocka_unit_test(test_words),	    cmocka_unit_test(test_pages),
		cmocka_unit_test(test_iomem),	    cmocka_unit_test(test_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
