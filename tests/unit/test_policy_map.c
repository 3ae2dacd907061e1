/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of policy: which of them is read and written, and what is left of half a change. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "array.h"
#include "guard/policy_map.h"
#include "pinned.h"
#include "policy/config.h"

/* In the place of libbpf's calls: two maps in memory, one of which can be full. */
#define ROOM 4

struct fake_map {
	const char *name;
	size_t size;
	int fd;
	bool there;
	size_t most; /* entries that it has room for */
	size_t nr;
	struct daxguard_name keys[ROOM];
	char values[ROOM][16];
	size_t written; /* how often */
};

static struct fake_map maps[] = {
	{ .name = "policy", .size = sizeof(struct daxguard_policy) },
	{ .name = "policy_more", .size = sizeof(struct daxguard_policy_more) },
};

static void begin(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		maps[i] = (struct fake_map){ .name = maps[i].name,
					     .size = maps[i].size,
					     .fd = -1,
					     .there = true,
					     .most = ROOM };
}

static struct fake_map *map_of(int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (maps[i].fd == fd)
			return &maps[i];
	fail_msg("%d is no map", fd);
	return NULL;
}

static size_t find(const struct fake_map *map, const void *key)
{
	size_t i;

	for (i = 0; i < map->nr; i++)
		if (!memcmp(&map->keys[i], key, sizeof(map->keys[i])))
			break;
	return i;
}

static int failed(int err)
{
	errno = err;
	return -err;
}

/* A descriptor of its own, which the caller closes: a number of before may come again. */
static int open_map(struct fake_map *map)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (maps[i].fd == fd)
			maps[i].fd = -1;
	map->fd = fd;
	return fd;
}

int bpf_obj_get(const char *path)
{
	char mine[128];

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		snprintf(mine, sizeof(mine), PIN_MAPS "/%s", maps[i].name);
		if (!strcmp(mine, path) && maps[i].there)
			return open_map(&maps[i]);
	}
	return failed(ENOENT);
}

int bpf_obj_get_info_by_fd(int fd, void *data, __u32 *len)
{
	struct bpf_map_info *info = data;

	(void)len;
	info->key_size = sizeof(struct daxguard_name);
	info->value_size = map_of(fd)->size;
	info->max_entries = ROOM;
	return 0;
}

int bpf_map_get_next_key(int fd, const void *key, void *next)
{
	const struct fake_map *map = map_of(fd);
	size_t i = key ? find(map, key) + 1 : 0;

	if (i >= map->nr)
		return failed(ENOENT);
	memcpy(next, &map->keys[i], sizeof(map->keys[i]));
	return 0;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	const struct fake_map *map = map_of(fd);
	size_t i = find(map, key);

	if (i == map->nr)
		return failed(ENOENT);
	memcpy(value, map->values[i], map->size);
	return 0;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	struct fake_map *map = map_of(fd);
	size_t i = find(map, key);

	assert_int_equal(flags, BPF_ANY);
	if (i == map->nr && map->nr == map->most)
		return failed(E2BIG);
	if (i == map->nr)
		memcpy(&map->keys[map->nr++], key, sizeof(map->keys[i]));
	memcpy(map->values[i], value, map->size);
	map->written++;
	return 0;
}

int bpf_map_delete_elem(int fd, const void *key)
{
	struct fake_map *map = map_of(fd);
	size_t i = find(map, key);

	if (i == map->nr)
		return failed(ENOENT);
	map->nr--;
	map->keys[i] = map->keys[map->nr];
	memcpy(map->values[i], map->values[map->nr], map->size);
	return 0;
}

static const struct daxguard_name any = { DAXGUARD_ANY }, dax = { "dax0.0" };

/* What is in a map, as an operator has typed it. */
static void type(struct fake_map *map, const struct daxguard_name *device, const void *value)
{
	assert_true(map->nr < ROOM);
	map->keys[map->nr] = *device;
	memcpy(map->values[map->nr++], value, map->size);
}

static void type_more(const struct daxguard_name *device, __u8 zone, __u32 idle_s)
{
	struct daxguard_policy_more more = { .zone = zone, .online = 1, .idle_s = idle_s };

	type(&maps[1], device, &more);
}

static void type_mode(const struct daxguard_name *device, __u8 mode)
{
	struct daxguard_policy policy = policy_default().policy;

	policy.mode = mode;
	type(&maps[0], device, &policy);
}

/* The words in one section of the configuration: no lock is needed to apply them. */
static int configure(const struct daxguard_name *device, const char *key, const char *word,
		     const char *key2, const char *word2)
{
	struct config_policy section = { .device = *device };
	struct config config = { .policies = &section, .nr_policies = 1 };

	assert_int_equal(policy_take(&section.change, key, word), 0);
	if (key2)
		assert_int_equal(policy_take(&section.change, key2, word2), 0);
	return policy_map_configure(&config);
}

static struct policy_rules in_force(const struct daxguard_name *device)
{
	struct policy_rules rules;

