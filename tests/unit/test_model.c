/* SPDX-License-Identifier: GPL-2.0-only */
/* The sysfs model over a made-up tree: ranges, blocks, zones, and broken values. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

#include "array.h"
#include "model.h"

#define MIB (1ULL << 20)
#define BLOCK (128 * MIB)

static char root[] = "/tmp/daxguard-model-XXXXXX";
static char device_path[64];

/* Write TEXT to a file below the tree, making its directories. */
__attribute__((format(printf, 2, 3))) static void put(const char *text, const char *fmt, ...)
{
	char path[512], *slash;
	size_t len;
	va_list args;
	int fd;

	len = snprintf(path, sizeof(path), "%s/", root);
	va_start(args, fmt);
	vsnprintf(path + len, sizeof(path) - len, fmt, args);
	va_end(args);
	for (slash = strchr(path + len, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		assert_true(!mkdir(path, 0700) || errno == EEXIST);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void put_block(unsigned int nr, const char *state, const char *zones)
{
	put(state, "devices/system/memory/memory%u/state", nr);
	if (zones)
		put(zones, "devices/system/memory/memory%u/valid_zones", nr);
}

static void put_mapping(unsigned int nr, unsigned long long start, unsigned long long end)
{
	char text[32];

	snprintf(text, sizeof(text), "%#llx\n", start);
	put(text, "dax0.0/mapping%u/start", nr);
	snprintf(text, sizeof(text), "%#llx\n", end);
	put(text, "dax0.0/mapping%u/end", nr);
}

static int remove_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int make_tree(void **state)
{
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	*state = mkdtemp(root);
	assert_non_null(*state);
	snprintf(device_path, sizeof(device_path), "%s/dax0.0", root);
	model_set_root(root);
	put("8000000\n", "devices/system/memory/block_size_bytes");
	put("0\n", "dax0.0/size");
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	model_set_root("/sys");
	return nftw(root, remove_path, 16, FTW_DEPTH | FTW_PHYS);
}

/* Read the device of the tree; free it with model_free(). */
static int read_tree(struct dax_devices *devs)
{
	devs->dev = calloc(1, sizeof(*devs->dev));
	assert_non_null(devs->dev);
	devs->nr = 1;
	return model_read(devs->dev, device_path);
}

static void expect_read(int result)
{
	struct dax_devices devs;

	assert_int_equal(read_tree(&devs), result);
	model_free(&devs);
}

static long long inside(unsigned long long start, unsigned long long end, __u64 size,
			__u32 *first)
{
	struct dax_range range = { start, end };

	return blocks_inside(&range, size, first);
}

static void test_inward_alignment(void **state)
{
	__u32 first = 99;

	(void)state;
	assert_int_equal(inside(0, BLOCK - 1, BLOCK, &first), 1);
	assert_int_equal(first, 0);
	assert_int_equal(inside(0, BLOCK - 2, BLOCK, &first), 0);
	assert_int_equal(inside(1, BLOCK - 1, BLOCK, &first), 0);
	assert_int_equal(inside(1, 2 * BLOCK - 1, BLOCK, &first), 1);
	assert_int_equal(first, 1);
	assert_int_equal(inside(1, 3 * BLOCK - 2, BLOCK, &first), 1);
	assert_int_equal(first, 1);
	assert_int_equal(inside(1, BLOCK + 1, BLOCK, &first), 0);
	assert_int_equal(inside(4096 * MIB, 5120 * MIB - 1, BLOCK, &first), 8);
	assert_int_equal(first, 32);
	assert_int_equal(inside(BLOCK, BLOCK, BLOCK, &first), 0);
}

static void test_impossible_ranges(void **state)
{
	__u32 first;

	(void)state;
	assert_int_equal(inside(1, 0, BLOCK, &first), -ERANGE);
	assert_int_equal(inside(0, BLOCK - 1, 0, &first), -ERANGE);
	assert_int_equal(inside(0, UINT64_MAX, BLOCK, &first), -ERANGE);
	assert_int_equal(inside(0, UINT64_MAX, 1, &first), -ERANGE);
	assert_int_equal(inside(UINT64_MAX, UINT64_MAX, BLOCK, &first), -ERANGE);
	assert_int_equal(inside(0, UINT64_MAX, 1ULL << 63, &first), 2);
}

static void test_zone_and_state(void **state)
{
	char zone[ZONE_LEN];

	(void)state;
	parse_zone("Movable\n", zone);
	assert_string_equal(zone, "Movable");
	parse_zone("Normal Movable", zone);
	assert_string_equal(zone, "Normal");
	parse_zone("", zone);
	assert_string_equal(zone, "");
	parse_zone("averyveryverylongzonename Movable", zone);
	assert_string_equal(zone, "averyveryverylo");
	assert_int_equal(parse_state("online"), BLOCK_ONLINE);
	assert_int_equal(parse_state("offline"), BLOCK_OFFLINE);
	assert_int_equal(parse_state("going-offline"), BLOCK_GOING_OFFLINE);
	assert_int_equal(parse_state("online_movable"), BLOCK_OFFLINE);
}

static void test_name_order(void **state)
{
	(void)state;
	assert_true(compare_names("dax0.2", "dax0.10") < 0);
	assert_true(compare_names("dax10.0", "dax9.5") > 0);
	assert_int_equal(compare_names("dax1.1", "dax1.1"), 0);
	assert_true(compare_names("*", "dax0.0") < 0);
	assert_true(compare_names("", "dax0.0") < 0);
}

static void test_two_ranges(void **state)
{
	struct dax_devices devs;
	struct dax_device *dev;

	(void)state;
	put("536870912\n", "dax0.0/size");
	put("1\n", "dax0.0/target_node");
	/* out of order, the second one cut inwards to memory10 */
	put_mapping(0, 10 * BLOCK - 4096, 11 * BLOCK + 4095);
	put_mapping(7, 4 * BLOCK, 6 * BLOCK - 1);
	put("write only\n", "dax0.0/mapping");
	put_block(4, "online\n", "Movable\n");
	put_block(5, "offline\n", "Normal Movable\n");
	put_block(9, "online\n", "Normal\n"); /* someone else's */
	put_block(11, "online\n", "Normal\n");
	assert_int_equal(read_tree(&devs), 0);
	dev = devs.dev;
	assert_int_equal(dev->size, 536870912);
	assert_int_equal(dev->target_node, 1);
	assert_int_equal(dev->nr_ranges, 2);
	assert_int_equal(dev->ranges[0].start, 4 * BLOCK);
	assert_int_equal(dev->ranges[1].end, 11 * BLOCK + 4095);
	assert_int_equal(dev->nr_blocks, 3);
	assert_int_equal(dev->blocks[0].nr, 4);
	assert_int_equal(dev->blocks[0].state, BLOCK_ONLINE);
	assert_string_equal(dev->blocks[0].zone, "Movable");
	assert_int_equal(dev->blocks[1].state, BLOCK_OFFLINE);
	assert_string_equal(dev->blocks[1].zone, "");
	assert_int_equal(dev->blocks[2].nr, 10);
	assert_int_equal(dev->blocks[2].state, BLOCK_ABSENT);
	assert_null(dev->attribute);
	model_free(&devs);
}

static void test_many_ranges(void **state)
{
	struct dax_devices devs;
	unsigned int i;

	(void)state;
	for (i = 0; i < 300; i++)
		put_mapping(i, i * 2 * BLOCK, (i * 2 + 1) * BLOCK - 1);
	assert_int_equal(read_tree(&devs), 0);
	assert_int_equal(devs.dev->nr_ranges, 300);
	assert_int_equal(devs.dev->nr_blocks, 300);
	assert_int_equal(devs.dev->blocks[299].nr, 598);
	model_free(&devs);
}

static void test_static_region(void **state)
{
	struct dax_devices devs;

	(void)state;
	put("1073741824\n", "dax0.0/size");
	put("0x100000000\n", "dax0.0/resource");
	assert_int_equal(read_tree(&devs), 0);
	assert_int_equal(devs.dev->nr_ranges, 1);
	assert_int_equal(devs.dev->ranges[0].end, 0x13fffffff);
	assert_int_equal(devs.dev->nr_blocks, 8);
	assert_int_equal(devs.dev->blocks[0].nr, 32);
	assert_int_equal(devs.dev->target_node, -1);
	model_free(&devs);
}

static void test_empty_device(void **state)
{
	struct dax_devices devs;

	(void)state;
	assert_int_equal(read_tree(&devs), 0);
	assert_int_equal(devs.dev->nr_ranges, 0);
	assert_int_equal(devs.dev->nr_blocks, 0);
	model_free(&devs);
}

static void test_no_hotplug(void **state)
{
	struct dax_devices devs;
	char path[256];
	__u64 size;

	(void)state;
	snprintf(path, sizeof(path), "%s/devices/system/memory/block_size_bytes", root);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(model_block_size(&size), -ENOENT);
	put_mapping(0, 0, BLOCK - 1);
	assert_int_equal(read_tree(&devs), 0);
	assert_int_equal(devs.dev->nr_ranges, 1);
	assert_int_equal(devs.dev->nr_blocks, 0);
	model_free(&devs);
}

static void test_broken_values(void **state)
{
	static const char *const numbers[] = { "",
					       "\n",
					       "0x",
					       "-1",
					       "12 ",
					       "0xfg",
					       " 1",
					       "1e9",
					       "0x1\n0x2 is a second line",
					       "0xffffffffffffffffff" };
	static const int results[] = { -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL,
				       -EINVAL, -EINVAL, -EINVAL, 0,	   -ERANGE };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		put(numbers[i], "dax0.0/mapping0/start");
		put("0x7ffffff\n", "dax0.0/mapping0/end");
		expect_read(results[i]);
	}
	put_mapping(0, 5 * BLOCK, BLOCK);
	expect_read(-ERANGE);
	put_mapping(0, 0, UINT64_MAX);
	expect_read(-ERANGE);
	put_mapping(0, 0, BLOCK - 1);
	put("much\n", "dax0.0/size");
	expect_read(-EINVAL);
}

static void test_resource_overflow(void **state)
{
	char path[256];

	(void)state;
	put("4096\n", "dax0.0/size");
	put("0xfffffffffffff001\n", "dax0.0/resource");
	expect_read(-ERANGE);
	put("0xfffffffffffff000\n", "dax0.0/resource");
	expect_read(-ERANGE); /* a range, but of no machine */
	snprintf(path, sizeof(path), "%s/devices/system/memory/block_size_bytes", root);
	assert_int_equal(unlink(path), 0);
	expect_read(0); /* no blocks to be of */
	put("0xfffffffffffff001\n", "dax0.0/resource");
	expect_read(-ERANGE);
}

static void test_broken_block_size(void **state)
{
	static const char *const sizes[] = { "0\n", "3\n", "0x8000000\n", "", "8000000 \n" };
	__u64 size;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		put(sizes[i], "devices/system/memory/block_size_bytes");
		assert_int_equal(model_block_size(&size), -EINVAL);
	}
}

static void test_gone(void **state)
{
	struct dax_devices devs;
	char path[128];

	(void)state;
	/* a mapping directory without its files: taken away while we read */
	put("", "dax0.0/mapping3/page_offset");
	expect_read(0);
	snprintf(path, sizeof(path), "%s/dax0.0/size", root);
	assert_int_equal(unlink(path), 0);
	expect_read(-ENOENT);
	assert_int_equal(model_one(&devs, ""), -ENOENT);
	model_free(&devs);
	assert_int_equal(model_one(&devs, "../memory/memory0"), -ENOENT);
	model_free(&devs);
	assert_int_equal(model_one(&devs, "dax4294967295.0"), -ENOENT);
	model_free(&devs);
}

static void make_link(const char *target, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(symlink(target, path), 0);
}

/* By its name; the driver is the last part of a link, or none. */
static void test_one(void **state)
{
	struct dax_devices devs;

	(void)state;
	put("", "bus/dax/devices/.keep");
	make_link("../../../dax0.0", "bus/dax/devices/dax0.0");
	put_mapping(0, 0x100000000, 0x107ffffff);
	assert_int_equal(model_one(&devs, "dax0.0"), 0);
	assert_int_equal(devs.nr, 1);
	assert_string_equal(devs.dev->name, "dax0.0");
	assert_null(devs.dev->driver);
	assert_int_equal(devs.dev->nr_blocks, 1);
	model_free(&devs);
	make_link("../../../../bus/dax/drivers/kmem", "dax0.0/driver");
	assert_int_equal(model_one(&devs, "dax0.0"), 0);
	assert_string_equal(devs.dev->driver, "kmem");
	model_free(&devs);
	assert_int_equal(model_one(&devs, "dax0.1"), -ENOENT);
	model_free(&devs);
	assert_int_equal(model_one(&devs, ".."), -ENOENT);
	model_free(&devs);
}

/* The word in the attribute, each block's state and zone, and what follows. */
static const struct {
	const char *word;
	const char *state0, *zone0;
	const char *state1, *zone1;
	bool agrees;
} claims[] = {
	{ "unplugged", NULL, NULL, NULL, NULL, true },
	{ "unplugged", "offline", "Normal", NULL, NULL, false },
	{ "offline", "offline", "Normal", "offline", "Normal", true },
	{ "offline", "offline", "Normal", "online", "Normal", false },
	{ "offline", "offline", "Normal", NULL, NULL, false },
	{ "online", "online", "Normal", "online", "Movable", true },
	{ "online", "online", "Normal", "offline", "Normal Movable", false },
	{ "online", "online", "Normal", NULL, NULL, false },
	{ "online_kernel", "online", "Normal", "online", "Normal", true },
	{ "online_kernel", "online", "Normal", "online", "Movable", false },
	{ "online_movable", "online", "Movable", "online", "Movable", true },
	{ "online_movable", "online", "Movable", "online", "Normal", false },
	{ "online_movable", "online", "Movable", "going-offline", "Movable", false },
	{ "a word of Linux 9", "online", "Movable", NULL, NULL, true },
};

static void check_claim(size_t i, const char *file)
{
	struct dax_devices devs;

	put(claims[i].word, "dax0.0/%s", file);
	put_mapping(0, 0, 2 * BLOCK - 1);
	if (claims[i].state0)
		put_block(0, claims[i].state0, claims[i].zone0);
	if (claims[i].state1)
		put_block(1, claims[i].state1, claims[i].zone1);
	assert_int_equal(read_tree(&devs), 0);
	assert_string_equal(devs.dev->attribute, file);
	assert_string_equal(devs.dev->attribute_value, claims[i].word);
	if (dax_attribute_agrees(devs.dev) != claims[i].agrees)
		fail_msg("claim %zu: '%s'", i, claims[i].word);
	model_free(&devs);
}

static void test_attribute(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(claims); i++) {
		check_claim(i, i % 2 ? "hotplug" : "state");
		remove_tree(state);
		make_tree(state);
	}
}

