// SPDX-License-Identifier: GPL-2.0-only
/* What `daxguard metrics` prints, and that Prometheus' own tool takes it. */
#include <json-c/json.h>
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
#include "clock.h"
#include "show/exposition.h"
#include "verbs/families.h"

static struct dax_block blocks[] = {
	{ .nr = 32, .state = BLOCK_ONLINE, .zone = "Movable" },
	{ .nr = 33, .state = BLOCK_ONLINE, .zone = "Movable" },
	{ .nr = 34, .state = BLOCK_ONLINE, .zone = "Normal" },
	{ .nr = 35, .state = BLOCK_OFFLINE },
	{ .nr = 36, .state = BLOCK_GOING_OFFLINE },
	{ .nr = 37, .state = BLOCK_ABSENT },
};

static struct dax_device devices[] = {
	{ .name = "dax0.0",
	  .driver = "kmem",
	  .target_node = 1,
	  .size = 1 << 30,
	  .blocks = blocks,
	  .nr_blocks = ARRAY_SIZE(blocks) },
	{ .name = "dax1.0", .target_node = -1 },
};

static struct metrics_policy policies[] = { { .device = DAXGUARD_ANY },
					    { .device = "dax0.0" } };

/* A process chooses its name: this one has all that could end a label, and is no UTF-8. */
static struct guard_transition held = {
	.device = { "dax0.0" },
	.t = { .kind = DAXGUARD_KIND_DECLARED,
	       .named_pid = 4711,
	       .named_comm = "a\"b\\c\nd\xff}" },
};

/* Two that are shown alike, and one who was only audited. */
static struct culprit culprits[] = {
	{ .key = { .device = { "dax0.0" }, .exe = "a\xff", .unit = "x.service", .uid = 7 },
	  .refused = 5 },
	{ .key = { .device = { "dax0.0" }, .exe = "a\xfe", .unit = "x.service", .uid = 7 },
	  .refused = 2 },
	{ .key = { .device = { "dax0.0" }, .exe = "sh" }, .would_be = 4 },
};

static struct metrics full(void)
{
	struct metrics m = {
		.loaded = true,
		.hooks = DAXGUARD_HOOKS_LSM | DAXGUARD_HOOKS_ZONE,
		.running = { .list = &held, .nr = 1 },
		.culprits = { .list = culprits, .nr = ARRAY_SIZE(culprits) },
		.policies = policies,
		.nr_policies = ARRAY_SIZE(policies),
		.devices = { .dev = devices, .nr = ARRAY_SIZE(devices) },
	};

	policies[0].rules = policies[1].rules = policy_default();
	policies[1].rules.policy.mode = DAXGUARD_MODE_AUDIT;
	held.t.begin_ns = now_ns() - 5 * NS_PER_S;
	held.t.deadline_ns = now_ns() + 60 * NS_PER_S;
	for (size_t i = 0; i < NR_COUNTERS; i++)
		m.counters[i] = (struct counter){ .name = "refused", .sum = 3 };
	m.counters[1] = (struct counter){ .name = "slipped", .sum = ~0ULL };
	return m;
}

/* As text, the caller's to free. */
static char *text_of(const struct metrics *m)
{
	struct json_object *all = metrics_families(m);
	struct capture c;

	capture_begin(&c);
	assert_int_equal(exposition_write(all, stdout), 0);
	json_object_put(all);
	return capture_end(&c);
}

static void expect(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("'%s' is not in: %s", line, text);
}

