/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading a configuration again: what goes, what stays by hand, in which order, and none of it
 * where one fails. */
#include "show/report.h" /* before cmocka.h, which has a fail() too */

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture.h"
#include "cli.h"
#include "fake_maps.h"
#include "guard/allow_map.h"
#include "guard/configure.h"
#include "guard/origins.h"
#include "guard/policy_map.h"
#include "model.h"
#include "policy/config.h"
#include "top.h"

static const struct daxguard_name any = { DAXGUARD_ANY }, dax0 = { "dax0.0" },
				  dax1 = { "dax1.0" };

/* What was said by the last load, and whether it was the first of a guard. */
static char said[4096];

static int load_as(const char *text, const struct configure_options *options)
{
	struct config config;
	struct capture c;
	char *words;
	int status;
	FILE *file = fopen(in_top("conf"), "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	capture_stream(&c, &stderr);
	status = config_read(&config, in_top("conf"));
	if (!status)
		status = configure(&config, options);
	words = capture_end(&c);
	snprintf(said, sizeof(said), "%s", words);
	free(words);
	config_free(&config);
	return status;
}

static int reload(const char *text)
{
	return load_as(text, &(struct configure_options){ .keep = true, .tell = true });
}

static int begin(void **state)
{
	fake_empty();
	assert_int_equal(policy_map_seed(0), 0);
	assert_int_equal(make_top(state), 0);
	assert_int_equal(mkdir(in_top("bus"), 0755), 0);
	model_set_root(top);
	return 0;
}

/* A device is there from now on, of that node. */
static void plug(const char *name, int node)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "mkdir -p %s/bus/dax/devices/%s && echo %d >%s/bus/dax/devices/%s/target_node",
		 top, name, node, top, name);
	assert_int_equal(system(command), 0);
}

static void unplug(const char *name)
{
	char command[512];

	snprintf(command, sizeof(command), "rm -r %s/bus/dax/devices/%s", top, name);
	assert_int_equal(system(command), 0);
}

static struct policy_rules rules_of(const struct daxguard_name *device)
{
	struct policy_rules rules;

	assert_int_equal(policy_map_in_force(device, &rules), 0);
	return rules;
}

static bool has(const char *map, const void *key)
{
	return fake_find(fake_map(map), key) < fake_map(map)->nr;
}

/* As bpftool writes it. */
static void type_mode(const struct daxguard_name *device, __u8 mode)
{
	struct policy_rules rules = rules_of(device);
	struct fake_map *m = fake_map("policy");
	size_t i = fake_find(m, device);

	rules.policy.mode = mode;
	memcpy(m->keys + i * m->key_size, device, m->key_size);
	memcpy(m->values + i * m->value_size, &rules.policy, m->value_size);
	m->nr += i == m->nr;
}

static void set_by_verb(const struct daxguard_name *device, const char *key, const char *word)
{
	struct policy_change change = {};

	assert_int_equal(policy_take(&change, key, word), 0);
	assert_int_equal(policy_map_change_locked(device, &change), 0);
}

/* Where the value of a key comes from, by the origins alone. */
static const char *origin(const struct daxguard_name *device, const char *key)
{
	static char text[DAXGUARD_ORIGIN_LEN];
	const struct policy_rules standard = policy_default();
	struct policy_rules rules = rules_of(device);
	struct origins all;
	int nr = policy_find(key);

	assert_int_equal(origins_read(&all), 0);
	snprintf(text, sizeof(text), "%s",
		 origin_text(origin_find(&all, key, device), policy_get(&rules, nr),
			     policy_get(&standard, nr)));
	free(all.list);
	return strrchr(text, ':') ? strrchr(text, ':') : text;
}

