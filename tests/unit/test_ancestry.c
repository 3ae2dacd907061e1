/* SPDX-License-Identifier: GPL-2.0-only */
/* What is above a dax device, and what a name stands for, over a made-up tree of sysfs. */
#include <errno.h>
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

#include "ancestry.h"
#include "array.h"
#include "capture.h"
#include "model.h"
#include "show/name_table.h"

#define ROOT0 "devices/platform/ACPI0017:00/root0"
#define CARD(n) "devices/pci0000:0c/0000:0c:0" #n ".0/0000:0" #n ":00.0"

static char root[] = "/tmp/daxguard-ancestry-XXXXXX";

static void make_dirs(char *path)
{
	char *slash = path + strlen(root);

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = 0;
		assert_true(!mkdir(path, 0700) || errno == EEXIST);
		*slash = '/';
	}
}

/* A link at AT, below the root, to what is at TO there. */
static void put_link(const char *to, const char *at)
{
	char path[1024], target[1024];

	snprintf(path, sizeof(path), "%s/%s", root, at);
	snprintf(target, sizeof(target), "%s/%s", root, to);
	make_dirs(path);
	assert_return_code(symlink(target, path), errno);
}

/* A device at PATH on that bus, with a driver or NULL. */
static void put_device(const char *path, const char *bus, const char *driver)
{
	char at[512], to[512];

	snprintf(to, sizeof(to), "bus/%s", bus);
	snprintf(at, sizeof(at), "%s/subsystem", path);
	put_link(to, at);
	snprintf(at, sizeof(at), "bus/%s/devices/%s", bus, strrchr(path, '/') + 1);
	put_link(path, at);
	if (!driver)
		return;
	snprintf(to, sizeof(to), "bus/%s/drivers/%s", bus, driver);
	snprintf(at, sizeof(at), "%s/driver", path);
	put_link(to, at);
}

/* The K-th target of region0. */
static void put_target(int k, const char *name)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/" ROOT0 "/decoder0.0/region0/target%d", root, k);
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "%s\n", name);
	fclose(file);
}

/* A card on a port of its own below the host bridge, with the endpoint that is on its way. */
static void put_card(int nr, const char *port, const char *card)
{
	char path[512], link[600];

	put_device(port, "pci", "pcieport");
	put_device(card, "pci", "cxl_pci");
	snprintf(path, sizeof(path), "%s/mem%d", card, nr - 2);
	put_device(path, "cxl", "cxl_mem");
	snprintf(link, sizeof(link), ROOT0 "/port1/endpoint%d/uport", nr);
	put_link(path, link);
	snprintf(path, sizeof(path), ROOT0 "/port1/endpoint%d", nr);
	put_device(path, "cxl", "cxl_port");
	snprintf(path, sizeof(path), ROOT0 "/port1/endpoint%d/decoder%d.0", nr, nr);
	put_device(path, "cxl", NULL);
}

/* Two cards behind one bridge, and one region of both with two dax devices. */
static void put_cxl(void)
{
	put_device("devices/platform/ACPI0017:00", "platform", "cxl_acpi");
	put_device("devices/LNXSYSTM:00/ACPI0017:00", "acpi", NULL);
	put_link("devices/platform/ACPI0017:00",
		 "devices/LNXSYSTM:00/ACPI0017:00/physical_node");
	put_link("devices/LNXSYSTM:00/ACPI0017:00",
		 "devices/platform/ACPI0017:00/firmware_node");
	put_device(ROOT0, "cxl", NULL);
	put_device(ROOT0 "/decoder0.0", "cxl", NULL);
	put_device(ROOT0 "/decoder0.0/region0", "cxl", "cxl_region");
	put_device(ROOT0 "/decoder0.0/region0/dax_region0", "cxl", "cxl_dax_region");
	put_device(ROOT0 "/decoder0.0/region0/dax_region0/dax0.0", "dax", "kmem");
	put_device(ROOT0 "/decoder0.0/region0/dax_region0/dax0.10", "dax", NULL);
	put_device(ROOT0 "/decoder0.0/region0/dax_region0/dax0.9", "dax", NULL);
	put_device(ROOT0 "/port1", "cxl", "cxl_port");
	put_link("devices/pci0000:0c", ROOT0 "/port1/uport");
	put_card(2, "devices/pci0000:0c/0000:0c:00.0", CARD(0));
	put_card(3, "devices/pci0000:0c/0000:0c:01.0", CARD(1));
	put_target(0, "decoder2.0");
	put_target(1, "decoder3.0");
	put_target(2, ""); /* a region that is being made has some that are empty */
}

static void put_others(void)
{
	put_device("devices/platform/hmem.0", "platform", "hmem");
	put_device("devices/platform/hmem.0/dax1.0", "dax", "device_dax");
	put_device("devices/platform/pcspkr", "platform", NULL);
	put_device("devices/system/memory/memory32", "memory", NULL);
	/* on no bus: nothing that is removed by name */
	put_link("class/misc", "devices/platform/hmem.0/misc0/subsystem");
}

