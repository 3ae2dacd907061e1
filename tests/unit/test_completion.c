/* SPDX-License-Identifier: GPL-2.0-only */
/* The completions for bash and zsh offer what the command lists, and nothing besides. */
#include <errno.h>
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

#include "cli.h"
#include "policy/allow.h"
#include "policy/policy.h"

/* The command that was built beside this test. */
static char daxguard[4096];

static int find_daxguard(void)
{
	ssize_t len = readlink("/proc/self/exe", daxguard, sizeof(daxguard) - 16);
	int i;

	if (len < 0)
		return -1;
	daxguard[len] = 0;
	for (i = 0; i < 3 && strrchr(daxguard, '/'); i++)
		*strrchr(daxguard, '/') = 0;
	strcat(daxguard, "/daxguard");
	return access(daxguard, X_OK);
}

/* A directory with the completion for zsh, and with a command that knows of devices. */
static char dir[] = "/tmp/daxguard-completion-XXXXXX";

static FILE *new_file(const char *name, const char *mode)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, mode);
	assert_non_null(file);
	return file;
}

static int set_up(void **state)
{
	char path[128], here[4096], target[4200];
	FILE *stub;

	if (find_daxguard())
		return -1;
	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(target, sizeof(target), "%s/dist/daxguard.zsh-completion", here);
	snprintf(path, sizeof(path), "%s/_daxguard", dir);
	assert_return_code(symlink(target, path), errno);
	stub = new_file("daxguard", "we");
	fprintf(stub,
		"#!/bin/sh\n[ \"$1\" = --list-devices ] || exec '%s' \"$@\"\n"
		"echo dax0.0; echo dax1.0; echo region0; echo 0000:0d:00.0\n",
		daxguard);
	fchmod(fileno(stub), 0700);
	return fclose(stub);
}

static int tear_down(void **state)
{
	static const char *const files[] = { "_daxguard", "daxguard", "lines", "" };
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		remove(path);
	}
	return 0;
}

/* What bash prints of the script, in which $0 is the command. */
static void run_bash(const char *script, char *out, size_t size)
{
	char command[8192];
	size_t len;
	FILE *bash;

	assert_true((size_t)snprintf(command, sizeof(command),
				     "bash -c '%s' '%s/daxguard' 2>/dev/null", script,
				     dir) < sizeof(command));
	bash = popen(command, "re");
	assert_non_null(bash);
	len = fread(out, 1, size - 1, bash);
	out[len] = 0;
	pclose(bash);
}

/* What the command in it lists as devices. */
#define DAX_DEVICES "dax0.0\ndax1.0\n"
#define DEVICES DAX_DEVICES "region0\n0000:0d:00.0\n"

/* What is offered for the last of WORDS, as bash spells them, a line each. */
static void complete(const char *words, char *out, size_t size)
{
	char script[1024];

	snprintf(script, sizeof(script),
		 "source dist/daxguard.bash-completion || exit; "
		 "COMP_WORDS=(\"$0\" %s); "
		 "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _daxguard; "
		 "for word in \"${COMPREPLY[@]}\"; do echo \"$word\"; done",
		 words);
	run_bash(script, out, size);
}

static void expect_offer(const char *words, const char *offer)
{
	char out[4096];

	complete(words, out, sizeof(out));
	if (strcmp(out, offer))
		fail_msg("behind 'daxguard %s' is offered\n%sand not\n%s", words, out, offer);
}

/* As the table has them, and as --list-opts prints them. */
static void check_options(const char *verb, const struct opt *own)
{
	char words[64], script[128], listed[4096], expected[4096], *to = expected;
	struct opt all[MAX_OPTS];
	size_t i, nr = merge_opts(all, own, global_opts);

	for (i = 0; i < nr; i++)
		to += sprintf(to, "--%s%s\n", all[i].name, opt_takes_value(&all[i]) ? "=" : "");
	snprintf(script, sizeof(script), "\"$0\" --list-opts %s | grep ^- | cut -f 1", verb);
	run_bash(script, listed, sizeof(listed));
	assert_string_equal(listed, expected);
	snprintf(words, sizeof(words), "%s --", verb);
	expect_offer(words, listed);
}

