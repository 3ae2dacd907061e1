/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of policy: which of them is read and written, and what is left of half a change. */
#include "show/report.h" /* before cmocka.h, which has a fail() too */

#include <errno.h>
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
#include "cli.h"
#include "fake_maps.h"
#include "guard/policy_map.h"

#define policy_map fake_map("policy")
#define more_map fake_map("policy_more")

static void begin(void **state)
{
	(void)state;
	fake_empty();
}

static const struct daxguard_name any = { DAXGUARD_ANY }, dax = { "dax0.0" };

/* What is in a map, as an operator has typed it. */
static void type(struct fake_map *map, const struct daxguard_name *device, const void *value)
{
	size_t i = fake_find(map, device);

	assert_true(i < map->room);
	memcpy(map->keys + i * map->key_size, device, map->key_size);
	memcpy(map->values + i * map->value_size, value, map->value_size);
	map->nr += i == map->nr;
}

static void type_more(const struct daxguard_name *device, __u8 zone, __u32 idle_s)
{
	struct daxguard_policy_more more = { .zone = zone, .online = 1, .idle_s = idle_s };

	type(more_map, device, &more);
}

static void type_mode(const struct daxguard_name *device, __u8 mode)
{
	struct daxguard_policy policy = policy_default().policy;

	policy.mode = mode;
	type(policy_map, device, &policy);
}

/* What `daxguard policy set` does under its lock; what was said is dropped. */
static int lay_over(const struct daxguard_name *device, const char *key, const char *word,
		    const char *key2, const char *word2)
{
	struct policy_change change = {};
	struct capture c;
	int status;

	assert_int_equal(policy_take(&change, key, word), 0);
	if (key2)
		assert_int_equal(policy_take(&change, key2, word2), 0);
	capture_stream(&c, &stderr);
	status = policy_map_change_locked(device, &change);
	free(capture_end(&c));
	return status;
}

static struct policy_rules in_force(const struct daxguard_name *device)
{
	struct policy_rules rules;

	assert_int_equal(policy_map_in_force(device, &rules), 0);
	return rules;
}

static bool has(const struct fake_map *map, const struct daxguard_name *device)
{
	return fake_find(map, device) < map->nr;
}

/* Each half by itself: its own, that of '*', what is built in. */
static void test_in_force(void **state)
{
	const struct policy_rules standard = policy_default();
	struct policy_rules rules;

	begin(state);
	rules = in_force(&dax);
	assert_memory_equal(&rules, &standard, sizeof(rules));
	type_more(&any, DAXGUARD_ONLY_KERNEL, 7);
	type_mode(&dax, DAXGUARD_MODE_OFF);
	rules = in_force(&dax);
	assert_int_equal(rules.policy.mode, DAXGUARD_MODE_OFF);
	assert_int_equal(rules.more.zone, DAXGUARD_ONLY_KERNEL);
	type_more(&dax, DAXGUARD_ONLY_MOVABLE, 0);
	rules = in_force(&dax);
	assert_int_equal(rules.more.zone, DAXGUARD_ONLY_MOVABLE);
	assert_int_equal(rules.more.idle_s, 0);
	rules = in_force(&any);
	assert_int_equal(rules.policy.mode, DAXGUARD_MODE_ENFORCE);
	assert_int_equal(rules.more.idle_s, 7);
	more_map->gone = true;
	assert_int_equal(policy_map_in_force(&dax, &rules), -ENOENT);
}

/* The map of the keys that were named is written, and no other. */
static void test_which_map(void **state)
{
	begin(state);
	type_more(&any, DAXGUARD_ONLY_KERNEL, 7);
	assert_int_equal(lay_over(&dax, "mode", "audit", NULL, NULL), 0);
	assert_true(has(policy_map, &dax));
	assert_false(has(more_map, &dax));
	begin(state);
	type_more(&any, DAXGUARD_ONLY_KERNEL, 7);
	assert_int_equal(lay_over(&dax, "online", "movable", NULL, NULL), 0);
	assert_false(has(policy_map, &dax));
	/* which begins as what was in force */
	assert_int_equal(in_force(&dax).more.online, DAXGUARD_BRING_UP_MOVABLE);
	assert_int_equal(in_force(&dax).more.zone, DAXGUARD_ONLY_KERNEL);
	assert_int_equal(in_force(&dax).more.idle_s, 7);
	assert_int_equal(lay_over(&dax, "mode", "off", "zone", "any"), 0);
	assert_int_equal(in_force(&dax).policy.mode, DAXGUARD_MODE_OFF);
	assert_int_equal(in_force(&dax).more.zone, DAXGUARD_ONLY_ANY);
}

/* Any set puts right what has no word, in the other half too, where it is its own. */
static void test_cleaned(void **state)
{
	struct daxguard_policy_more odd = { .zone = 1, .online = 1, .zero = 3, .room = 5 };

	begin(state);
	type(more_map, &dax, &odd);
	assert_int_equal(lay_over(&dax, "mode", "audit", NULL, NULL), 0);
	assert_int_equal(in_force(&dax).more.zero, 0);
	assert_int_equal(in_force(&dax).more.room, 0);
	begin(state);
	type(more_map, &any, &odd);
	assert_int_equal(lay_over(&dax, "mode", "audit", NULL, NULL), 0);
	assert_int_equal(in_force(&any).more.zero, 3);
	assert_false(has(more_map, &dax));
}