static int make_tree(void **state)
{
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	*state = mkdtemp(root);
	assert_non_null(*state);
	model_set_root(root);
	put_cxl();
	put_others();
	return 0;
}

static int remove_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_tree(void **state)
{
	(void)state;
	model_set_root("/sys");
	return nftw(root, remove_path, 16, FTW_DEPTH | FTW_PHYS);
}

/* "cxl/region0 " for each, and "+cxl/mem0 " for what a region is made of. */
static char *ancestry_text(const char *device)
{
	struct ancestry all;
	char *text = NULL;
	size_t size, i;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	assert_int_equal(ancestry_of(&all, device), 0);
	for (i = 0; i < all.nr; i++)
		fprintf(to, "%s%s/%s ", all.list[i].part ? "+" : "", all.list[i].subsystem,
			all.list[i].name);
	fclose(to);
	ancestry_free(&all);
	return text;
}

static void expect_ancestry(const char *device, const char *want)
{
	char *text = ancestry_text(device);

	assert_string_equal(text, want);
	free(text);
}

static void test_walk(void **state)
{
	(void)state;
	expect_ancestry("dax1.0", "platform/hmem.0 ");
	expect_ancestry("dax0.0", "cxl/dax_region0 cxl/region0 cxl/decoder0.0 +cxl/decoder2.0 "
				  "+cxl/decoder3.0 cxl/root0 +cxl/endpoint2 +cxl/endpoint3 "
				  "platform/ACPI0017:00 +cxl/port1 +cxl/mem0 +cxl/mem1 "
				  "+pci/0000:00:00.0 +pci/0000:01:00.0 +pci/0000:0c:00.0 "
				  "+pci/0000:0c:01.0 ");
}

/* A card that is two targets of a region is found once, and so is what is above it. */
static void test_no_duplicates(void **state)
{
	(void)state;
	put_device(ROOT0 "/port1/endpoint2/decoder2.1", "cxl", NULL);
	put_target(1, "decoder2.1");
	expect_ancestry("dax0.0", "cxl/dax_region0 cxl/region0 cxl/decoder0.0 +cxl/decoder2.0 "
				  "+cxl/decoder2.1 cxl/root0 +cxl/endpoint2 "
				  "platform/ACPI0017:00 +cxl/port1 +cxl/mem0 "
				  "+pci/0000:00:00.0 +pci/0000:0c:00.0 ");
}

static void test_drivers(void **state)
{
	struct ancestry all;

	(void)state;
	assert_int_equal(ancestry_of(&all, "dax0.0"), 0);
	assert_string_equal(all.list[0].driver, "cxl_dax_region");
	assert_string_equal(all.list[1].driver, "cxl_region");
	assert_null(all.list[2].driver);
	assert_string_equal(all.list[3].from, all.list[1].path);
	ancestry_free(&all);
}

/* What goes while it is looked at, and what was never there. */
static void test_gone(void **state)
{
	struct ancestry all;
	char path[256];

	(void)state;
	assert_int_equal(ancestry_of(&all, "dax7.7"), -ENOENT);
	ancestry_free(&all);
	assert_int_equal(ancestry_of(&all, ""), -ENOENT);
	ancestry_free(&all);
	assert_int_equal(ancestry_of(&all, "../devices/dax0.0"), -ENOENT);
	ancestry_free(&all);
	snprintf(path, sizeof(path), "%s/bus/cxl/devices/decoder3.0", root);
	unlink(path);
	snprintf(path, sizeof(path), "%s/" ROOT0 "/port1/endpoint2/uport", root);
	unlink(path);
	expect_ancestry("dax0.0", "cxl/dax_region0 cxl/region0 cxl/decoder0.0 +cxl/decoder2.0 "
				  "cxl/root0 +cxl/endpoint2 platform/ACPI0017:00 +cxl/port1 ");
}

/* The devices that TEXT stands for, or what is wrong with it, in a buffer of its own. */
static const char *named(const char *text, int result)
{
	static char said[WHY_LEN + 16];
	struct device_names names;
	struct why why = {};
	size_t i;

	assert_int_equal(devices_named(&names, text, &why), result);
	snprintf(said, sizeof(said), "%s", why.text);
	for (i = 0; i < names.nr; i++)
		snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s%s", i ? " " : "",
			 names.name[i]);
	device_names_free(&names);
	return said;
}

static void test_names(void **state)
{
	static const char *const of_region[] = {
		"region0",	"mem0",
		"mem1",		"0000:00:00.0",
		"0000:0c:01.0", "root0",
		"decoder0.0",	"decoder3.0",
		"endpoint2",	"port1",
		"cxl/region0",	"pci/0000:01:00.0",
		"ACPI0017:00",	"platform/ACPI0017:00",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(of_region); i++)
		assert_string_equal(named(of_region[i], 0), "dax0.0 dax0.9 dax0.10");
	assert_string_equal(named("hmem.0", 0), "dax1.0");
	assert_string_equal(named("dax0.9", 0), "dax0.9");
	assert_string_equal(named("dax/dax0.9", 0), "dax0.9");
}

