/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy words: what is taken, what is refused, and what stays put. */
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
#include "option.h"
#include "policy/policy.h"

/* Parse one word over a clean change. */
static int parse_one(const char *word, struct policy_change *change)
{
	char *args[] = { (char *)word };
	const char *bad = NULL;
	int err;

	memset(change, 0, sizeof(*change));
	err = policy_parse(change, args, 1, &bad);
	if (err)
		assert_ptr_equal(bad, word);
	return err;
}

static struct policy_rules rules_of(const char *word)
{
	struct policy_rules rules = policy_default();
	struct policy_change change;

	assert_int_equal(parse_one(word, &change), 0);
	policy_apply(&change, &rules);
	return rules;
}

static struct daxguard_policy applied(const char *word)
{
	return rules_of(word).policy;
}

static struct daxguard_policy_more more(const char *word)
{
	return rules_of(word).more;
}

/* Bits that mean nothing cannot be named: any set puts them right. */
static void test_apply_cleans(void **state)
{
	const struct policy_rules standard = policy_default();
	struct policy_rules rules = standard;
	struct policy_change change;
	char odd[POLICY_ODD];

	(void)state;
	rules.policy.zero = 1;
	rules.policy.flags |= (__u8)~DAXGUARD_FLAGS_ALL;
	rules.more.zero = 1;
	rules.more.room = 1;
	assert_true(policy_odd_bytes(&rules, POLICY_BOTH, odd, sizeof(odd)));
	assert_int_equal(parse_one("mode=enforce", &change), 0);
	policy_apply(&change, &rules);
	assert_false(policy_odd_bytes(&rules, POLICY_BOTH, odd, sizeof(odd)));
	assert_memory_equal(&rules, &standard, sizeof(rules));
}

static void test_default(void **state)
{
	struct policy_rules rules = policy_default();
	char odd[POLICY_ODD];

	(void)state;
	assert_int_equal(rules.policy.mode, DAXGUARD_MODE_ENFORCE);
	assert_int_equal(rules.policy.scope, DAXGUARD_SCOPE_TRANSITION);
	assert_int_equal(rules.policy.flags, DAXGUARD_FLAGS_DEFAULT);
	assert_int_equal(rules.policy.max_hold_s, 600);
	assert_int_equal(rules.more.zone, DAXGUARD_ONLY_ANY);
	assert_int_equal(rules.more.online, DAXGUARD_BRING_UP_LEAVE);
	assert_int_equal(rules.more.idle_s, 5);
	assert_false(policy_odd_bytes(&rules, POLICY_BOTH, odd, sizeof(odd)));
	assert_string_equal(odd, "");
}

static void test_every_word(void **state)
{
	(void)state;
	assert_int_equal(applied("mode=off").mode, DAXGUARD_MODE_OFF);
	assert_int_equal(applied("mode=audit").mode, DAXGUARD_MODE_AUDIT);
	assert_int_equal(applied("mode=enforce").mode, DAXGUARD_MODE_ENFORCE);
	assert_int_equal(applied("scope=transition").scope, DAXGUARD_SCOPE_TRANSITION);
	assert_int_equal(applied("scope=always").scope, DAXGUARD_SCOPE_ALWAYS);
	assert_int_equal(applied("unbind=allow").flags,
			 DAXGUARD_FLAGS_DEFAULT & ~DAXGUARD_REFUSE_UNBIND);
	assert_int_equal(applied("unbind=refuse").flags, DAXGUARD_FLAGS_DEFAULT);
	assert_int_equal(applied("bind=hold").flags,
			 DAXGUARD_FLAGS_DEFAULT | DAXGUARD_HOLD_ON_BIND);
	assert_int_equal(applied("bind=free").flags, DAXGUARD_FLAGS_DEFAULT);
	assert_int_equal(applied("auto_online=refuse").flags,
			 DAXGUARD_FLAGS_DEFAULT | DAXGUARD_REFUSE_AUTO_ONLINE);
	assert_int_equal(applied("auto_online=allow").flags, DAXGUARD_FLAGS_DEFAULT);
	assert_int_equal(applied("mapping=allow").flags,
			 DAXGUARD_FLAGS_DEFAULT & ~DAXGUARD_REFUSE_MAPPING);
	assert_int_equal(applied("mapping=refuse").flags, DAXGUARD_FLAGS_DEFAULT);
	assert_int_equal(applied("max_hold=0").max_hold_s, 0);
	assert_int_equal(applied("max_hold=4294967295").max_hold_s, UINT32_MAX);
	assert_int_equal(more("zone=any").zone, DAXGUARD_ONLY_ANY);
	assert_int_equal(more("zone=movable").zone, DAXGUARD_ONLY_MOVABLE);
	assert_int_equal(more("zone=kernel").zone, DAXGUARD_ONLY_KERNEL);
	assert_int_equal(more("online=leave").online, DAXGUARD_BRING_UP_LEAVE);
	assert_int_equal(more("online=movable").online, DAXGUARD_BRING_UP_MOVABLE);
	assert_int_equal(more("online=kernel").online, DAXGUARD_BRING_UP_KERNEL);
	assert_int_equal(more("idle=0").idle_s, 0);
	assert_int_equal(more("idle=4294967295").idle_s, UINT32_MAX);
}

