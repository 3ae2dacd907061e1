/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of options against --help, --list-opts, --list-operands and the manual pages. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"
#include "cli.h"
#include "policy/allow.h"
#include "policy/policy.h"

#define MAN_CONF "man/daxguard.conf.5.scd"

static void help_all_of(const struct verb *verb)
{
	(void)verb;
	help_all();
}

/* What PRINT prints of the verb. */
static char *printed(void (*print)(const struct verb *verb), const struct verb *verb)
{
	struct capture c;

	capture_begin(&c);
	print(verb);
	return capture_end(&c);
}

/* The name, which is nothing else's beginning or end, before one of the characters ENDS. */
static bool has_name(const char *text, const char *dashes, const char *name, const char *ends)
{
	char whole[64];
	size_t len = snprintf(whole, sizeof(whole), "%s%s", dashes, name);

	for (; (text = strstr(text, whole)); text++)
		if (strchr(ends, text[len]))
			return true;
	return false;
}

static void check_table(const struct opt *first, const struct opt *second, const char *whose)
{
	struct opt all[MAX_OPTS];
	size_t i, j, nr = merge_opts(all, first, second);

	for (i = 0; i < nr; i++) {
		assert_non_null(all[i].help);
		if (!all[i].key || all[i].key == '?' || all[i].key == ':')
			fail_msg("--%s of '%s' has no key", all[i].name, whose);
		for (j = 0; j < i; j++) {
			if (all[i].key == all[j].key)
				fail_msg("--%s and --%s of '%s' share a letter", all[i].name,
					 all[j].name, whose);
			assert_string_not_equal(all[i].name, all[j].name);
		}
	}
}

static void test_tables(void **state)
{
	const struct verb *verb;

	(void)state;
	check_table(main_opts, global_opts, "daxguard");
	for (verb = verbs; verb->name; verb++)
		check_table(verb->opts, global_opts, verb->name);
}

static void check_help(const struct opt *own, const char *help, const char *whose)
{
	char letter[8];

	for (; own->name; own++) {
		if (!has_name(help, "  --", own->name, " =[") &&
		    !has_name(help, ", --", own->name, " =["))
			fail_msg("the help of '%s' lacks --%s", whose, own->name);
		snprintf(letter, sizeof(letter), "  -%c, ", own->key);
		if (opt_has_letter(own) && !has_name(help, letter, "--", own->name))
			fail_msg("the help of '%s' lacks -%c", whose, own->key);
	}
}

static void test_help(void **state)
{
	const struct verb *verb;
	struct opt word;
	char *help;
	size_t i;

	(void)state;
	for (verb = verbs; verb->name; verb++) {
		help = printed(help_verb, verb);
		if (verb->opts)
			check_help(verb->opts, help, verb->name);
		for (i = 0; verb->word && verb->word(i, &word); i++)
			if (!has_name(help, " ", word.name, "="))
				fail_msg("the help of '%s' lacks %s=", verb->name, word.name);
		free(help);
	}
	help = printed(help_all_of, NULL);
	check_help(global_opts, help, "daxguard");
	check_help(main_opts, help, "daxguard");
	free(help);
}

static void test_help_layout(void **state)
{
	static const char *const values[] = { "a", "b", NULL };
	static const struct opt own[] = {
		{ "force", 'f', .usage = USAGE_OPERANDS, .help = "one" },
		{ "kind", OPT_MODE, "KIND", values, .help = "two\nlines" },
		{ "at", OPT_SINCE, "WHEN", .complete = "file", .help = "three" },
		{ "any", OPT_ALL, .usage = USAGE_TOGETHER, .help = "four" },
		{},
	};
	static const char help[] =
		"Usage: daxguard load [--kind=a|b] [--at=WHEN] [OPTION...] DEV\n\n"
		"What.\n\n"
		"  -f, --force      one\n"
		"      --kind=KIND  two\n"
		"                   lines\n"
		"      --at=WHEN    three\n"
		"      --any        four\n"
		"Notes.\n\n";
	struct verb verb = { "load", own, "DEV", "What", .notes = "Notes.\n" };
	char *text = printed(help_verb, &verb);

	(void)state;
	text[strlen(help)] = 0;
	assert_string_equal(text, help);
	free(text);
	verb.operands = "do | undo DEV|'*'";
	text = printed(list_opts, &verb);
	assert_string_equal(text, "--force\n--kind=\ta b\n--at=\t@file\n--any\n"
				  "--json\n--verbose\n--help\n--version\ndo\nundo\n");
	free(text);
	text = printed(list_operands, &verb);
	assert_string_equal(text, "do\nundo DEV|*\n");
	free(text);
	verb.operands = "--force [DEV...]|--all -- COMMAND...";
	text = printed(list_operands, &verb);
	assert_string_equal(text, "DEV... -- COMMAND...\n");
	free(text);
	verb.operands = "";
	text = printed(list_operands, &verb);
	assert_string_equal(text, "");
	free(text);
}