/* Both or none: what the first map has been given is taken back. */
static void test_second_fails(void **state)
{
	begin(state);
	more_map->room = 0;
	assert_int_equal(lay_over(&dax, "mode", "audit", "zone", "movable"), EXIT_FAILED);
	assert_int_equal(policy_map->written, 2); /* there and back */
	assert_int_equal(policy_map->nr, 0);
	type_mode(&dax, DAXGUARD_MODE_OFF);
	assert_int_equal(lay_over(&dax, "mode", "audit", "zone", "movable"), EXIT_FAILED);
	assert_int_equal(in_force(&dax).policy.mode, DAXGUARD_MODE_OFF);
	/* where only the first was to be written it is not missed */
	assert_int_equal(lay_over(&dax, "mode", "audit", NULL, NULL), 0);
	more_map->room = 6;
}

static size_t looks, holes;

static void look(void)
{
	struct policy_rules rules = in_force(&dax);

	looks++;
	holes += rules.policy.scope != DAXGUARD_SCOPE_ALWAYS &&
		 rules.more.zone != DAXGUARD_ONLY_MOVABLE;
}

/* What scope forbids before and zone after, or the other way round, is forbidden in between. */
static void test_order(void **state)
{
	static const char *const words[][2] = { { "transition", "movable" },
						{ "always", "any" },
						{ "transition", "movable" } };

	begin(state);
	assert_int_equal(lay_over(&dax, "scope", "always", "zone", "kernel"), 0);
	fake_update = look;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		assert_int_equal(lay_over(&dax, "scope", words[i][0], "zone", words[i][1]), 0);
	fake_update = NULL;
	assert_true(looks >= 2 * ARRAY_SIZE(words));
	assert_int_equal(holes, 0);
}

/* '*' gets both entries, and keeps what is there. */
static void test_seed(void **state)
{
	const struct policy_rules standard = policy_default();
	struct policy_rules rules;

	begin(state);
	assert_int_equal(policy_map_seed(0), 0);
	assert_true(has(policy_map, &any));
	assert_true(has(more_map, &any));
	rules = in_force(&any);
	assert_memory_equal(&rules, &standard, sizeof(rules));
	begin(state);
	type_more(&any, DAXGUARD_ONLY_KERNEL, 7);
	type_mode(&any, DAXGUARD_MODE_AUDIT);
	assert_int_equal(policy_map_seed(0), 0);
	assert_int_equal(policy_map->written + more_map->written, 0);
	assert_int_equal(policy_map_seed(DAXGUARD_MODE_ENFORCE), 0);
	assert_int_equal(in_force(&any).policy.mode, DAXGUARD_MODE_ENFORCE);
	assert_int_equal(more_map->written, 0);
	/* as an older guard leaves it, which knows one map */
	begin(state);
	type_mode(&any, DAXGUARD_MODE_AUDIT);
	assert_int_equal(policy_map_seed(0), 0);
	assert_int_equal(in_force(&any).policy.mode, DAXGUARD_MODE_AUDIT);
	assert_true(has(more_map, &any));
}

/* One row for each device that has an entry in either. */
static void test_read(void **state)
{
	const struct daxguard_name other = { "dax1.0" };
	struct policy_entries all;

	begin(state);
	type_mode(&dax, DAXGUARD_MODE_OFF);
	type_mode(&any, DAXGUARD_MODE_AUDIT);
	type_more(&other, DAXGUARD_ONLY_MOVABLE, 1);
	type_more(&any, DAXGUARD_ONLY_KERNEL, 7);
	type_more(&dax, DAXGUARD_ONLY_ANY, 2);
	assert_int_equal(policy_map_read(&all), 0);
	assert_int_equal(all.nr, 3);
	assert_string_equal(all.list[0].device.name, DAXGUARD_ANY);
	assert_int_equal(all.list[0].own, POLICY_BOTH);
	assert_string_equal(all.list[1].device.name, "dax0.0");
	assert_int_equal(all.list[1].own, POLICY_BOTH);
	assert_int_equal(all.list[1].rules.policy.mode, DAXGUARD_MODE_OFF);
	assert_int_equal(all.list[1].rules.more.idle_s, 2);
	assert_string_equal(all.list[2].device.name, "dax1.0");
	assert_int_equal(all.list[2].own, 1 << POLICY_MORE);
	/* which is what '*' says, not what is built in */
	assert_int_equal(all.list[2].rules.policy.mode, DAXGUARD_MODE_AUDIT);
	assert_int_equal(all.list[2].rules.more.zone, DAXGUARD_ONLY_MOVABLE);
	free(all.list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_force), cmocka_unit_test(test_which_map),
		cmocka_unit_test(test_cleaned),	 cmocka_unit_test(test_second_fails),
		cmocka_unit_test(test_order),	 cmocka_unit_test(test_seed),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