static const char *const hostile_words[] = {
	"",
	"=",
	"mode",
	"mode=",
	"=off",
	"mode=Off",
	"MODE=off",
	"mode=off ",
	" mode=off",
	"mode =off",
	"mode= off",
	"mode=off,audit",
	"mode=offf",
	"mode=of",
	"mode=1",
	"mod=off",
	"modes=off",
	"mode=off\n",
	"mode==off",
	"scope=off",
	"scope=refuse",
	"unbind=hold",
	"bind=refuse",
	"bind=allow",
	"auto_online=1",
	"mapping=deny",
	"auto-online=refuse",
	"frob=1",
	"max_hold=",
	"max_hold=-1",
	"max_hold=+1",
	"max_hold=1s",
	"max_hold=0x10",
	"max_hold= 1",
	"max_hold=1.5",
	"max_hold=4294967296",
	"max_hold=18446744073709551616",
	"max_hold=99999999999999999999999999",
	"max_hold=\xef\xbc\x91",
	"\xff=\xff",
	"mode=enforce=audit",
	"zone=",
	"zone=auto",
	"zone=Movable",
	"zone=leave",
	"zone=1",
	"zones=any",
	"online=any",
	"online=auto",
	"online=on",
	"online=",
	"idle=",
	"idle=-1",
	"idle=5s",
	"idle=0.5",
	"idle=4294967296",
	"idle=none",
};

static void test_hostile_words(void **state)
{
	struct policy_change change, untouched = {};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(hostile_words); i++) {
		if (parse_one(hostile_words[i], &change) >= 0)
			fail_msg("'%s' was taken", hostile_words[i]);
		assert_memory_equal(&change, &untouched, sizeof(change));
	}
}

static void test_long_word(void **state)
{
	struct policy_change change;
	char *word = malloc(1 << 20);

	(void)state;
	assert_non_null(word);
	memset(word, 'm', 1 << 20);
	word[(1 << 20) - 1] = 0;
	assert_true(parse_one(word, &change) < 0);
	memcpy(word, "mode=", 5);
	assert_true(parse_one(word, &change) < 0);
	memset(word, '1', (1 << 20) - 1);
	memcpy(word, "max_hold=", 9);
	assert_true(parse_one(word, &change) < 0);
	free(word);
}

static void test_nothing_on_error(void **state)
{
	char *args[] = { "mode=off", "scope=always", "frob=1" };
	char *doubles[] = { "mode=off", "mode=off" };
	char *flags[] = { "unbind=allow", "unbind=refuse" };
	struct policy_change change = {}, untouched = {};
	const char *bad;

	(void)state;
	assert_int_equal(policy_parse(&change, args, 3, &bad), -ENOENT);
	assert_string_equal(bad, "frob=1");
	assert_memory_equal(&change, &untouched, sizeof(change));
	assert_int_equal(policy_parse(&change, doubles, 2, &bad), -EEXIST);
	assert_ptr_equal(bad, doubles[1]);
	assert_int_equal(policy_parse(&change, flags, 2, &bad), -EEXIST);
	assert_memory_equal(&change, &untouched, sizeof(change));
	/* and across calls: a file says it, then says it again */
	assert_int_equal(policy_take(&change, "mode", "off"), 0);
	assert_int_equal(policy_take(&change, "mode", "audit"), -EEXIST);
	assert_int_equal(policy_take(&change, "", ""), -ENOENT);
	assert_int_equal(policy_take(&change, "scope", "alway"), -EINVAL);
	assert_int_equal(change.value.policy.mode, DAXGUARD_MODE_OFF);
}

