/* SPDX-License-Identifier: GPL-2.0-only */
/* How events and transitions are shown: kinds, zones, and how long nothing has changed. */
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
#include "control.h"
#include "guard/guard.h"
#include "show/event.h"
#include "show/origin.h"
#include "show/output.h"

static const struct daxguard_event refused = {
	.event = DAXGUARD_EV_REFUSED,
	.hook = DAXGUARD_HOOK_KERNEL,
	.block = 33,
	.result = -16,
	.count = 1,
	.device = "dax0.0",
	.comm = "sh",
	.file = "state",
	.exe = "busybox",
};

/* What is said about H, in text or in JSON; the caller's to free. */
static char *shown(const struct daxguard_history *h, bool json)
{
	const struct cgroups none = { .fd = -1 };
	struct event_record e;
	struct capture c;
	char *said;

	event_record(&e, h);
	opts.json = json;
	capture_begin(&c);
	assert_int_equal(print_event(&e, 4711, 0, &none), 0);
	said = capture_end(&c);
	opts.json = false;
	return said;
}

static void expect(const struct daxguard_history *h, bool json, const char *text)
{
	char *said = shown(h, json);

	if (!strstr(said, text))
		fail_msg("'%s' is not in: %s", text, said);
	free(said);
}

static void expect_not(const struct daxguard_history *h, bool json, const char *text)
{
	char *said = shown(h, json);

	if (strstr(said, text))
		fail_msg("'%s' is in: %s", text, said);
	free(said);
}

static void test_zone_event(void **state)
{
	struct daxguard_history h = { .event.event = refused,
				      .zone = DAXGUARD_ONLY_KERNEL,
				      .allowed = DAXGUARD_ONLY_MOVABLE };

	(void)state;
	expect(&h, false, "uid 0, online into the kernel zone, only movable is allowed: ");
	expect(&h, true, "\"zone\":\"kernel\"");
	expect(&h, true, "\"zone_allowed\":\"movable\"");
	expect_not(&h, true, "ancestor");
	h.zone = DAXGUARD_ONLY_ANY;
	h.allowed = DAXGUARD_ONLY_KERNEL;
	expect(&h, false, ", online into any zone, only kernel is allowed: ");
	/* as a newer guard may say */
	h.zone = 77;
	expect(&h, true, "\"zone\":\"unknown\"");
}

/* What is zero is not there. */
static void test_other_events(void **state)
{
	struct daxguard_history plain = { .event.event = refused };
	struct daxguard_history above = { .event = { .event = refused,
						     .ancestor = { "cxl", "region0" },
						     .below = { { "dax0.0" } },
						     .nr_below = 1 } };

	(void)state;
	expect(&plain, false, "refused  dax0.0 memory33/state by ");
	expect(&plain, true, ",\"seq\":4711}");
	expect_not(&plain, true, "zone");
	expect_not(&plain, true, "ancestor");
	expect_not(&plain, false, "zone");
	expect(&above, true, "\"below_total\":1");
	expect(&above, false, ", by way of region0 (cxl), which takes dax0.0");
	expect_not(&above, true, "zone");
}

static void test_gap(void **state)
{
	struct capture c;
	char *said;

	(void)state;
	capture_begin(&c);
	assert_int_equal(print_lost_events(5, 9), 0);
	said = capture_end(&c);
	assert_string_equal(
		said, "-                           gap      5 lost, from number 5 to 9\n");
	free(said);
	opts.json = true;
	capture_begin(&c);
	assert_int_equal(print_lost_events(7, 7), 0);
	said = capture_end(&c);
	opts.json = false;
	assert_string_equal(
		said, "{\"time\":null,\"event\":\"gap\",\"first\":7,\"last\":7,\"lost\":1}\n");
	free(said);
}

/* A name for each number, and back. */
static void test_event_names(void **state)
{
	(void)state;
#define ONE_EVENT(id, number, name)                           \
	assert_int_equal(event_type(name), DAXGUARD_EV_##id); \
	assert_string_equal(event_name(DAXGUARD_EV_##id), name);
	DAXGUARD_EVENTS(ONE_EVENT)
#undef ONE_EVENT
	assert_int_equal(event_type("gap"), 0);
	assert_int_equal(event_type(""), 0);
}

/* Each has a word of its own, which is that of the manual page. */
static void test_kinds(void **state)
{
	char *man = read_page("man/daxguard.8.scd");
	struct daxguard_history h = { .event.event = refused };
	__u32 kind;

	(void)state;
	for (kind = DAXGUARD_KIND_DECLARED; kind <= DAXGUARD_KIND_ADOPTED; kind++) {
		assert_string_not_equal(kind_name(kind), kind_name(DAXGUARD_KIND_NONE));
		if (!strstr(man, kind_name(kind)))
			fail_msg("the manual page has no kind '%s'", kind_name(kind));
	}
	assert_string_equal(kind_name(kind), kind_name(DAXGUARD_KIND_NONE));
	h.event.event.kind = DAXGUARD_KIND_ADOPTED;
	expect(&h, false, "dax0.0 adopted memory33/state");
	expect(&h, true, "\"kind\":\"adopted\"");
	free(man);
}

static void test_idle(void **state)
{
	const __u64 second = 1000000000;
	struct guard_transition held = {
		.device = { "dax0.0" },
		.t = { .begin_ns = now_ns() - 9 * second,
		       .kind = DAXGUARD_KIND_ADOPTED,
		       .named_comm = "agent",
		       .begun = 1 },
		.changed_ns = now_ns() - 2 * second - second / 10,
	};
	struct json_object *obj = guard_transition_json(&held), *idle;
	char text[256];

	(void)state;
	assert_true(json_object_object_get_ex(obj, "idle_ms", &idle));
	assert_in_range(json_object_get_int64(idle), 2100, 2900);
	json_object_put(obj);
	guard_transition_text(&held, text, sizeof(text));
	assert_memory_equal(text, "adopted by ", strlen("adopted by "));
	assert_non_null(strstr(text, "(agent), 9."));
	assert_non_null(strstr(text, ", no deadline, 0 refused, idle 2."));
	/* where that is not known, or no other kind than that */
	held.changed_ns = 0;
	guard_transition_text(&held, text, sizeof(text));
	assert_null(strstr(text, "idle"));
	obj = guard_transition_json(&held);
	assert_true(json_object_object_get_ex(obj, "idle_ms", &idle));
	assert_null(idle);
	json_object_put(obj);
	held.t.kind = DAXGUARD_KIND_DECLARED;
	obj = guard_transition_json(&held);
	assert_false(json_object_object_get_ex(obj, "idle_ms", NULL));
	json_object_put(obj);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zone_event), cmocka_unit_test(test_other_events),
		cmocka_unit_test(test_gap),	   cmocka_unit_test(test_event_names),
		cmocka_unit_test(test_kinds),	   cmocka_unit_test(test_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
