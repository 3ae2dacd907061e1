/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of the allow list and of controllers: what add, remove, load and check make of them.
 */
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
#include "guard/check_programs.h"
#include "guard/configure.h"
#include "guard/program_map.h"
#include "policy/config.h"
#include "top.h"

static int begin(void **state)
{
	fake_empty();
	return make_top(state);
}

static void make_program(const char *path)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs("\177ELF", file);
	fclose(file);
	assert_int_equal(chmod(path, 0755), 0);
}

typedef int (*change_fn)(const struct who_list *list, struct who *who, size_t nr);

/* The status; what was said is in SAID. */
static char said[1024];

static int change(change_fn fn, const struct who_list *list, const char *first,
		  const char *second)
{
	struct who who[2];
	struct capture c;
	char *text;
	int status;

	assert_int_equal(who_parse(list, first, &who[0]), 0);
	if (second)
		assert_int_equal(who_parse(list, second, &who[1]), 0);
	capture_stream(&c, &stderr);
	status = fn(list, who, second ? 2 : 1);
	text = capture_end(&c);
	snprintf(said, sizeof(said), "%s", text);
	free(text);
	return status;
}

static int add(const struct who_list *list, const char *word)
{
	return change(allow_map_add, list, word, NULL);
}

static int take(const struct who_list *list, const char *word)
{
	return change(allow_map_remove, list, word, NULL);
}

static const char *exe(const char *path)
{
	static char words[4][PATH_MAX + 8];
	static int next;
	char *word = words[next++ % 4];

	snprintf(word, sizeof(words[0]), "exe=%s", path);
	return word;
}

static __u64 id_of(const char *path)
{
	struct daxguard_path key;
	__u64 id = 0;

	assert_true(program_key(path, &key));
	return program_map_find(&key, &id) ? 0 : id;
}

static void expect_sizes(size_t allow, size_t controllers, size_t programs)
{
	assert_int_equal(fake_map("allow")->nr, allow);
	assert_int_equal(fake_map("controllers")->nr, controllers);
	assert_int_equal(fake_map("programs")->nr, programs);
}

/* One number for a path that both lists name, and none for one that neither does. */
static void test_shared(void **state)
{
	struct listed_all all;
	__u64 id;

	(void)state;
	assert_int_equal(add(&allow_list, "exe=/no/such"), 0);
	id = id_of("/no/such");
	assert_true(id);
	assert_int_equal(add(&controller_list, "exe=/no/such"), 0);
	assert_true(id_of("/no/such") == id);
	expect_sizes(1, 1, 1);
	assert_int_equal(allow_map_read(&controller_list, &all), 0);
	assert_int_equal(all.nr, 1);
	assert_int_equal(all.list[0].key.what, DAXGUARD_ALLOW_PROGRAM);
	assert_int_equal(all.list[0].key.dev, 0);
	assert_true(all.list[0].key.id == id);
	assert_string_equal(all.list[0].who, "exe");
	assert_string_equal(all.list[0].path.path, "/no/such");
	assert_string_equal(all.list[0].entry.label, "/no/such");
	free(all.list);
	assert_int_equal(take(&allow_list, "exe=/no/such"), 0);
	expect_sizes(0, 1, 1);
	assert_int_equal(take(&controller_list, "exe=/no/such"), 0);
	expect_sizes(0, 0, 0);
	assert_int_equal(take(&controller_list, "exe=/no/such"), EXIT_FAILED);
	assert_non_null(strstr(said, "'exe=/no/such' is not on the list of controllers: see "
				     "'daxguard controller list'"));
	/* never again */
	assert_int_equal(add(&allow_list, "exe=/no/such"), 0);
	assert_true(id_of("/no/such") > id);
}