/* One word of a key: it is shown as it was set; that of a flag changes one bit and nothing
 * else. */
static void check_shown(size_t nr, const char *key, const char *value)
{
	struct policy_rules before = policy_default(), rules;
	char text[64], buf[16];
	int bits;

	snprintf(text, sizeof(text), "%s=%s", key, value);
	rules = rules_of(text);
	if (strcmp(policy_value(&rules, nr, buf, sizeof(buf)), value))
		fail_msg("'%s' is shown as '%s'", text,
			 policy_value(&rules, nr, buf, sizeof(buf)));
	bits = rules.policy.flags ^ before.policy.flags;
	if (bits & (bits - 1))
		fail_msg("'%s' changes more than one flag", text);
	rules.policy.flags ^= bits;
	if (bits)
		assert_memory_equal(&rules, &before, sizeof(rules));
}

/* What is set is what is shown, key by key. */
static void test_shown(void **state)
{
	struct policy_rules rules;
	struct opt word;
	char buf[16], none[32];
	size_t nr;
	int i;

	(void)state;
	for (nr = 0; policy_word(nr, &word); nr++) {
		assert_true(nr + 1 < POLICY_MOST_WORDS);
		for (i = 0; word.values && word.values[i]; i++)
			check_shown(nr, word.name, word.values[i]);
		if (word.values)
			continue;
		check_shown(nr, word.name, "7");
		snprintf(none, sizeof(none), "%s=0", word.name);
		rules = rules_of(none);
		assert_string_equal(policy_value(&rules, nr, buf, sizeof(buf)), "none");
	}
	assert_true(nr > 0);
}

static void test_merge(void **state)
{
	char *args[] = { "bind=hold", "unbind=allow", "max_hold=5", "zone=kernel" };
	struct policy_rules rules = {
		.policy = { .mode = DAXGUARD_MODE_AUDIT,
			    .scope = DAXGUARD_SCOPE_ALWAYS,
			    .flags = DAXGUARD_REFUSE_UNBIND | DAXGUARD_REFUSE_AUTO_ONLINE,
			    .max_hold_s = 1 },
		.more = { .zone = DAXGUARD_ONLY_MOVABLE,
			  .online = DAXGUARD_BRING_UP_MOVABLE,
			  .idle_s = 9 },
	};
	struct policy_change change = {};
	const char *bad;

	(void)state;
	assert_int_equal(policy_parse(&change, args, ARRAY_SIZE(args), &bad), 0);
	policy_apply(&change, &rules);
	assert_int_equal(rules.policy.mode, DAXGUARD_MODE_AUDIT);
	assert_int_equal(rules.policy.scope, DAXGUARD_SCOPE_ALWAYS);
	assert_int_equal(rules.policy.flags,
			 DAXGUARD_HOLD_ON_BIND | DAXGUARD_REFUSE_AUTO_ONLINE);
	assert_int_equal(rules.policy.max_hold_s, 5);
	assert_int_equal(rules.more.zone, DAXGUARD_ONLY_KERNEL);
	assert_int_equal(rules.more.online, DAXGUARD_BRING_UP_MOVABLE);
	assert_int_equal(rules.more.idle_s, 9);
}

