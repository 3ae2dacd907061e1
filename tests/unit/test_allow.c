/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of the lists, and which path names which program. */
#include <errno.h>
#include <fcntl.h>
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

#include "array.h"
#include "policy/allow.h"
#include "top.h"

static void write_program(const char *path, const char *text, int mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void test_words(void **state)
{
	static const char *const words[] = {
		"",	   "=",		 "exe",		 "exe=",	"uid=",
		"cgroup=", "ex=/bin/sh", "exes=/bin/sh", "EXE=/bin/sh", "pid=1",
		"=1",	   "/bin/sh"
	};
	struct who who;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (who_parse(&allow_list, words[i], &who) != -EINVAL)
			fail_msg("'%s' was taken", words[i]);
	assert_int_equal(who_parse(&controller_list, "uid=1", &who), -EINVAL);
	assert_int_equal(who_parse(&controller_list, "cgroup=/", &who), -EINVAL);
	assert_int_equal(who_parse(&controller_list, "exe=/bin/sh", &who), 0);
}

static void test_uid(void **state)
{
	static const char *const words[] = {
		"uid=-1", "uid=4294967295",   "uid=4294967296",		 "uid=0x0",
		"uid=1 ", "uid=no such user", "uid=99999999999999999999"
	};
	struct who who;
	size_t i;

	(void)state;
	assert_int_equal(who_parse(&allow_list, "uid=1000", &who), 0);
	assert_true(who_is_fine(&who));
	assert_int_equal(who.key.what, DAXGUARD_ALLOW_UID);
	assert_int_equal(who.key.dev, 0);
	assert_int_equal(who.key.id, 1000);
	assert_string_equal(who.entry.label, "1000");
	assert_int_equal(who_parse(&allow_list, "uid=root", &who), 0);
	assert_int_equal(who.key.id, 0);
	assert_int_equal(who_parse(&allow_list, "uid=4294967294", &who), 0);
	assert_true(who.key.id == 4294967294u);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		assert_int_equal(who_parse(&allow_list, words[i], &who), 0);
		if (who_is_fine(&who))
			fail_msg("'%s' was found", words[i]);
		assert_string_equal(who_what(&who), "no user of this machine");
	}
}

static void test_cgroup(void **state)
{
	static const char *const words[] = { "cgroup=relative", "cgroup=/proc/self",
					     "cgroup=/no/such/directory" };
	struct who who;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		assert_int_equal(who_parse(&allow_list, words[i], &who), 0);
		assert_int_equal(who.key.what, DAXGUARD_ALLOW_CGROUP);
		assert_false(who_is_fine(&who));
	}
	if (cgroup_root()) {
		assert_int_equal(who_parse(&allow_list, "cgroup=/", &who), 0);
		assert_true(who_is_fine(&who));
		assert_int_not_equal(who.key.id, 0);
	}
}

static void test_long_label(void **state)
{
	struct who who;
	char word[4096];
	size_t len;

	(void)state;
	for (len = 100; len < sizeof(word); len += len < 140 ? 1 : 997) {
		memset(word, 'x', sizeof(word));
		memcpy(word, "exe=/", 5);
		word[len - 1] = 'Z';
		word[len] = 0;
		assert_int_equal(who_parse(&allow_list, word, &who), 0);
		assert_true(strnlen(who.entry.label, sizeof(who.entry.label)) <
			    sizeof(who.entry.label));
		assert_int_equal(who.entry.label[strlen(who.entry.label) - 1], 'Z');
		assert_int_equal(label_is_cut(&who.entry), len - 4 >= sizeof(who.entry.label));
		if (len - 4 < sizeof(who.entry.label))
			assert_string_equal(who.entry.label, word + 4);
		else
			assert_memory_equal(who.entry.label, "...x", 4);
	}
}

/* What PATH counts as: that path without links, there or not. */
static void expect_path(const char *path, const char *counts, bool there)
{
	struct program program;

	program_resolve(path, &program);
	if (program.fault || strcmp(program.path.path, counts) || program.there != there)
		fail_msg("'%s' is %s '%s', %s", path, program_what(program.fault),
			 program.path.path, program.there ? "there" : "not there");
}

static void expect_fault(const char *path, enum program_fault fault)
{
	struct program program;

	program_resolve(path, &program);
	if (program.fault != fault)
		fail_msg("'%s' is %s and not %s", path, program_what(program.fault),
			 program_what(fault));
	assert_true(*program_remedy(fault));
}