/* No name of anything: whoever looks for the device says so, as ever. */
static void test_other_names(void **state)
{
	static const char *const other[] = { "dax7.7", "region7", "memory32",  "",
					     ".",      "..",	  "a/b/c",     "/region0",
					     "dax/",   "/",	  "../dax0.0", "usb/dax0.0" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(other); i++)
		assert_string_equal(named(other[i], 0),
				    strcmp(other[i], "dax/") ? other[i] : "");
	assert_string_equal(
		named("pcspkr", DAXGUARD_RESULT_FAILED),
		"no dax device is below 'pcspkr', or it is gone: see 'daxguard list "
		"--tree'");
	assert_string_equal(named("cxl/region7", DAXGUARD_RESULT_FAILED),
			    "there is no device 'region7' on the bus 'cxl': see 'daxguard list "
			    "--tree'");
	assert_string_equal(
		named("cxl/", DAXGUARD_RESULT_FAILED),
		"there is no device '' on the bus 'cxl': see 'daxguard list --tree'");
}

static const char ambiguous[] =
	"'region0' is a device of the bus 'cxl' and one of the bus 'nd': "
	"write 'cxl/region0' or 'nd/region0'";

static void test_ambiguous(void **state)
{
	(void)state;
	/* with nothing below it would mean the other, which was not meant */
	put_device("devices/LNXSYSTM:00/ndbus0/region0", "nd", "nd_region");
	assert_string_equal(named("region0", DAXGUARD_RESULT_USAGE), ambiguous);
	put_device("devices/LNXSYSTM:00/ndbus0/region0/dax0.0", "nd", "dax_pmem");
	put_device("devices/LNXSYSTM:00/ndbus0/region0/dax0.0/dax2.0", "dax", "kmem");
	assert_string_equal(named("region0", DAXGUARD_RESULT_USAGE), ambiguous);
	assert_string_equal(named("cxl/region0", 0), "dax0.0 dax0.9 dax0.10");
	assert_string_equal(named("nd/region0", 0), "dax2.0");
	/* the name of a dax device is that of no other */
	assert_string_equal(named("dax0.0", 0), "dax0.0");
	assert_string_equal(named("nd/dax0.0", 0), "dax2.0");
}

/* What completion offers: every name once, the ambiguous ones with their bus, all understood. */
static void test_offered(void **state)
{
	static const char offered[] =
		"dax0.0\ndax0.9\ndax0.10\ndax1.0\ndax2.0\n0000:00:00.0\n0000:01:00.0\n"
		"0000:0c:00.0\n0000:0c:01.0\nACPI0017:00\nnd/dax0.0\ndax_region0\n"
		"decoder0.0\ndecoder2.0\ndecoder3.0\nendpoint2\nendpoint3\nhmem.0\nmem0\nmem1\n"
		"ndbus0\nport1\ncxl/region0\nnd/region0\nroot0\n";
	struct capture c;
	char *text, *line, *rest;

	(void)state;
	put_device("devices/LNXSYSTM:00/ndbus0", "nd", "nd_bus");
	put_device("devices/LNXSYSTM:00/ndbus0/region0", "nd", "nd_region");
	put_device("devices/LNXSYSTM:00/ndbus0/region0/dax0.0", "nd", "dax_pmem");
	put_device("devices/LNXSYSTM:00/ndbus0/region0/dax0.0/dax2.0", "dax", "kmem");
	capture_begin(&c);
	names_print();
	text = capture_end(&c);
	assert_string_equal(text, offered);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		assert_memory_equal(named(line, 0), "dax", 3);
	free(text);
}

/* Where firmware's own is what is above: not the one that is made of it. */
static void test_firmware(void **state)
{
	(void)state;
	put_device("devices/LNXSYSTM:00/ACPI0012:00", "acpi", "nfit");
	put_device("devices/LNXSYSTM:00/ACPI0012:00/ndbus0", "nd", "nd_bus");
	put_device("devices/LNXSYSTM:00/ACPI0012:00/ndbus0/dax3.0", "dax", "kmem");
	put_device("devices/platform/ACPI0012:00", "platform", NULL);
	put_link("devices/platform/ACPI0012:00",
		 "devices/LNXSYSTM:00/ACPI0012:00/physical_node");
	put_link("devices/LNXSYSTM:00/ACPI0012:00",
		 "devices/platform/ACPI0012:00/firmware_node");
	assert_string_equal(named("ACPI0012:00", 0), "dax3.0");
	assert_string_equal(named("ACPI0017:00", 0), "dax0.0 dax0.9 dax0.10");
}

#define TREE_TEST(test) cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_walk),	   TREE_TEST(test_no_duplicates),
		TREE_TEST(test_drivers),   TREE_TEST(test_gone),
		TREE_TEST(test_names),	   TREE_TEST(test_other_names),
		TREE_TEST(test_ambiguous), TREE_TEST(test_firmware),
		TREE_TEST(test_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