static void test_options(void **state)
{
	const struct verb *verb;

	(void)state;
	check_options("", main_opts);
	for (verb = verbs; verb->name; verb++)
		check_options(verb->name, verb->opts);
	expect_offer("load --ho", "--hooks=\n");
	expect_offer("-j begin --d", "--deadline=\n");
	expect_offer("offline --z", "");
	expect_offer("nonsense --", "");
}

static void check_values(const char *before, const struct opt *opt)
{
	char words[128], expected[1024], *to = expected;
	int i;

	if (!opt->values)
		return;
	for (i = 0; opt->values[i]; i++)
		to += sprintf(to, "%s\n", opt->values[i]);
	snprintf(words, sizeof(words), "%s%s =", before, opt->name);
	expect_offer(words, expected);
	snprintf(words, sizeof(words), "%s%s = %s", before, opt->name, opt->values[0]);
	snprintf(expected, sizeof(expected), "%s\n", opt->values[0]);
	expect_offer(words, expected);
}

static void test_values(void **state)
{
	const struct verb *verb;
	const struct opt *opt;
	char before[64];

	(void)state;
	for (verb = verbs; verb->name; verb++) {
		snprintf(before, sizeof(before), "%s --", verb->name);
		for (opt = verb->opts; opt && opt->name; opt++)
			check_values(before, opt);
	}
	expect_offer("begin --timeout = 1", "");
	expect_offer("load --config = Makef", "Makefile\n");
	expect_offer("load --config = di", "dist\n");
}

static void test_words(void **state)
{
	char expected[1024], *to = expected;
	struct opt word;
	size_t i;

	(void)state;
	for (i = 0; policy_word(i, &word); i++) {
		check_values("policy set dax0.0 ", &word);
		to += sprintf(to, "%s=\n", word.name);
	}
	expect_offer("policy set dax0.0 \"\"", expected);
	expect_offer("policy set dax0.0 mode = audit \"\"", expected);
	expect_offer("policy set \"\"", DAX_DEVICES "\\*\n");
	expect_offer("policy list \"\"", "");
	expect_offer("policy unset dax0.0 \"\"", "");
	expect_offer("policy \"\"", "list\nset\nunset\napply\n");
	for (i = 0, to = expected; allow_word(i, &word); i++)
		to += sprintf(to, "%s=\n", word.name);
	expect_offer("allow add \"\"", expected);
	expect_offer("allow list \"\"", "");
	expect_offer("allow \"\"", "list\nadd\nremove\n");
	expect_offer("controller add \"\"", "exe=\n");
	expect_offer("controller remove exe = Makef exe = \"\" \"\"", "exe=\n");
	expect_offer("controller list \"\"", "");
	expect_offer("controller \"\"", "list\nadd\nremove\n");
	expect_offer("controller add exe = Makef", "Makefile\n");
	expect_offer("allow add exe = Makef", "Makefile\n");
	expect_offer("allow add uid = roo", "root\n");
	expect_offer("allow add cgroup = Makef", "");
	expect_offer("allow add cgroup = di", "dist\n");
}

/* A verb whose operands begin with DEV: devices, and more of them where it takes many. */
static void test_devices(void **state)
{
	const char *both;
	const struct verb *verb;
	char words[64];

	(void)state;
	for (verb = verbs; verb->name; verb++) {
		if (strncmp(verb->operands, "DEV", 3))
			continue;
		both = strcmp(verb->name, "timeline") ? DEVICES : DAX_DEVICES;
		snprintf(words, sizeof(words), "%s \"\"", verb->name);
		expect_offer(words, both);
		snprintf(words, sizeof(words), "%s dax0.0 \"\"", verb->name);
		expect_offer(words, !strncmp(verb->operands, "DEV...", 6)   ? both
				    : !strncmp(verb->operands, "DEV --", 6) ? "--\n"
									    : "");
	}
	expect_offer("list dax0.0 dax1", "dax1.0\n");
	expect_offer("who --device = dax1", "dax1.0\n");
	expect_offer("events --device =", DAX_DEVICES);
	expect_offer("release --force \"\"", DEVICES);
	expect_offer("timeline --svg \"\"", DAX_DEVICES);
	/* readline takes such a name apart, and has its first part already */
	expect_offer("unplug 0000 : 0", "0d:00.0\n");
	expect_offer("unplug 0000 :", "0d:00.0\n");
	expect_offer("unplug 0000", "0000:0d:00.0\n");
	expect_offer("run 0000 : 0d : 00.0 \"\"", "--\n");
	expect_offer("status \"\"", "");
	expect_offer("nonsense \"\"", "");
}