static void test_goes(void **state)
{
	(void)state;
	assert_int_equal(reload("[dax0.0]\nmode=audit\nzone=movable\n[*]\nmax_hold=7\n"), 0);
	assert_int_equal(rules_of(&dax0).policy.mode, DAXGUARD_MODE_AUDIT);
	assert_int_equal(rules_of(&dax0).policy.max_hold_s, 7);
	assert_string_equal(origin(&dax0, "mode"), ":2");
	assert_string_equal(origin(&dax0, "max_hold"), ":5");
	assert_string_equal(origin(&dax0, "scope"), "built in");
	assert_string_equal(origin(&any, "max_hold"), ":5");
	assert_int_equal(reload("[dax0.0]\nmode=audit\n"), 0);
	assert_true(has("policy", &dax0));
	assert_false(has("policy_more", &dax0));
	assert_int_equal(rules_of(&any).policy.max_hold_s, DAXGUARD_MAX_HOLD_S);
	assert_int_equal(rules_of(&dax0).policy.max_hold_s, DAXGUARD_MAX_HOLD_S);
	assert_int_equal(reload(""), 0);
	assert_false(has("policy", &dax0));
	assert_true(has("policy", &any));
	assert_int_equal(fake_map("origins")->nr, 0);
	assert_string_equal(said, "");
}

/* What is as it was is not written. */
static void test_untouched(void **state)
{
	static const char text[] = "[dax0.0]\nmode=audit\n[*]\nidle=3\n[dax*]\nbind=hold\n"
				   "[allow]\nuid=1\n[controllers]\nexe=/no/such\n";
	static const char *const maps[] = { "policy",	   "policy_more", "allow",
					    "controllers", "programs",	  "origins" };
	size_t i;

	(void)state;
	plug("dax1.0", 1);
	assert_int_equal(reload(text), 0);
	for (i = 0; i < ARRAY_SIZE(maps); i++)
		fake_map(maps[i])->written = 0;
	assert_int_equal(reload(text), 0);
	for (i = 0; i < ARRAY_SIZE(maps); i++)
		assert_int_equal(fake_map(maps[i])->written, 0);
	/* and only what is another is */
	assert_int_equal(reload("[dax0.0]\nmode=audit\n[*]\nidle=3\n[dax*]\nbind=free\n"
				"[allow]\nuid=1\n[controllers]\nexe=/no/such\n"),
			 0);
	assert_int_equal(fake_map("policy")->written, 2);
	assert_int_equal(fake_map("policy_more")->written, 0);
	assert_int_equal(fake_map("allow")->written + fake_map("controllers")->written, 0);
}

/* By a verb, by bpftool, of a key, of a whole entry. */
static void test_by_hand(void **state)
{
	(void)state;
	assert_int_equal(reload("[dax0.0]\nmode=audit\nmax_hold=9\n"), 0);
	set_by_verb(&dax0, "mode", "off");
	assert_string_equal(origin(&dax0, "mode"), "by hand");
	assert_string_equal(origin(&dax0, "max_hold"), ":3");
	assert_int_equal(reload("[dax0.0]\nmode=enforce\nmax_hold=8\n"), 0);
	assert_int_equal(rules_of(&dax0).policy.mode, DAXGUARD_MODE_OFF);
	assert_int_equal(rules_of(&dax0).policy.max_hold_s, 8);
	assert_non_null(strstr(said, "'dax0.0' keeps mode=off, which was set by hand"));
	assert_non_null(strstr(said, "conf:2' says enforce"));
	/* a file that says the same is where it comes from */
	assert_int_equal(reload("[dax0.0]\nmode=off\n"), 0);
	assert_string_equal(said, "");
	assert_string_equal(origin(&dax0, "mode"), ":2");
	assert_int_equal(reload(""), 0);
	assert_false(has("policy", &dax0));
	/* bpftool: what is not what was applied */
	assert_int_equal(reload("[dax0.0]\nmode=audit\n"), 0);
	type_mode(&dax0, DAXGUARD_MODE_OFF);
	type_mode(&dax1, DAXGUARD_MODE_ENFORCE);
	assert_string_equal(origin(&dax0, "mode"), "by hand");
	assert_int_equal(reload(""), 0);
	assert_int_equal(rules_of(&dax0).policy.mode, DAXGUARD_MODE_OFF);
	assert_non_null(strstr(said,
			       "'dax0.0' keeps mode=off, which was set by hand: 'daxguard "
			       "policy unset dax0.0' takes it away"));
	assert_true(has("policy", &dax1));
	/* of '*', too, where a byte may mean nothing */
	type_mode(&any, 7);
	assert_int_equal(reload("[*]\nmode=audit\nidle=2\n"), 0);
	assert_int_equal(rules_of(&any).policy.mode, 7);
	assert_int_equal(rules_of(&any).more.idle_s, 2);
}