static void test_loaded(void **state)
{
	struct metrics m = full();
	char *text = text_of(&m);

	(void)state;
	expect(text, "# TYPE daxguard_loaded gauge\ndaxguard_loaded 1\n");
	expect(text, "\ndaxguard_hook{hook=\"lsm\"} 1\ndaxguard_hook{hook=\"module\"} 0\n");
	expect(text, "# TYPE daxguard_refused_total counter\ndaxguard_refused_total 3\n");
	expect(text, "\ndaxguard_slipped_total 18446744073709551615\n");
	expect(text, "\ndaxguard_transitions 1\n");
	expect(text,
	       "\ndaxguard_transition_age_seconds{device=\"dax0.0\",kind=\"declared\"} 5.");
	expect(text,
	       "\ndaxguard_transition_left_seconds{device=\"dax0.0\",kind=\"declared\"} ");
	expect(text, "\ndaxguard_policy_mode{device=\"*\",mode=\"enforce\"} 1\n");
	expect(text, "\ndaxguard_policy_mode{device=\"dax0.0\",mode=\"audit\"} 1\n");
	expect(text, "\ndaxguard_policy_mode{device=\"dax0.0\",mode=\"enforce\"} 0\n");
	expect(text, "\ndaxguard_policy_max_hold_seconds{device=\"dax0.0\"} 600\n");
	free(text);
}

static void test_blocks(void **state)
{
	struct metrics m = full();
	char *text = text_of(&m);

	(void)state;
	expect(text, "\ndaxguard_blocks{device=\"dax0.0\",state=\"offline\",zone=\"\"} 1\n"
		     "daxguard_blocks{device=\"dax0.0\",state=\"online\",zone=\"Movable\"} 2\n"
		     "daxguard_blocks{device=\"dax0.0\",state=\"online\",zone=\"Normal\"} 1\n"
		     "daxguard_blocks{device=\"dax0.0\",state=\"online\",zone=\"\"} 1\n");
	expect(text, "{device=\"dax1.0\",driver=\"\",node=\"-1\"} 1\n");
	expect(text, "\ndaxguard_device_size_bytes{device=\"dax0.0\"} 1073741824\n");
	/* which the guard has not learnt */
	expect(text, "\ndaxguard_device_desync{device=\"dax0.0\"} 1\n");
	assert_null(strstr(text, "daxguard_blocks{device=\"dax1.0\""));
	free(text);
}

static void test_label(void **state)
{
	struct metrics m = full();
	char *text = text_of(&m);

	(void)state;
	expect(text, "pid=\"4711\",comm=\"a\\\"b\\\\c?d?}\"} 1\n");
	free(text);
}

static void test_culprits(void **state)
{
	struct metrics m = full();
	char *text = text_of(&m);

	(void)state;
	expect(text, "# TYPE daxguard_refused_by_total counter\n"
		     "daxguard_refused_by_total{program=\"a?\",unit=\"x.service\","
		     "device=\"dax0.0\",uid=\"7\"} 7\n# HELP daxguard_audited_by_total");
	expect(text, "\ndaxguard_audited_by_total{program=\"sh\",unit=\"-\","
		     "device=\"dax0.0\",uid=\"0\"} 4\n");
	free(text);
}

static void test_not_loaded(void **state)
{
	struct metrics m = { .devices = { .dev = devices, .nr = 1 } };
	char *text = text_of(&m);

	(void)state;
	expect(text, "\ndaxguard_loaded 0\n");
	expect(text, "\ndaxguard_blocks{device=\"dax0.0\",state=\"offline\",zone=\"\"} 1\n");
	assert_null(strstr(text, "daxguard_refused_total"));
	assert_null(strstr(text, "daxguard_policy_mode"));
	free(text);
}

/* It reads names, types, helps and escapes, and knows Prometheus' conventions for names. */
static void test_promtool(void **state)
{
	struct metrics m = full();
	char *text;
	FILE *tool;

	(void)state;
	for (size_t i = 0; i < NR_COUNTERS; i++)
		m.counters[i].name = counter_name(i);
	text = text_of(&m);
	tool = popen("tests/fleet/promtool check metrics >&2", "w");
	assert_non_null(tool);
	assert_true(fputs(text, tool) >= 0);
	assert_int_equal(pclose(tool), 0);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loaded),	 cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_label),	 cmocka_unit_test(test_not_loaded),
		cmocka_unit_test(test_promtool), cmocka_unit_test(test_culprits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
