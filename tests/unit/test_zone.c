/* SPDX-License-Identifier: GPL-2.0-only */
/* Where policy lets a device come online: what the verbs ask for, and what check says. */
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
#include "guard/check_policy.h"
#include "verbs/zone.h"

static struct policy_rules with(__u8 mode, __u8 zone, __u8 online)
{
	struct policy_rules rules = policy_default();

	rules.policy.mode = mode;
	rules.more.zone = zone;
	rules.more.online = online;
	return rules;
}

/* Only what was left open follows policy. */
static void test_auto(void **state)
{
	static const enum daxguard_zone zones[] = { DAXGUARD_ZONE_MOVABLE,
						    DAXGUARD_ZONE_KERNEL };
	struct policy_rules any = with(DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_ANY, 1);
	struct policy_rules movable = with(DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_MOVABLE, 1);
	struct policy_rules kernel = with(DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_KERNEL, 1);
	struct policy_rules odd = with(DAXGUARD_MODE_ENFORCE, 9, 1);

	(void)state;
	assert_int_equal(zone_by_rules(&any, DAXGUARD_ZONE_AUTO), DAXGUARD_ZONE_AUTO);
	assert_int_equal(zone_by_rules(&movable, DAXGUARD_ZONE_AUTO), DAXGUARD_ZONE_MOVABLE);
	assert_int_equal(zone_by_rules(&kernel, DAXGUARD_ZONE_AUTO), DAXGUARD_ZONE_KERNEL);
	assert_int_equal(zone_by_rules(&odd, DAXGUARD_ZONE_AUTO), DAXGUARD_ZONE_MOVABLE);
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		assert_int_equal(zone_by_rules(&movable, zones[i]), zones[i]);
		assert_int_equal(zone_by_rules(&kernel, zones[i]), zones[i]);
	}
}

/* The sentence where the zone is refused, the caller's to free; NULL where it is not. */
static char *refusal(const struct policy_rules *rules, enum daxguard_zone asked)
{
	struct capture c;
	int status;
	char *said;

	opts.json = true; /* errors go to stdout then */
	capture_begin(&c);
	status = zone_check_rules("dax0.0", rules, asked);
	said = capture_end(&c);
	opts.json = false;
	if (status) {
		assert_int_equal(status, EXIT_FAILED);
		return said;
	}
	assert_string_equal(said, "");
	free(said);
	return NULL;
}

static void test_refused(void **state)
{
	struct policy_rules rules = with(DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_MOVABLE, 1);
	char *said = refusal(&rules, DAXGUARD_ZONE_KERNEL);

	(void)state;
	assert_non_null(said);
	assert_non_null(strstr(said, "'dax0.0' may come online in the movable zone only: use "
				     "--zone=movable, or allow it with 'daxguard policy set "
				     "dax0.0 zone=any'"));
	free(said);
	assert_null(refusal(&rules, DAXGUARD_ZONE_MOVABLE));
	assert_null(refusal(&rules, DAXGUARD_ZONE_AUTO));
	rules.more.zone = DAXGUARD_ONLY_KERNEL;
	said = refusal(&rules, DAXGUARD_ZONE_MOVABLE);
	assert_non_null(said);
	assert_non_null(strstr(said, "the kernel's zones only: use --zone=kernel"));
	free(said);
	assert_null(refusal(&rules, DAXGUARD_ZONE_KERNEL));
	rules.policy.mode = DAXGUARD_MODE_AUDIT;
	assert_null(refusal(&rules, DAXGUARD_ZONE_MOVABLE));
	rules.policy.mode = DAXGUARD_MODE_OFF;
	assert_null(refusal(&rules, DAXGUARD_ZONE_MOVABLE));
	/* a byte that means nothing is enforce, and movable */
	rules = with(0, 0, 0);
	said = refusal(&rules, DAXGUARD_ZONE_KERNEL);
	assert_non_null(said);
	free(said);
	rules = policy_default();
	assert_null(refusal(&rules, DAXGUARD_ZONE_KERNEL));
	assert_null(refusal(&rules, DAXGUARD_ZONE_MOVABLE));
}

/* What a check says, one finding a line. */
struct said {
	char text[2 * CHECK_LEN];
};

static void keep(struct checks *c, enum finding finding, const char *what, const char *text)
{
	struct said *said = c->context;
	size_t len = strlen(said->text);

	assert_string_equal(what, "policy");
	snprintf(said->text + len, sizeof(said->text) - len, "%s%s\n",
		 finding == WARNING ? "warning " : "", text);
}

static void expect_said(struct policy_rules rules, __u32 hooks, const char *text)
{
	struct said said = {};
	struct checks c = { .found = keep, .context = &said };

	check_rules(&c, "dax0.0", &rules, hooks);
	assert_string_equal(said.text, text);
}

#define LEFT ", and when kmem has bound it, it is left as it is"

static void test_check(void **state)
{
	struct policy_rules movable = with(DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_MOVABLE, 1);
	struct policy_rules audit = with(DAXGUARD_MODE_AUDIT, DAXGUARD_ONLY_KERNEL, 1);
	struct policy_rules off = with(DAXGUARD_MODE_OFF, DAXGUARD_ONLY_KERNEL, 1);

	(void)state;
	expect_said(policy_default(), DAXGUARD_HOOKS_MODULE,
		    "'dax0.0' may come online in any zone" LEFT "\n");
	expect_said(movable, DAXGUARD_HOOKS_MODULE | DAXGUARD_HOOKS_ZONE,
		    "'dax0.0' may come online in the movable zone only (enforced by the zone "
		    "that a block really gets)" LEFT "\n");
	expect_said(movable, DAXGUARD_HOOKS_LSM,
		    "'dax0.0' may come online in the movable zone only (enforced by the words "
		    "online_movable and online_kernel only)" LEFT "\n");
	expect_said(movable, DAXGUARD_HOOKS_MODULE,
		    "warning 'dax0.0' may come online in the movable zone only (not enforced: "
		    "the kernel hook asks about no zones)" LEFT
		    ": install the module or patch of this version and run 'daxguard load', "
		    "or run 'daxguard load --hooks=both'\n");
	expect_said(audit, DAXGUARD_HOOKS_BUILTIN | DAXGUARD_HOOKS_ZONE,
		    "'dax0.0' may come online in the kernel's zones only (reported by the "
		    "zone that a block really gets)" LEFT "\n");
	expect_said(off, DAXGUARD_HOOKS_MODULE,
		    "'dax0.0' may come online in the kernel's zones only (not enforced: "
		    "mode=off)" LEFT "\n");
}

static void test_check_bring_up(void **state)
{
	struct policy_rules rules =
		with(DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_ANY, DAXGUARD_BRING_UP_KERNEL);

	(void)state;
	expect_said(rules, DAXGUARD_HOOKS_LSM,
		    "'dax0.0' may come online in any zone, and when kmem has bound it, it is "
		    "brought online in the kernel's zones\n");
	rules.more.zone = DAXGUARD_ONLY_MOVABLE;
	expect_said(rules, DAXGUARD_HOOKS_ZONE,
		    "'dax0.0' may come online in the movable zone only (enforced by the zone "
		    "that a block really gets), and when kmem has bound it, it is brought "
		    "online in the kernel's zones\n"
		    "warning 'dax0.0' is to be brought online where it may not be: set zone "
		    "or online with 'daxguard policy set dax0.0'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_bring_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