/* --mode counts where no file has a mode for '*', and is kept. */
static void test_option(void **state)
{
	const struct configure_options audit = { .keep = true, .mode = DAXGUARD_MODE_AUDIT };

	(void)state;
	assert_int_equal(load_as("", &audit), 0);
	assert_string_equal(origin(&any, "mode"), "load --mode");
	assert_int_equal(reload(""), 0);
	assert_int_equal(rules_of(&any).policy.mode, DAXGUARD_MODE_AUDIT);
	assert_string_equal(said, "");
	assert_int_equal(reload("[*]\nmode=off\n"), 0);
	assert_int_equal(rules_of(&any).policy.mode, DAXGUARD_MODE_OFF);
	assert_int_equal(load_as("[*]\nmode=enforce\n", &audit), 0);
	assert_int_equal(rules_of(&any).policy.mode, DAXGUARD_MODE_ENFORCE);
}

/* Of a guard that knew no origins nothing goes. */
static void test_first(void **state)
{
	const struct configure_options first = {};

	(void)state;
	type_mode(&dax0, DAXGUARD_MODE_OFF);
	type_mode(&dax1, DAXGUARD_MODE_AUDIT);
	assert_int_equal(load_as("[dax0.0]\nmode=enforce\n", &first), 0);
	assert_int_equal(rules_of(&dax0).policy.mode, DAXGUARD_MODE_ENFORCE);
	assert_int_equal(rules_of(&dax1).policy.mode, DAXGUARD_MODE_AUDIT);
	/* what it had is by hand from then on */
	assert_int_equal(reload("[dax0.0]\nmode=enforce\n"), 0);
	assert_string_equal(origin(&dax0, "mode"), ":2");
	assert_string_equal(origin(&dax0, "scope"), "built in");
	assert_int_equal(rules_of(&dax1).policy.mode, DAXGUARD_MODE_AUDIT);
	assert_non_null(strstr(said, "'dax1.0' keeps mode=audit"));
}

/* A device that comes later, or somewhere else, and one that is named and comes later. */
static void test_patterns(void **state)
{
	static const char text[] = "[node1]\nzone=movable\n[dax*]\nidle=9\nmode=audit\n"
				   "[dax1.0]\nmode=off\n";

	(void)state;
	plug("dax0.0", 1);
	assert_int_equal(reload(text), 0);
	assert_int_equal(rules_of(&dax0).more.zone, DAXGUARD_ONLY_MOVABLE);
	assert_int_equal(rules_of(&dax0).more.idle_s, 9);
	assert_int_equal(rules_of(&dax0).policy.mode, DAXGUARD_MODE_AUDIT);
	assert_string_equal(origin(&dax0, "zone"), ":2");
	/* not there, so where it will be is not known */
	assert_int_equal(rules_of(&dax1).policy.mode, DAXGUARD_MODE_OFF);
	assert_int_equal(rules_of(&dax1).more.zone, DAXGUARD_ONLY_ANY);
	plug("dax1.0", 1);
	assert_int_equal(configure_device_locked(&dax1), 0);
	assert_int_equal(rules_of(&dax1).more.zone, DAXGUARD_ONLY_MOVABLE);
	assert_int_equal(rules_of(&dax1).policy.mode, DAXGUARD_MODE_OFF);
	assert_string_equal(origin(&dax1, "zone"), ":2");
	/* it comes again, on another node */
	plug("dax1.0", 2);
	assert_int_equal(configure_device_locked(&dax1), 0);
	assert_int_equal(rules_of(&dax1).more.zone, DAXGUARD_ONLY_ANY);
	assert_int_equal(rules_of(&dax1).more.idle_s, 9);
	set_by_verb(&dax1, "zone", "kernel");
	assert_int_equal(configure_device_locked(&dax1), 0);
	assert_int_equal(rules_of(&dax1).more.zone, DAXGUARD_ONLY_KERNEL);
	/* of what is not there any more the name is known, but not where it is */
	unplug("dax0.0");
	assert_int_equal(reload(text), 0);
	assert_int_equal(rules_of(&dax0).policy.mode, DAXGUARD_MODE_AUDIT);
	assert_int_equal(rules_of(&dax0).more.zone, DAXGUARD_ONLY_ANY);
	assert_int_equal(reload(""), 0);
	assert_int_equal(configure_device_locked(&dax0), 0);
	assert_false(has("policy", &dax0));
}