/* The manual page's own marks taken out of a line, "++" at its end too. */
static void strip_marks(const char *from, char *to)
{
	for (; *from && *from != '\n' && strncmp(from, "++\n", 3); from++) {
		if (*from == '*' || *from == '_')
			continue;
		if (*from == '\\')
			from++;
		*to++ = *from;
	}
	*to = 0;
}

/* The line of the synopsis is the usage line of --help, alone or with others. */
static void check_synopsis(const struct verb *verb, const char *page, const char *man)
{
	char start[64], *line, *usage = printed(print_usage, verb);
	const char *synopsis;
	size_t len = snprintf(start, sizeof(start), "\n*daxguard %s*", verb->name);

	for (synopsis = strstr(man, start); synopsis; synopsis = strstr(synopsis + 1, start))
		if (strchr(" +\n", synopsis[len]))
			break;
	if (!synopsis)
		fail_msg("the synopsis in '%s' lacks: %s", page, usage);
	line = malloc(strcspn(synopsis + 1, "\n") + 1);
	assert_non_null(line);
	strip_marks(synopsis + 1, line);
	usage[strcspn(usage, "\n")] = 0;
	assert_string_equal(line, usage);
	free(line);
	free(usage);
}

/* Spoken of in bold, which an example is not; in a verb's own page at the start of a line. */
static void check_described(const struct opt *own, const char *page, const char *text,
			    const char *whose)
{
	char start[16];

	for (; own && own->name; own++) {
		if (opt_has_letter(own))
			snprintf(start, sizeof(start), "\n*-%c*, *--", own->key);
		else
			strcpy(start, "\n*--");
		if (!has_name(text, start + !strcmp(page, MAN), own->name, "*"))
			fail_msg("'%s' does not describe '%s%s*' of '%s'", page, start + 1,
				 own->name, whose);
	}
}

/* The row of the table of verbs in daxguard(8), and the page that describes the verb. */
static void check_verb(const struct verb *verb, const char *man)
{
	const char *page = page_of(verb->name);
	char row[160], *text = read_page(page);

	snprintf(row, sizeof(row), "\n|  *%s*\n:  %s\n", verb->name, verb->what);
	if (!strstr(man, row))
		fail_msg("the table of verbs in '" MAN "' lacks:%s", row);
	check_synopsis(verb, page, text);
	check_described(verb->opts, page, text, verb->name);
	free(text);
}

static void test_man_has_all(void **state)
{
	const struct verb *verb;
	char *man = read_page(MAN);

	(void)state;
	for (verb = verbs; verb->name; verb++)
		check_verb(verb, man);
	check_described(global_opts, MAN, man, "daxguard");
	check_described(main_opts, MAN, man, "daxguard");
	free(man);
}

static void test_readme_has_all(void **state)
{
	char *readme = read_page("README.md"), name[64];
	const struct verb *verb;

	(void)state;
	for (verb = verbs; verb->name; verb++) {
		snprintf(name, sizeof(name), "`daxguard %s", verb->name);
		if (!strstr(readme, name))
			fail_msg("'README.md' lacks the verb '%s' in its table", verb->name);
	}
	free(readme);
}

