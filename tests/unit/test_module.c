/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What modprobe says, and that nobody waits for it in vain; a script plays modprobe. */
#include <fcntl.h>
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

#include "module.h"

static char dir[] = "/tmp/daxguard-module-XXXXXX";
static char file[64];
static char words[MODULE_WORDS];

/* Have a modprobe that does this, and ask for kmem. */
static const char *play(const char *script)
{
	FILE *f = fopen(file, "we");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(file, 0755), 0);
	memset(words, 'x', sizeof(words));
	load_module("kmem", words);
	return words;
}

static int set_up(void **state)
{
	char path[4096];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(file, sizeof(file), "%s/modprobe", dir);
	snprintf(path, sizeof(path), "%s:%s", dir, getenv("PATH"));
	return setenv("PATH", path, 1);
}

static int tear_down(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(dir);
}

static void test_says_nothing(void **state)
{
	(void)state;
	assert_string_equal(play("exit 0"), "");
	assert_string_equal(play("exit 1"), "");
	assert_string_equal(play("echo said elsewhere >/dev/null"), "");
}

static void test_first_line(void **state)
{
	(void)state;
	assert_string_equal(play("echo \"modprobe: $* is refused\" >&2; exit 1"),
			    " (\"modprobe: kmem is refused\")");
	assert_string_equal(play("printf 'one\\ntwo\\n' >&2"), " (\"one\")");
	assert_string_equal(play("printf 'one' >&2; sleep 0.1; printf ' line' >&2"),
			    " (\"one line\")");
}

/* More than a pipe holds: it is neither stopped nor killed before it is done. */
static void test_talks_on(void **state)
{
	char done[80], script[256];

	(void)state;
	snprintf(done, sizeof(done), "%s/done", dir);
	snprintf(script, sizeof(script), "head -c 300000 /dev/zero | tr '\\0' a >&2 && : >%s",
		 done);
	assert_int_equal(strlen(play(script)), MODULE_WORDS - 1);
	assert_int_equal(unlink(done), 0);
}

static void test_cannot_run(void **state)
{
	char *path = strdup(getenv("PATH"));

	(void)state;
	assert_non_null(path);
	setenv("PATH", "/nonexistent", 1);
	load_module("kmem", words);
	setenv("PATH", path, 1);
	free(path);
	assert_string_equal(words, " (\"modprobe: No such file or directory\")");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_nothing),
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_talks_on),
		cmocka_unit_test(test_cannot_run),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