static void test_long_value(void **state)
{
	struct dax_devices devs;
	char text[5000];

	(void)state;
	memset(text, 'w', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	put(text, "dax0.0/state");
	put_mapping(0, 0, BLOCK - 1);
	put_block(0, "online", text);
	assert_int_equal(read_tree(&devs), 0);
	assert_true(strlen(devs.dev->attribute_value) < 256);
	assert_int_equal(strlen(devs.dev->blocks[0].zone), ZONE_LEN - 1);
	assert_true(dax_attribute_agrees(devs.dev));
	model_free(&devs);
}

static void join(void *arg, const char *name)
{
	char *text = arg;

	strcat(strcat(text, name), " ");
}

static void test_names(void **state)
{
	char text[64] = "";

	(void)state;
	assert_int_equal(model_names(join, text), 0);
	assert_string_equal(text, "");
	/* nothing of a device is read, and what is no device is left out */
	put("", "bus/dax/devices/dax1.0");
	put("0\n", "bus/dax/devices/dax0.0/size");
	put("", "bus/dax/devices/other");
	assert_int_equal(model_names(join, text), 0);
	assert_string_equal(text, "dax0.0 dax1.0 ");
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inward_alignment),
		cmocka_unit_test(test_impossible_ranges),
		cmocka_unit_test(test_zone_and_state),
		cmocka_unit_test(test_name_order),
		with_tree(test_names),
		with_tree(test_two_ranges),
		with_tree(test_many_ranges),
		with_tree(test_static_region),
		with_tree(test_empty_device),
		with_tree(test_no_hotplug),
		with_tree(test_broken_values),
		with_tree(test_resource_overflow),
		with_tree(test_broken_block_size),
		with_tree(test_gone),
		with_tree(test_one),
		with_tree(test_attribute),
		with_tree(test_long_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