static void test_verbs(void **state)
{
	char expected[1024], *to = expected;
	const struct verb *verb;

	(void)state;
	for (verb = verbs; verb->name; verb++)
		to += sprintf(to, "%s\n", verb->name);
	expect_offer("\"\"", expected);
	expect_offer("-j unp", "unplug\n");
}

/* What is typed, and the offer that is to come. */
static void ask(FILE *typed, FILE *expected, const char *words, const char *offer)
{
	fprintf(typed, "daxguard %s\n", words);
	fprintf(expected, "daxguard %s: %s;\n", words, offer);
}

static void ask_about_tables(FILE *typed, FILE *expected)
{
	char words[64], offer[1024], *to, every[1024] = "";
	struct opt all[MAX_OPTS], word;
	const struct verb *verb;
	size_t i, nr;

	for (verb = verbs; verb->name; verb++) {
		nr = merge_opts(all, verb->opts, global_opts);
		for (i = 0, to = offer; i < nr; i++)
			if (opt_takes_value(&all[i]))
				to += sprintf(to, "--%s= ", all[i].name);
		for (i = 0; i < nr; i++)
			if (!opt_takes_value(&all[i]))
				to += sprintf(to, "--%s ", all[i].name);
		snprintf(words, sizeof(words), "%s --", verb->name);
		ask(typed, expected, words, offer);
		strcat(strcat(every, verb->name), " ");
	}
	ask(typed, expected, "", every);
	for (i = 0, to = offer; policy_word(i, &word); i++)
		to += sprintf(to, "%s= ", word.name);
	ask(typed, expected, "policy set dax0.0 ", offer);
}

static void ask_about_words(FILE *typed, FILE *expected)
{
	ask(typed, expected, "-j unp", "unplug ");
	ask(typed, expected, "-j begin --d", "--deadline= ");
	ask(typed, expected, "load --hooks=", "auto kernel lsm both ");
	ask(typed, expected, "load --config=Makef", "Makefile ");
	ask(typed, expected, "list dax", "dax0.0 dax1.0 ");
	ask(typed, expected, "unplug reg", "region0 ");
	ask(typed, expected, "end dax0.0 ", "");
	ask(typed, expected, "run dax0.0 ", "-- ");
	ask(typed, expected, "who --device=dax1", "dax1.0 ");
	ask(typed, expected, "policy ", "list set unset apply ");
	ask(typed, expected, "policy set ", "dax0.0 dax1.0 * ");
	ask(typed, expected, "policy set dax0.0 mode=audit sc", "scope= ");
	ask(typed, expected, "policy set dax0.0 mode=", "off audit enforce ");
	ask(typed, expected, "policy list ", "");
	ask(typed, expected, "controller add ", "exe= ");
	ask(typed, expected, "controller add exe=Makef", "Makefile ");
	ask(typed, expected, "allow add uid=roo", "root ");
	ask(typed, expected, "run dax0.0 -- cat Makef", "Makefile ");
	ask(typed, expected, "status ", "");
	ask(typed, expected, "nonsense --", "");
}

static void test_zsh(void **state)
{
	FILE *typed = new_file("lines", "we"), *expected, *zsh;
	char command[512], *want = NULL, *got = NULL;
	size_t size;

	(void)state;
	expected = open_memstream(&want, &size);
	assert_non_null(expected);
	ask_about_tables(typed, expected);
	ask_about_words(typed, expected);
	fclose(typed);
	fclose(expected);
	snprintf(command, sizeof(command),
		 "timeout 60 zsh tests/unit/complete.zsh %s <%s/lines", dir, dir);
	zsh = popen(command, "re");
	assert_non_null(zsh);
	assert_true(getdelim(&got, &size, 0, zsh) > 0);
	assert_int_equal(pclose(zsh), 0);
	assert_string_equal(got, want);
	free(got);
	free(want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options), cmocka_unit_test(test_values),
		cmocka_unit_test(test_words),	cmocka_unit_test(test_devices),
		cmocka_unit_test(test_verbs),	cmocka_unit_test(test_zsh),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