/* A page daxguard-VERB(8) that is named is there, or the verb still stands in daxguard(8). */
static void check_references(const char *page)
{
	char *man = read_page(page), *at, name[32];
	int len;

	for (at = man; (at = strstr(at, "*daxguard-")); at++) {
		len = 0;
		sscanf(at, "*daxguard-%31[a-z]*(8)%n", name, &len);
		if (len && !find_verb(name))
			fail_msg("'%s' names daxguard-%s(8), and there is no such verb", page,
				 name);
	}
	free(man);
}

static bool is_option(const struct opt *own, const char *name, size_t len)
{
	for (; own && own->name; own++)
		if (strlen(own->name) == len && !memcmp(own->name, name, len))
			return true;
	return false;
}

static void check_no_more(const char *page)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
	char *man = read_page(page), *at;
	const struct verb *verb;
	bool known;
	size_t len;

	for (at = man; (at = strstr(at, "--")); at += len) {
		at += 2;
		len = strspn(at, letters);
		/* what others' commands have is no bold word of ours */
		known = !len || at - man < 3 || at[-3] != '*' ||
			is_option(global_opts, at, len) || is_option(main_opts, at, len);
		for (verb = verbs; !known && verb->name; verb++)
			known = is_option(verb->opts, at, len);
		if (!known)
			fail_msg("'%s' names --%.*s, which no verb has", page, (int)len, at);
	}
	free(man);
}

static void each_page(void (*check)(const char *page))
{
	glob_t pages;
	size_t i;

	assert_int_equal(glob("man/*.scd", 0, NULL, &pages), 0);
	for (i = 0; i < pages.gl_pathc; i++)
		check(pages.gl_pathv[i]);
	globfree(&pages);
}

static void test_man_refers(void **state)
{
	(void)state;
	each_page(check_references);
}

static void test_man_has_no_more(void **state)
{
	(void)state;
	each_page(check_no_more);
}

/* TEXT as the manual page has it. */
static char *mark_up(char *to, const char *text)
{
	for (; *text; *to++ = *text++)
		if (*text == '_')
			*to++ = '\\';
	*to = 0;
	return to;
}

/* The row of the table: the key, its values in the order of --help, and what is built in. */
static void check_key(size_t nr, const struct opt *word, const char *man)
{
	const struct policy_rules standard = policy_default();
	char row[256], number[16], *to = mark_up(stpcpy(row, "\n|  "), word->name);
	int i;

	to = stpcpy(to, "\n:  ");
	for (i = 0; word->values && word->values[i]; i++)
		to += sprintf(to, "%s_%s_", i ? ", " : "", word->values[i]);
	if (!word->values)
		to = stpcpy(to, "seconds");
	sprintf(to, "\n:  %s\n", policy_value(&standard, nr, number, sizeof(number)));
	if (!strstr(man, row))
		fail_msg("'" MAN_CONF "' has no row for the key %s:%s", word->name, row);
}

static void check_who(const char *page, const char *man, const char *name, const char *ends)
{
	char start[64];

	snprintf(start, sizeof(start), "*%s%s", name, ends);
	if (!strstr(man, start))
		fail_msg("'%s' does not describe %s=", page, name);
}

static void test_man_has_words(void **state)
{
	char *man = read_page(page_of("allow")), *conf = read_page(MAN_CONF);
	struct opt word;
	size_t i;

	(void)state;
	for (i = 0; policy_word(i, &word); i++)
		check_key(i, &word, conf);
	assert_true(i > 0);
	for (i = 0; allow_word(i, &word); i++) {
		check_who(page_of("allow"), man, word.name, "=*_");
		check_who(MAN_CONF, conf, word.name, "* = _");
	}
	assert_true(i > 0);
	free(conf);
	free(man);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),		cmocka_unit_test(test_help),
		cmocka_unit_test(test_help_layout),	cmocka_unit_test(test_man_has_all),
		cmocka_unit_test(test_man_has_no_more), cmocka_unit_test(test_man_has_words),
		cmocka_unit_test(test_man_refers),	cmocka_unit_test(test_readme_has_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