/* Each key is in one of the two maps, and only what is named is written. */
static void test_halves(void **state)
{
	char *both[] = { "mode=audit", "zone=movable" };
	struct policy_change change = {};
	const char *bad;

	(void)state;
	assert_int_equal(policy_halves(&change), 0);
	assert_int_equal(parse_one("max_hold=1", &change), 0);
	assert_int_equal(policy_halves(&change), 1 << POLICY_FIRST);
	assert_int_equal(parse_one("unbind=allow", &change), 0);
	assert_int_equal(policy_halves(&change), 1 << POLICY_FIRST);
	assert_int_equal(parse_one("zone=any", &change), 0);
	assert_int_equal(policy_halves(&change), 1 << POLICY_MORE);
	assert_int_equal(parse_one("online=leave", &change), 0);
	assert_int_equal(policy_halves(&change), 1 << POLICY_MORE);
	assert_int_equal(parse_one("idle=1", &change), 0);
	assert_int_equal(policy_halves(&change), 1 << POLICY_MORE);
	memset(&change, 0, sizeof(change));
	assert_int_equal(policy_parse(&change, both, 2, &bad), 0);
	assert_int_equal(policy_halves(&change), POLICY_BOTH);
}

static void test_meaningless_bytes(void **state)
{
	struct policy_rules rules = policy_default(), all;
	char odd[POLICY_ODD], expected[POLICY_ODD], small[8];
	int byte;

	(void)state;
	for (byte = 0; byte < 256; byte++) {
		rules.policy.mode = byte;
		assert_int_equal(policy_odd_bytes(&rules, POLICY_BOTH, odd, sizeof(odd)),
				 byte < 1 || byte > 3);
		if (byte < 1 || byte > 3)
			assert_string_equal(policy_mode(&rules.policy), "enforce");
	}
	rules.policy.mode = 7;
	assert_true(policy_odd_bytes(&rules, POLICY_BOTH, odd, sizeof(odd)));
	assert_string_equal(odd, "mode enforce (byte 0x07)");
	memset(&all, 0xff, sizeof(all));
	assert_true(policy_odd_bytes(&all, 1 << POLICY_FIRST, odd, sizeof(odd)));
	snprintf(expected, sizeof(expected),
		 "mode enforce (byte 0xff), scope transition (byte 0xff), "
		 "flags (bits 0x%02x), zero (byte 0xff)",
		 (__u8)~DAXGUARD_FLAGS_ALL);
	assert_string_equal(odd, expected);
	assert_true(policy_odd_bytes(&all, POLICY_BOTH, small, sizeof(small)));
	assert_int_equal(strlen(small), sizeof(small) - 1);
}

/* Of the second half they are told where a device has one of its own, and only there. */
static void test_meaningless_more(void **state)
{
	struct policy_rules rules = policy_default(), all;
	char odd[POLICY_ODD];
	int byte;

	(void)state;
	for (byte = 0; byte < 256; byte++) {
		rules.more.zone = byte;
		assert_int_equal(policy_odd_bytes(&rules, POLICY_BOTH, odd, sizeof(odd)),
				 byte < 1 || byte > 3);
		assert_int_equal(policy_zone(&rules.more),
				 byte == 1 || byte == 3 ? byte : DAXGUARD_ONLY_MOVABLE);
	}
	rules = policy_default();
	for (byte = 0; byte < 256; byte++) {
		rules.more.online = byte;
		assert_int_equal(policy_odd_bytes(&rules, POLICY_BOTH, odd, sizeof(odd)),
				 byte < 1 || byte > 3);
		assert_int_equal(policy_bring_up(&rules.more),
				 byte == 2 || byte == 3 ? byte : DAXGUARD_BRING_UP_LEAVE);
	}
	memset(&all, 0xff, sizeof(all));
	assert_true(policy_odd_bytes(&all, 1 << POLICY_MORE, odd, sizeof(odd)));
	assert_string_equal(odd, "zone movable (byte 0xff), online leave (byte 0xff), "
				 "zero of more (0xffff), room of more (0xffffffffffffffff)");
	assert_true(policy_odd_bytes(&all, POLICY_BOTH, odd, sizeof(odd)));
	assert_true(strlen(odd) < sizeof(odd) - 1);
	all.policy = policy_default().policy;
	assert_false(policy_odd_bytes(&all, 1 << POLICY_FIRST, odd, sizeof(odd)));
	assert_string_equal(odd, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_apply_cleans),
		cmocka_unit_test(test_every_word),
		cmocka_unit_test(test_hostile_words),
		cmocka_unit_test(test_long_word),
		cmocka_unit_test(test_nothing_on_error),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_meaningless_bytes),
		cmocka_unit_test(test_meaningless_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