static void test_links(void **state)
{
	char path[PATH_MAX];

	(void)state;
	strcpy(path, in_top("agent"));
	write_program(path, "\177ELF", 0700);
	assert_int_equal(mkdir(in_top("dir"), 0700), 0);
	assert_int_equal(symlink("../agent", in_top("dir/link")), 0);
	assert_int_equal(symlink("dir", in_top("way")), 0);
	expect_path(path, path, true);
	expect_path(in_top("dir/link"), path, true);
	expect_path(in_top("way/link"), path, true);
	expect_path(in_top("dir//./../agent"), path, true);
	expect_path(in_top("missing"), in_top("missing"), false);
	expect_path(in_top("way/missing"), in_top("dir/missing"), false);
	expect_path(in_top("way/a/./b//c"), in_top("dir/a/b/c"), false);
	expect_path("/missing", "/missing", false);
	/* where a link leads that leads nowhere yet */
	assert_int_equal(symlink("way/new", in_top("dangling")), 0);
	expect_path(in_top("dangling"), in_top("dir/new"), false);
	assert_int_equal(symlink("/no/such", in_top("dir/far")), 0);
	expect_path(in_top("way/far/agent"), "/no/such/agent", false);
	assert_int_equal(symlink("round", in_top("round")), 0);
	expect_fault(in_top("round"), PROGRAM_UNSEEN);
	expect_fault(in_top("missing/../agent"), PROGRAM_UNSEEN);
}

static void test_faults(void **state)
{
	char path[PATH_MAX], longest[DAXGUARD_PATH_LEN + 1];

	(void)state;
	strcpy(path, in_top("agent"));
	write_program(path, "", 0700);
	expect_path(path, path, true);
	write_program(path, "#!/bin/sh\n", 0700);
	expect_fault(path, PROGRAM_SCRIPT);
	assert_int_equal(chmod(path, 0600), 0);
	expect_fault(path, PROGRAM_NO_EXECUTE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0700), 0);
	expect_fault(path, PROGRAM_NO_FILE); /* and does not hang */
	expect_fault(top, PROGRAM_DIRECTORY);
	expect_fault("/", PROGRAM_DIRECTORY);
	expect_fault("/no/such/", PROGRAM_DIRECTORY);
	expect_fault("agent", PROGRAM_RELATIVE);
	expect_fault("", PROGRAM_RELATIVE);
	expect_fault("/etc/passwd/agent", PROGRAM_UNSEEN);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	expect_fault(path, PROGRAM_TOO_LONG);
	/* the kernel has no name of more than 255 bytes, and 254 are left for this one */
	snprintf(longest, sizeof(longest), "/%0*d", DAXGUARD_PATH_LEN - 2, 7);
	expect_path(longest, longest, false);
	strcat(longest, "7");
	expect_fault(longest, PROGRAM_TOO_LONG);
}

/* It is short, and where it leads is not. */
static void test_long_target(void **state)
{
	char name[DAXGUARD_PATH_LEN];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = 0;
	assert_int_equal(symlink(name, in_top("short")), 0);
	expect_fault(in_top("short"), PROGRAM_TOO_LONG);
}

/* The file that is there, as running processes are found by. */
static void test_file(void **state)
{
	struct stat st;
	struct who who;
	char word[PATH_MAX];

	(void)state;
	snprintf(word, sizeof(word), "exe=%s", in_top("agent"));
	write_program(word + 4, "\177ELF", 0700);
	assert_int_equal(stat(word + 4, &st), 0);
	assert_int_equal(who_parse(&allow_list, word, &who), 0);
	assert_true(who_is_fine(&who));
	assert_int_equal(who.key.what, DAXGUARD_ALLOW_PROGRAM);
	assert_int_equal(who.key.id, 0);
	assert_int_equal(who.program.file.what, DAXGUARD_ALLOW_EXE);
	assert_int_equal(who.program.file.id, st.st_ino);
	assert_int_not_equal(who.program.file.dev, 0);
	assert_string_equal(who.entry.label, word + 4);
	assert_int_equal(unlink(word + 4), 0);
	assert_int_equal(who_parse(&allow_list, word, &who), 0);
	assert_true(who_is_fine(&who));
	assert_int_equal(who.program.file.what, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_uid),
		cmocka_unit_test(test_cgroup),
		cmocka_unit_test(test_long_label),
		cmocka_unit_test_setup_teardown(test_links, make_top, remove_top),
		cmocka_unit_test_setup_teardown(test_faults, make_top, remove_top),
		cmocka_unit_test_setup_teardown(test_long_target, make_top, remove_top),
		cmocka_unit_test_setup_teardown(test_file, make_top, remove_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
