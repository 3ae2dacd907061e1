/* SPDX-License-Identifier: GPL-2.0-only */
/* Who was refused: the elements of the map as rows, and whom enforce would hurt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_maps.h"
#include "guard/tally.h"

static int begin(void **state)
{
	(void)state;
	fake_empty();
	return 0;
}

static void put(struct daxguard_tally_key key, struct daxguard_tally t)
{
	int map = bpf_obj_get("/tally");

	assert_int_equal(bpf_map_update_elem(map, &key, &t, BPF_ANY), 0);
	close(map);
}

#define KEY(type, who, where, what)   \
	((struct daxguard_tally_key){ \
		.device = { what }, .exe = who, .unit = where, .event = type })

static void test_rows(void **state)
{
	struct culprits all;
	char buf[128];

	(void)state;
	put(KEY(DAXGUARD_EV_AUDITED, "udevadm", "udev.service", "dax0.0"),
	    (struct daxguard_tally){ 3, 20, 30, 1, "online" });
	put(KEY(DAXGUARD_EV_REFUSED, "sh", "cron.service", "dax0.0"),
	    (struct daxguard_tally){ 2, 40, 50, 1, "state" });
	put(KEY(DAXGUARD_EV_REFUSED, "udevadm", "udev.service", "dax0.0"),
	    (struct daxguard_tally){ 7, 10, 25, 1, "state" });
	put(KEY(DAXGUARD_EV_SLIPPED, "", "", "dax1.0"),
	    (struct daxguard_tally){ 1, 60, 60, 1, "offline" });
	assert_int_equal(tally_read(&all, NULL), 0);
	assert_int_equal(all.nr, 3);
	/* two elements of one program are one row, with the later file */
	assert_string_equal(culprit_program(&all.list[0], buf, sizeof(buf)), "udevadm");
	assert_string_equal(culprit_unit(&all.list[0], buf, sizeof(buf)), "udev.service");
	assert_string_equal(culprit_file(&all.list[0], buf, sizeof(buf)), "online");
	assert_int_equal(all.list[0].refused, 7);
	assert_int_equal(all.list[0].would_be, 3);
	assert_int_equal(all.list[0].first_ns, 10);
	assert_int_equal(all.list[0].last_ns, 30);
	assert_string_equal(culprit_program(&all.list[1], buf, sizeof(buf)), "sh");
	assert_string_equal(culprit_program(&all.list[2], buf, sizeof(buf)), "[kernel]");
	assert_string_equal(culprit_unit(&all.list[2], buf, sizeof(buf)), "-");
	assert_int_equal(all.list[2].slipped, 1);
	free(all.list);
	assert_int_equal(tally_read(&all, "dax1.0"), 0);
	assert_int_equal(all.nr, 1);
	free(all.list);
	assert_int_equal(tally_read(&all, "dax1"), 0);
	assert_int_equal(all.nr, 0);
	free(all.list);
}

/* The loader's elements are no row until something was counted there. */
static void test_others(void **state)
{
	struct culprits all;
	char buf[128];
	int map = bpf_obj_get("/tally");

	(void)state;
	assert_int_equal(tally_seed(map), 0);
	assert_int_equal(tally_read(&all, NULL), 0);
	assert_int_equal(all.nr, 0);
	put(KEY(DAXGUARD_EV_REFUSED, "", "", ""), (struct daxguard_tally){ .count = 5 });
	put(KEY(DAXGUARD_EV_AUDITED, "", "", ""), (struct daxguard_tally){ .count = 6 });
	/* a second load leaves it as it is */
	assert_int_equal(tally_seed(map), 0);
	close(map);
	assert_int_equal(tally_read(&all, NULL), 0);
	assert_int_equal(all.nr, 1);
	assert_string_equal(culprit_program(&all.list[0], buf, sizeof(buf)), "others");
	assert_string_equal(culprit_device(&all.list[0], buf, sizeof(buf)), "-");
	assert_int_equal(all.list[0].refused, 5);
	assert_int_equal(all.list[0].would_be, 6);
	free(all.list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rows, begin),
		cmocka_unit_test_setup(test_others, begin),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fake_free();
	return failed;
}