	assert_int_equal(policy_map_in_force(device, &rules), 0);
	return rules;
}

static bool has(const struct fake_map *map, const struct daxguard_name *device)
{
	return find(map, device) < map->nr;
}

/* Each half by itself: its own, that of '*', what is built in. */
static void test_in_force(void **state)
{
	const struct policy_rules standard = policy_default();
	struct policy_rules rules;

	(void)state;
	begin();
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
	maps[1].there = false;
	assert_int_equal(policy_map_in_force(&dax, &rules), -ENOENT);
}

/* The map of the keys that were named is written, and no other. */
static void test_which_map(void **state)
{
	(void)state;
	begin();
	type_more(&any, DAXGUARD_ONLY_KERNEL, 7);
	assert_int_equal(configure(&dax, "mode", "audit", NULL, NULL), 0);
	assert_true(has(&maps[0], &dax));
	assert_false(has(&maps[1], &dax));
	begin();
	type_more(&any, DAXGUARD_ONLY_KERNEL, 7);
	assert_int_equal(configure(&dax, "online", "movable", NULL, NULL), 0);
	assert_false(has(&maps[0], &dax));
	/* which begins as what was in force */
	assert_int_equal(in_force(&dax).more.online, DAXGUARD_BRING_UP_MOVABLE);
	assert_int_equal(in_force(&dax).more.zone, DAXGUARD_ONLY_KERNEL);
	assert_int_equal(in_force(&dax).more.idle_s, 7);
	assert_int_equal(configure(&dax, "mode", "off", "zone", "any"), 0);
	assert_int_equal(in_force(&dax).policy.mode, DAXGUARD_MODE_OFF);
	assert_int_equal(in_force(&dax).more.zone, DAXGUARD_ONLY_ANY);
}

/* Any set puts right what has no word, in the other half too, where it is its own. */
static void test_cleaned(void **state)
{
	struct daxguard_policy_more odd = { .zone = 1, .online = 1, .zero = 3, .room = 5 };

	(void)state;
	begin();
	type(&maps[1], &dax, &odd);
	assert_int_equal(configure(&dax, "mode", "audit", NULL, NULL), 0);
	assert_int_equal(in_force(&dax).more.zero, 0);
	assert_int_equal(in_force(&dax).more.room, 0);
	begin();
	type(&maps[1], &any, &odd);
	assert_int_equal(configure(&dax, "mode", "audit", NULL, NULL), 0);
	assert_int_equal(in_force(&any).more.zero, 3);
	assert_false(has(&maps[1], &dax));
}

/* Both or none: what the first map has been given is taken back. */
static void test_second_fails(void **state)
{
	(void)state;
	begin();
	maps[1].most = 0;
	assert_int_equal(configure(&dax, "mode", "audit", "zone", "movable"), -E2BIG);
	assert_int_equal(maps[0].written, 1);
	assert_int_equal(maps[0].nr, 0);
	type_mode(&dax, DAXGUARD_MODE_OFF);
	assert_int_equal(configure(&dax, "mode", "audit", "zone", "movable"), -E2BIG);
	assert_int_equal(in_force(&dax).policy.mode, DAXGUARD_MODE_OFF);
	/* where only the first was to be written it is not missed */
	assert_int_equal(configure(&dax, "mode", "audit", NULL, NULL), 0);
}

/* '*' gets both entries, and keeps what is there. */
static void test_seed(void **state)
{
	const struct policy_rules standard = policy_default();
	struct policy_rules rules;

	(void)state;
	begin();
	assert_int_equal(policy_map_seed(0), 0);
	assert_true(has(&maps[0], &any));
	assert_true(has(&maps[1], &any));
	rules = in_force(&any);
	assert_memory_equal(&rules, &standard, sizeof(rules));
	begin();
	type_more(&any, DAXGUARD_ONLY_KERNEL, 7);
	type_mode(&any, DAXGUARD_MODE_AUDIT);
	assert_int_equal(policy_map_seed(0), 0);
	assert_int_equal(maps[0].written + maps[1].written, 0);
	assert_int_equal(policy_map_seed(DAXGUARD_MODE_ENFORCE), 0);
	assert_int_equal(in_force(&any).policy.mode, DAXGUARD_MODE_ENFORCE);
	assert_int_equal(maps[1].written, 0);
	/* as an older guard leaves it, which knows one map */
	begin();
	type_mode(&any, DAXGUARD_MODE_AUDIT);
	assert_int_equal(policy_map_seed(0), 0);
	assert_int_equal(in_force(&any).policy.mode, DAXGUARD_MODE_AUDIT);
	assert_true(has(&maps[1], &any));
}

/* One row for each device that has an entry in either. */
static void test_read(void **state)
{
	const struct daxguard_name other = { "dax1.0" };
	struct policy_entries all;

	(void)state;
	begin();
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
		cmocka_unit_test(test_seed),	 cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