/* --- the order --- */

static const struct {
	const char *before, *after;
	__u8 mode; /* that each device has in one or the other, and never another one */
} moves[] = {
	{ "[*]\nmode=audit\n[dax0.0]\nmode=enforce\n", "[*]\nmode=enforce\n",
	  DAXGUARD_MODE_ENFORCE },
	{ "[*]\nmode=enforce\n", "[*]\nmode=audit\n[dax0.0]\nmode=enforce\n",
	  DAXGUARD_MODE_ENFORCE },
	{ "[*]\nmode=off\n[dax0.0]\nmode=enforce\n",
	  "[*]\nmode=audit\n[dax*]\nmode=enforce\n[dax1.0]\nmode=off\n",
	  DAXGUARD_MODE_ENFORCE },
};

static size_t looks, holes;
static __u8 at_least;

static void look(void)
{
	struct policy_rules rules = rules_of(&dax0);

	looks++;
	holes += rules.policy.mode != at_least;
}

/* dax0.0 is enforced before and after, so it is at each moment in between. */
static void test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		plug("dax0.0", 1);
		assert_int_equal(reload(moves[i].before), 0);
		at_least = moves[i].mode;
		looks = holes = 0;
		fake_update = look;
		assert_int_equal(reload(moves[i].after), 0);
		fake_update = NULL;
		assert_true(looks > 2);
		assert_int_equal(holes, 0);
	}
}

/*
 * Outside a transition no block of dax0.0 may come online into the kernel zone, before and
 * after; of its own or as '*' has it, the other half kept for something else.
 */
static const char *const no_kernel_zone[] = {
	"[*]\nscope=always\n",
	"[*]\nzone=movable\n",
	"[*]\nscope=always\nzone=kernel\n",
	"[dax*]\nscope=always\n",
	"[dax0.0]\nzone=movable\n",
	"[*]\nscope=always\n[dax0.0]\nscope=transition\nzone=movable\n",
	"[*]\nzone=movable\n[dax0.0]\nscope=always\nzone=kernel\n",
	"[*]\nzone=kernel\n[dax0.0]\nzone=movable\n",
	"[*]\nzone=kernel\n[dax0.0]\nscope=always\n",
	"[*]\nscope=always\n[dax0.0]\nidle=9\n",
	"[dax0.0]\nscope=always\nidle=9\n",
	"[*]\nzone=movable\n[dax0.0]\nmax_hold=7\n",
	"[*]\nscope=always\nzone=movable\n[dax0.0]\nscope=transition\n",
	"[*]\nscope=always\n[dax0.0]\nzone=kernel\n",
	"[*]\nscope=always\nzone=kernel\n[dax0.0]\nmax_hold=7\nidle=9\n",
};

static void look_at_zone(void)
{
	struct policy_rules rules = rules_of(&dax0);

	looks++;
	holes += rules.policy.scope != DAXGUARD_SCOPE_ALWAYS &&
		 rules.more.zone != DAXGUARD_ONLY_MOVABLE;
}

/* Scope and zone are in two maps, and one may forbid what the other did until now. */
static void test_order_of_halves(void **state)
{
	(void)state;
	plug("dax0.0", 1);
	for (size_t i = 0; i < ARRAY_SIZE(no_kernel_zone); i++)
		for (size_t j = 0; j < ARRAY_SIZE(no_kernel_zone); j++) {
			assert_int_equal(reload(no_kernel_zone[i]), 0);
			looks = holes = 0;
			fake_update = look_at_zone;
			assert_int_equal(reload(no_kernel_zone[j]), 0);
			fake_update = NULL;
			if (holes)
				fail_msg("from '%s' to '%s'", no_kernel_zone[i],
					 no_kernel_zone[j]);
			assert_true(i == j || looks > 1);
		}
}

static size_t both, neither;

static void look_at_lists(void)
{
	bool allowed = fake_map("allow")->nr,
	     strict = rules_of(&any).policy.mode == DAXGUARD_MODE_ENFORCE;

	/* somebody gets through who is refused by what was and by what is to be */
	neither += allowed && !strict;
	both += allowed && strict;
}