/* Who runs the file already is marked, once, with the number of its path. */
static void test_running(void **state)
{
	char path[PATH_MAX];
	struct stat st;

	(void)state;
	strcpy(path, in_top("agent"));
	make_program(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(add(&controller_list, exe(path)), 0);
	assert_int_equal(fake_nr_asked, 1);
	assert_int_equal(fake_asked[0].ask, DAXGUARD_ASK_RUNNING);
	assert_int_equal(fake_asked[0].file.what, DAXGUARD_ALLOW_EXE);
	assert_int_equal(fake_asked[0].file.id, st.st_ino);
	assert_true(fake_asked[0].state == id_of(path));
	assert_int_equal(add(&allow_list, "exe=/no/such"), 0);
	assert_int_equal(add(&allow_list, "uid=1"), 0);
	assert_int_equal(fake_nr_asked, 1);
	/* as a load does, but not for what is a link by now */
	assert_int_equal(program_map_mark_all(), 0);
	assert_int_equal(fake_nr_asked, 2);
	assert_int_equal(rename(path, in_top("other")), 0);
	assert_int_equal(symlink("other", path), 0);
	assert_int_equal(program_map_mark_all(), 0);
	assert_int_equal(fake_nr_asked, 2);
}

static void test_full(void **state)
{
	(void)state;
	assert_int_equal(add(&controller_list, "exe=/a"), 0);
	/* both or none: and no number without a list */
	assert_int_equal(change(allow_map_add, &controller_list, "exe=/b", "exe=/c"),
			 EXIT_FAILED);
	assert_non_null(strstr(said, "the list of controllers is full, nothing was changed for "
				     "'exe=/c': make room with 'daxguard controller remove'"));
	expect_sizes(0, 1, 1);
	assert_true(id_of("/a"));
	assert_int_equal(add(&controller_list, "exe=/b"), 0);
	assert_int_equal(add(&controller_list, "exe=/c"), EXIT_FAILED);
	/* what is there already needs no room, and is not taken back with what does */
	assert_int_equal(add(&controller_list, "exe=/b"), 0);
	assert_int_equal(change(allow_map_add, &controller_list, "exe=/b", "exe=/c"),
			 EXIT_FAILED);
	expect_sizes(0, 2, 2);
}

/* By what was typed, by the path that is listed, and by a link that leads there. */
static void test_remove(void **state)
{
	char path[PATH_MAX], link[PATH_MAX];

	(void)state;
	strcpy(path, in_top("agent"));
	strcpy(link, in_top("link"));
	make_program(path);
	assert_int_equal(symlink("agent", link), 0);
	assert_int_equal(add(&allow_list, exe(link)), 0);
	assert_true(id_of(path));
	assert_false(id_of(link));
	assert_int_equal(take(&allow_list, exe(path)), 0);
	expect_sizes(0, 0, 0);
	assert_int_equal(add(&allow_list, exe(path)), 0);
	assert_int_equal(take(&allow_list, exe(link)), 0);
	expect_sizes(0, 0, 0);
	assert_int_equal(add(&allow_list, exe(link)), 0);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(take(&allow_list, exe(link)), 0);
	expect_sizes(0, 0, 0);
	/* what cannot be added any more */
	assert_int_equal(add(&allow_list, exe(path)), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(take(&allow_list, exe(path)), 0);
	expect_sizes(0, 0, 0);
}

/* Of two paths whose ends are the same, and whose labels are so, the one that is meant. */
static void test_remove_long(void **state)
{
	char one[200], two[200];

	(void)state;
	snprintf(one, sizeof(one), "/a/%0*d", 150, 7);
	snprintf(two, sizeof(two), "/b/%0*d", 150, 7);
	assert_int_equal(add(&allow_list, exe(one)), 0);
	assert_int_equal(add(&allow_list, exe(two)), 0);
	assert_int_equal(take(&allow_list, exe(two)), 0);
	assert_true(id_of(one));
	assert_false(id_of(two));
}

/* An entry as a daxguard before the map "programs" made them. */
static void add_old(const char *label, __u64 ino)
{
	struct daxguard_allow_key key = { DAXGUARD_ALLOW_EXE, 8 << 20 | 1, ino };
	struct daxguard_allow entry = { .added_ns = 3 };
	int fd = bpf_obj_get("/allow");

	strncpy(entry.label, label, sizeof(entry.label) - 1);
	assert_int_equal(bpf_map_update_elem(fd, &key, &entry, BPF_ANY), 0);
	close(fd);
}

static void test_convert(void **state)
{
	struct listed_all all;

	(void)state;
	add_old("/no/such", 77);
	add_old("./agent", 78);
	add_old(top, 79); /* a directory */
	assert_int_equal(allow_map_convert(), 0);
	expect_sizes(3, 0, 1);
	/* those that run the file of old go on, before it counts no more */
	assert_int_equal(fake_nr_asked, 1);
	assert_int_equal(fake_asked[0].file.what, DAXGUARD_ALLOW_EXE);
	assert_int_equal(fake_asked[0].file.id, 77);
	assert_true(fake_asked[0].state == id_of("/no/such"));
	assert_int_equal(allow_map_read(&allow_list, &all), 0);
	for (size_t i = 0; i < all.nr; i++) {
		const struct listed *l = &all.list[i];

		assert_string_equal(l->who, "exe");
		if (strcmp(l->entry.label, "/no/such")) {
			assert_int_equal(l->key.what, DAXGUARD_ALLOW_EXE);
			continue;
		}
		assert_int_equal(l->key.what, DAXGUARD_ALLOW_PROGRAM);
		assert_string_equal(l->path.path, "/no/such");
		assert_int_equal(l->entry.added_ns, 3);
	}
	free(all.list);
	assert_int_equal(take(&allow_list, "exe=./agent"), 0);
	assert_int_equal(take(&allow_list, "exe=/no/such"), 0);
	expect_sizes(1, 0, 0);
}

/* Nothing is lost where there is no room. */
static void test_convert_full(void **state)
{
	struct capture c;
	char *text;

	(void)state;
	for (__u64 ino = 1; ino <= fake_map("allow")->room; ino++)
		add_old("/no/such", ino);
	capture_stream(&c, &stderr);
	assert_int_equal(allow_map_convert(), 0);
	text = capture_end(&c);
	assert_non_null(strstr(text, "'exe=/no/such' stays what it was"));
	free(text);
	expect_sizes(fake_map("allow")->room, 0, 0);
}

static void test_configure(void **state)
{
	struct who allows[1], controllers[2];
	struct config config = { .allows = { allows, 1 }, .controllers = { controllers, 2 } };
	struct configure_options first = {}, again = { .keep = true };

	(void)state;
	assert_int_equal(who_parse(&allow_list, "uid=1", &allows[0]), 0);
	assert_int_equal(who_parse(&controller_list, "exe=/a", &controllers[0]), 0);
	assert_int_equal(who_parse(&controller_list, "exe=/b", &controllers[1]), 0);
	/* before the programs are attached and after it */
	assert_int_equal(configure(&config, &first), 0);
	assert_int_equal(configure(&config, &first), 0);
	expect_sizes(1, 2, 2);
	assert_int_equal(fake_nr_asked, 0);
	/* what the files name no more goes, what is there by hand stays */
	assert_int_equal(add(&allow_list, "uid=2"), 0);
	config.allows.nr = 0;
	config.controllers.nr = 1;
	assert_int_equal(configure(&config, &again), 0);
	expect_sizes(1, 1, 1);
	config = (struct config){};
	assert_int_equal(configure(&config, &again), 0);
	expect_sizes(1, 0, 0);
	/* without a configuration there is none */
	fake_empty();
	assert_int_equal(configure(&config, &first), 0);
	expect_sizes(0, 0, 0);
}

/* What the last finding was. */
static char found[CHECK_LEN];

static void keep(struct checks *c, enum finding finding, const char *what, const char *text)
{
	(void)c;
	snprintf(found, sizeof(found), "%d %s %s", finding, what, text);
}

static void expect_found(enum finding finding, const char *text)
{
	struct checks c = { .found = keep };

	*found = 0;
	assert_int_equal(check_programs(&c), 0);
	if (*found != '0' + (char)finding || !strstr(found, text))
		fail_msg("found is '%s', not %d '%s'", found, finding, text);
}

static void test_check(void **state)
{
	struct checks c = { .found = keep };
	char path[PATH_MAX];
	FILE *script;

	(void)state;
	*found = 0;
	assert_int_equal(check_programs(&c), 0);
	assert_string_equal(found, ""); /* no list has to have anything */
	strcpy(path, in_top("agent"));
	make_program(path);
	assert_int_equal(add(&controller_list, exe(path)), 0);
	expect_found(OK, "controller '");
	expect_found(OK, "' is there");
	script = fopen(path, "we");
	fputs("#!/bin/sh\n", script);
	fclose(script);
	expect_found(WARNING, "' is a script now: scripts are their interpreter");
	assert_int_equal(unlink(path), 0);
	expect_found(WARNING,
		     "' is not there: install it, or 'daxguard controller remove exe=");
	assert_int_equal(symlink("/bin/true", path), 0);
	expect_found(WARNING, "' is a link now, and what runs is '/");
	assert_int_equal(take(&controller_list, exe(path)), 0);
	/* a link that was typed, and leads elsewhere now */
	make_program(in_top("one"));
	make_program(in_top("two"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("one", path), 0);
	assert_int_equal(add(&allow_list, exe(path)), 0);
	expect_found(OK, "allow '");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("two", path), 0);
	expect_found(WARNING, "/agent' leads to '");
	fake_empty();
	add_old("./agent", 78);
	expect_found(WARNING, "'./agent' is the one file that an older daxguard");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shared, begin, remove_top),
		cmocka_unit_test_setup_teardown(test_running, begin, remove_top),
		cmocka_unit_test_setup_teardown(test_full, begin, remove_top),
		cmocka_unit_test_setup_teardown(test_remove, begin, remove_top),
		cmocka_unit_test_setup_teardown(test_remove_long, begin, remove_top),
		cmocka_unit_test_setup_teardown(test_convert, begin, remove_top),
		cmocka_unit_test_setup_teardown(test_convert_full, begin, remove_top),
		cmocka_unit_test_setup_teardown(test_configure, begin, remove_top),
		cmocka_unit_test_setup_teardown(test_check, begin, remove_top),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fake_free();
	return failed;
}