/* Who is never refused goes first and comes last. */
static void test_order_of_lists(void **state)
{
	(void)state;
	assert_int_equal(reload("[*]\nmode=enforce\n[allow]\nuid=1\n"), 0);
	fake_update = look_at_lists;
	both = neither = 0;
	assert_int_equal(reload("[*]\nmode=audit\n"), 0);
	assert_int_equal(neither, 0);
	assert_int_equal(reload("[*]\nmode=enforce\n[allow]\nuid=1\n"), 0);
	assert_int_equal(neither, 0);
	assert_true(both > 0);
	fake_update = NULL;
}

/* --- all or nothing --- */

/* All maps in one, to be compared. */
static char *contents(void)
{
	static const char *const maps[] = { "policy", "policy_more", "allow", "controllers",
					    "origins" };
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		const struct fake_map *m = fake_map(maps[i]);

		fprintf(file, "%s %zu", m->name, m->nr);
		for (size_t j = 0; j < m->nr; j++) {
			size_t sum = 0, k;

			for (k = 0; k < m->key_size; k++)
				sum += (k + 1) * m->keys[j * m->key_size + k];
			for (k = 0; k < m->value_size; k++)
				sum += (k + 77) * m->values[j * m->value_size + k];
			fprintf(file, " %zu", sum);
		}
	}
	fclose(file);
	return text;
}

static void test_all_or_none(void **state)
{
	static const char *const full[] = { "policy", "policy_more", "allow", "controllers",
					    "origins" };
	static const char before[] =
		"[*]\nmode=audit\n[dax0.0]\nidle=3\n[controllers]\nexe=/a\n";
	static const char after[] =
		"[*]\nmode=off\n[dax1.0]\nidle=3\nmode=off\n[allow]\nuid=1\n"
		"[controllers]\nexe=/b\n";
	size_t i, room;
	char *was, *is;

	(void)state;
	assert_int_equal(reload(before), 0);
	was = contents();
	for (i = 0; i < ARRAY_SIZE(full); i++) {
		room = fake_map(full[i])->room;
		fake_map(full[i])->room = fake_map(full[i])->nr;
		assert_int_equal(reload(after), EXIT_FAILED);
		if (!strstr(said, "is full, nothing of the configuration was applied"))
			fail_msg("%s: said %s", full[i], said);
		fake_map(full[i])->room = room;
		is = contents();
		assert_string_equal(was, is);
		free(is);
	}
	free(was);
	/* nor by a file that is wrong */
	was = contents();
	assert_int_equal(reload("[*]\nmode=off\n[dax0.0]\nmode=loud\n"), EXIT_USAGE);
	is = contents();
	assert_string_equal(was, is);
	free(is);
	free(was);
}

/* Lists: by a file, by hand, and told of. */
static void test_lists(void **state)
{
	struct who who;
	struct listed_all all;

	(void)state;
	assert_int_equal(reload("[allow]\nuid=1\nuid=2\n"), 0);
	assert_int_equal(who_parse(&allow_list, "uid=3", &who), 0);
	assert_int_equal(allow_map_add(&allow_list, &who, 1), 0);
	assert_int_equal(reload("[allow]\nuid=2\n"), 0);
	assert_non_null(strstr(said,
			       "'uid=3' stays on the allow list, where it was put by hand: "
			       "'daxguard allow remove uid=3' takes it off"));
	assert_null(strstr(said, "uid=1"));
	assert_int_equal(allow_map_read(&allow_list, &all), 0);
	assert_int_equal(allow_map_origins(&allow_list, &all), 0);
	assert_int_equal(all.nr, 2);
	for (size_t i = 0; i < all.nr; i++)
		if (all.list[i].key.id == 2)
			assert_non_null(strstr(all.list[i].from, "/conf:2"));
		else
			assert_string_equal(all.list[i].from, "by hand");
	free(all.list);
	/* a file that names it is where it comes from */
	assert_int_equal(reload("[allow]\nuid=3\n"), 0);
	assert_int_equal(reload(""), 0);
	assert_int_equal(fake_map("allow")->nr, 0);
	assert_int_equal(fake_map("origins")->nr, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, remove_top)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_goes),	TEST(test_untouched),	    TEST(test_by_hand),
		TEST(test_option),	TEST(test_first),	    TEST(test_patterns),
		TEST(test_order),	TEST(test_order_of_halves), TEST(test_order_of_lists),
		TEST(test_all_or_none), TEST(test_lists),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fake_free();
	return failed;
}
