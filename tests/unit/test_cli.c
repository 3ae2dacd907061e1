/* SPDX-License-Identifier: GPL-2.0-only */
/* Options, numbers, times and texts: the command line and what is printed. */
#include "show/report.h" /* before cmocka.h, which has a fail() too */

#include <bpf/btf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "array.h"
#include "capture.h"
#include "guard/arch.h"
#include "guard/check.h"
#include "guard/protect.h"
#include "cli.h"
#include "number.h"
#include "show/when.h"
#include "transition.h"
#include "verbs/remedy.h"

static const struct opt own[] = {
	{ "follow", .key = 'f' },
	{ "since", OPT_SINCE, .arg = "WHEN" },
	{ "list-verbs", .key = OPT_LIST_VERBS },
	{ "list-opts", OPT_LIST_OPTS, .whole = true },
	{},
};

typedef int (*next_fn)(int argc, char **argv, const struct opt *own);

/* What a run of next_option() in a process of its own said and left with. */
struct outcome {
	int status;
	char said[4096];
};

/* 100 + a bit for each option taken: that the program was not left. */
static int run_options(char **argv, next_fn next)
{
	int argc = 0, option, seen = 0;

	while (argv[argc])
		argc++;
	optind = 0;
	while ((option = next(argc, argv, own)) != OPTIONS_END) {
		if (option == 'f')
			seen |= 1;
		else if (option == OPT_SINCE)
			seen |= 2;
		else
			seen |= option == OPT_LIST_VERBS ? 4 : 8;
	}
	return 100 + seen;
}

static void try_options(struct outcome *o, next_fn next, char **argv)
{
	int fds[2], status;
	ssize_t len, sum = 0;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	child = fork();
	if (!child) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		status = run_options(argv, next);
		fflush(stdout);
		_exit(status);
	}
	close(fds[1]);
	while ((len = read(fds[0], o->said + sum, sizeof(o->said) - 1 - sum)) > 0)
		sum += len;
	o->said[sum] = 0;
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	o->status = WEXITSTATUS(status);
}

#define TRY(o, ...) try_options(o, next_option, (char *[]){ "events", __VA_ARGS__, NULL })
#define TRY_LEADING(o, ...) \
	try_options(o, next_leading_option, (char *[]){ "events", __VA_ARGS__, NULL })

static void test_options(void **state)
{
	struct outcome o;

	(void)state;
	TRY(&o, "-f");
	assert_int_equal(o.status, 101);
	TRY(&o, "-jvf", "word", "--since", "-10m");
	assert_int_equal(o.status, 103);
	TRY(&o, "word", "--", "-f", "--bogus");
	assert_int_equal(o.status, 100);
	TRY_LEADING(&o, "word", "--follow");
	assert_int_equal(o.status, 100);
	TRY_LEADING(&o, "--since=-", "word", "--bogus");
	assert_int_equal(o.status, 102);
	TRY(&o, "--fol", "--si", "-1s");
	assert_int_equal(o.status, 103);
	TRY(&o, "--list");
	assert_int_equal(o.status, 104);
	TRY(&o, "--list-opts");
	assert_int_equal(o.status, 108);
	assert_string_equal(o.said, "");
}

static void expect_refused(struct outcome *o, const char *typed)
{
	assert_int_equal(o->status, EXIT_USAGE);
	if (!strstr(o->said, typed) || !strstr(o->said, "--help"))
		fail_msg("'%s' does not name %s", o->said, typed);
	/* once, in one line */
	assert_ptr_equal(strchr(o->said, '\n'), o->said + strlen(o->said) - 1);
}

static void test_bad_options(void **state)
{
	struct outcome o;

	(void)state;
	TRY(&o, "--bogus");
	expect_refused(&o, "'--bogus' is unknown");
	TRY(&o, "--json", "-fx");
	expect_refused(&o, "'-x' is unknown");
	TRY(&o, "--follow=yes");
	expect_refused(&o, "'--follow=yes' takes no value");
	TRY(&o, "word", "--since");
	expect_refused(&o, "'--since' needs a value");
	TRY(&o, "--v");
	expect_refused(&o, "'--v' is unknown"); /* verbose or version? */
	TRY(&o, "-\xff");
	assert_int_equal(o.status, EXIT_USAGE);
	TRY(&o, "-j", "--bo\"gus\x1b[2J");
	expect_refused(&o, "{\"error\":\"the option '--bo\\\"gus?[2J' is unknown");
}

static void test_help(void **state)
{
	struct outcome o;

	(void)state;
	TRY(&o, "--help", "--bogus");
	assert_int_equal(o.status, 0);
	assert_non_null(strstr(o.said, "Usage: daxguard events"));
	TRY(&o, "-V");
	assert_int_equal(o.status, 0);
	assert_int_equal(strncmp(o.said, "daxguard ", 9), 0);
	try_options(&o, next_leading_option, (char *[]){ "/usr/sbin/daxguard", "-h", NULL });
	assert_int_equal(o.status, 0);
	assert_non_null(strstr(o.said, "Exit status"));
}

static void test_verbs(void **state)
{
	const struct verb *verb, *other;

	(void)state;
	for (verb = verbs; verb->name; verb++) {
		assert_non_null(verb->operands);
		assert_non_null(verb->what);
		assert_non_null(verb->run);
		assert_ptr_equal(find_verb(verb->name), verb);
		for (other = verbs; other != verb; other++)
			assert_string_not_equal(other->name, verb->name);
	}
	assert_null(find_verb(""));
	assert_null(find_verb("stat"));
	assert_null(find_verb("statuss"));
}

static void test_asks_json(void **state)
{
	(void)state;
	assert_true(asks_json((char *[]){ "x", "foo", "-j", NULL }));
	assert_true(asks_json((char *[]){ "x", "--json", "--", NULL }));
	assert_false(asks_json((char *[]){ "x", "--", "-j", NULL }));
	assert_false(asks_json((char *[]){ "x", "--jso", "j", "", NULL }));
}

static void test_numbers(void **state)
{
	static const char *const bad[] = { "",	 " 1",	"1 ", "+1",  "-1",  "0x1",
					   "1k", "1.0", "a",  "1\n", "1_0", "\xd9\xa1" };
	__u64 n = 7;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(parse_number(bad[i], 10, UINT64_MAX, &n), -EINVAL);
	assert_int_equal(parse_number("18446744073709551616", 10, UINT64_MAX, &n), -ERANGE);
	assert_int_equal(parse_number("10", 10, 9, &n), -ERANGE);
	assert_int_equal(n, 7);
	assert_int_equal(parse_number("18446744073709551615", 10, UINT64_MAX, &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(parse_number("010", 0, UINT64_MAX, &n), 0);
	assert_int_equal(n, 10);
	assert_int_equal(parse_number("0xFf", 0, UINT64_MAX, &n), 0);
	assert_int_equal(n, 255);
	assert_int_equal(parse_number("0x", 0, UINT64_MAX, &n), -EINVAL);
	assert_int_equal(parse_number("0x10", 16, UINT64_MAX, &n), -EINVAL);
	assert_int_equal(parse_number("8000000", 16, UINT64_MAX, &n), 0);
	assert_int_equal(n, 0x8000000);
}

#define S 1000000000ULL

static void test_times(void **state)
{
	static const struct {
		const char *text;
		__u64 when;
	} good[] = {
		{ "@0", 0 },
		{ "@1769860800", 1769860800 * S },
		{ "2026-01-31T12:00:00Z", 1769860800 * S },
		{ "2026-01-31t13:00:00.25+01:00", 1769860800 * S + S / 4 },
		{ "2026-01-31 11:29:00.123456789123-00:31", 1769860800 * S + 123456789 },
		{ "1970-01-01T00:00:00z", 0 },
		{ "2024-02-29T00:00:00Z", 1709164800 * S },
		{ "10s", 990 * S },
		{ "-10m", 400 * S },
		{ "1h", 0 },
		{ "-1d", 0 },
		{ "0s", 1000 * S },
		{ "2026-12-30T23:59:60Z", 1798675200 * S },
	};
	__u64 when;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		if (parse_when(good[i].text, 1000 * S, &when))
			fail_msg("'%s' was refused", good[i].text);
		if (when != good[i].when)
			fail_msg("'%s' is %llu", good[i].text, when);
	}
}

static const char *const bad_times[] = {
	"",
	"-",
	"@",
	"@-1",
	"@1.5",
	"@99999999999999",
	"10",
	"m",
	"-m",
	"--10m",
	"+10m",
	"10M",
	"10m ",
	"10mm",
	"1.5h",
	"99999999999999999999d",
	"213503982334602d",
	"now",
	"yesterday",
	"12:00",
	"2026-01-31",
	"2026-01-31T12:00:00",
	"2026-01-31T12:00Z",
	"2026-1-31T12:00:00Z",
	" 2026-1-31T12:00:00Z",
	"2026- 1-31T12:00:00Z",
	"2026-01-31T12: 0:00Z",
	"2026-01-31T12:00:00+ 1:00",
	"2026-02-30T12:00:00Z",
	"2023-02-29T00:00:00Z",
	"2026-13-01T00:00:00Z",
	"2026-00-01T00:00:00Z",
	"2026-01-00T00:00:00Z",
	"2026-12-00T23:59:60Z",
	"2026-01-31T24:00:00Z",
	"2026-01-31T12:60:00Z",
	"2026-01-31T12:00:61Z",
	"2026-01-31T12:00:00.Z",
	"2026-01-31T12:00:00+1:00",
	"2026-01-31T12:00:00+24:00",
	"2026-01-31T12:00:00+0100",
	"2026-01-31T12:00:00Zx",
	"1969-12-31T23:59:59Z",
	"1970-01-01T00:00:00+00:01",
	"9999-12-31T23:59:59Z",
	"-026-01-31T12:00:00Z",
	":::::::::::::",
};

static void test_bad_times(void **state)
{
	char text[4096];
	__u64 when;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad_times); i++)
		if (parse_when(bad_times[i], 1000 * S, &when) != -EINVAL)
			fail_msg("'%s' was taken", bad_times[i]);
	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_int_equal(parse_when(text, 0, &when), -EINVAL);
	text[sizeof(text) - 2] = 's';
	assert_int_equal(parse_when(text, 0, &when), -EINVAL);
	format_when(1769860800 * S + 1500, text, sizeof(text));
	assert_string_equal(text, "2026-01-31T12:00:00.000001Z");
}

static void expect_clean(const char *from, const char *to)
{
	char out[64];

	assert_string_equal(clean_text(out, sizeof(out), from, strlen(from)), to);
}

static void test_clean_text(void **state)
{
	char out[4], raw[16] = "0123456789abcdef"; /* no zero at the end */
	char *exact = malloc(16);
	struct json_object *obj;

	(void)state;
	expect_clean("", "");
	expect_clean("kworker/0:1-ev", "kworker/0:1-ev");
	expect_clean("a\x1b[31mb\n\x7f", "a?[31mb??");
	expect_clean("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	expect_clean("\xe2\x82\xac\xf0\x9f\x90\xa7", "\xe2\x82\xac\xf0\x9f\x90\xa7");
	expect_clean("\xc0\x80\xff\xfe", "????"); /* zero in disguise */
	expect_clean("\xe0\x80\xaf\xe0\x9f\xbf", "??????");
	expect_clean("\xf0\x8f\xbf\xbf", "????");
	expect_clean("\xed\xa0\x80", "???"); /* half a pair */
	expect_clean("\xf4\x90\x80\x80", "????");
	expect_clean("\xc2\x9b"
		     "2J",
		     "??2J"); /* a terminal's CSI */
	expect_clean("cut\xe2\x82", "cut??");
	assert_string_equal(clean_text(out, sizeof(out), "abcdef", 6), "abc");
	assert_string_equal(clean_text(out, sizeof(out), "ab\xe2\x82\xac", 5), "ab");
	/* the sanitizer sees it when more than 16 bytes are read */
	assert_non_null(exact);
	memcpy(exact, raw, 16);
	obj = json_text(exact, 16);
	assert_string_equal(json_object_get_string(obj), "0123456789abcdef");
	json_object_put(obj);
	obj = json_text("quote\"\\\x01\xff", 64);
	assert_string_equal(json_object_get_string(obj), "quote\"\\??");
	json_object_put(obj);
	free(exact);
}

/* The library's sentence, and what the command says of it. */
static void expect_why(const struct why *why, const char *library, const char *command)
{
	struct capture c;
	char *said;

	assert_string_equal(why->text, library);
	opts.json = true;
	capture_begin(&c);
	assert_int_equal(fail_why(7, why), 7);
	said = capture_end(&c);
	opts.json = false;
	if (!strstr(said, command))
		fail_msg("not '%s' but %s", command, said);
	free(said);
}

static void test_remedies(void **state)
{
	struct hold h = { .name = { "dax0.0" }, .owner = -1 };
	struct why why;

	(void)state;
	assert_int_equal(transition_begin(&h, &why), DAXGUARD_RESULT_FAILED);
	expect_why(&why, "process -1 cannot hold 'dax0.0'",
		   "\"process -1 cannot hold 'dax0.0': give another with --owner=PID\"");
	set_why(&why, DAXGUARD_RESULT_FAILED, "there is no process 12");
	assert_int_equal(why.remedy, REMEDY_NONE);
	expect_why(&why, "there is no process 12", "\"there is no process 12\"");
	why.remedy = REMEDY_RUNNING_OWNER;
	expect_why(&why, "there is no process 12",
		   "\"there is no process 12: give a running one with --owner=PID\"");
	set_why(&why, DAXGUARD_RESULT_HELD, "wait until that is done");
	why.remedy = REMEDY_WAIT;
	expect_why(&why, "wait until that is done",
		   "\"wait until that is done, or use --wait\"");
	set_why(&why, DAXGUARD_RESULT_FAILED, "end that program");
	why.remedy = REMEDY_WRITER_TIME;
	expect_why(&why, "end that program", "\"end that program or use a longer --timeout\"");
	set_why(&why, DAXGUARD_RESULT_ROLLED_BACK, "try again");
	why.remedy = REMEDY_RETRY_TIME;
	expect_why(&why, "try again", "\"try again, if need be with a longer --timeout\"");
}

static void test_check_parts(void **state)
{
	char name[64], small[8];

	(void)state;
	assert_true(list_has("lockdown,bpf", "bpf"));
	assert_true(list_has("bpf", "bpf"));
	assert_true(list_has("bpf,yama", "bpf"));
	assert_false(list_has("", "bpf"));
	assert_false(list_has("bpfx,xbpf,bp,bpf_lsm", "bpf"));
	assert_false(list_has(",,", "bpf"));
	assert_true(hook_of_section("lsm/file_open", name, sizeof(name)) > 0);
	assert_string_equal(name, "bpf_lsm_file_open");
	assert_true(hook_of_section("fexit/dax_bus_probe", name, sizeof(name)) > 0);
	assert_string_equal(name, "dax_bus_probe");
	assert_true(hook_of_section("tp_btf/sched_process_exit", name, sizeof(name)) > 0);
	assert_string_equal(name, "btf_trace_sched_process_exit");
	assert_true(hook_of_section("iter/task", small, sizeof(small)) > 0);
	assert_string_equal(small, "bpf_ite");
	assert_true(hook_of_section("syscall", name, sizeof(name)) < 0);
	assert_true(hook_of_section("lsm/", name, sizeof(name)) < 0);
	assert_int_equal(release_at_least("6.1.0-56-amd64", 6, 1), 1);
	assert_int_equal(release_at_least("6.0.9", 6, 1), 0);
	assert_int_equal(release_at_least("7.0-rc1", 6, 1), 1);
	assert_int_equal(release_at_least("5.15.1", 6, 1), 0);
	assert_true(release_at_least("next", 6, 1) < 0);
	assert_true(release_at_least("", 6, 1) < 0);
}

/* What a check has found. */
struct findings {
	size_t nr;
	enum finding finding;
	char what[32];
	char text[CHECK_LEN];
};

static void keep_finding(struct checks *c, enum finding finding, const char *what,
			 const char *text)
{
	struct findings *seen = c->context;

	seen->nr++;
	seen->finding = finding;
	snprintf(seen->what, sizeof(seen->what), "%s", what);
	snprintf(seen->text, sizeof(seen->text), "%s", text);
}

static void expect_finding(struct findings *seen, enum finding finding, const char *text)
{
	assert_int_equal(seen->nr, 1);
	assert_int_equal(seen->finding, finding);
	assert_string_equal(seen->what, "thing");
	assert_string_equal(seen->text, text);
	seen->nr = 0;
}

static void look_twice(const struct need *need, struct checks *c)
{
	unmet(need, c, NULL, "one");
	unmet(need, c, NULL, "two");
}

static void test_needs(void **state)
{
	static const struct need strict = { "thing", MISSING, "get one", NULL };
	static const struct need lenient = { "thing", WARNING, NULL, NULL };
	static const struct need both[] = { { "a", MISSING, "b", look_twice },
					    { "c", WARNING, "d", look_twice },
					    {} };
	struct findings seen = {};
	struct checks c = { .found = keep_finding, .context = &seen };

	(void)state;
	met(&strict, &c, "%d of them", 3);
	expect_finding(&seen, OK, "3 of them");
	untold(&strict, &c, "look again", "'%s' is dark\n", "it");
	expect_finding(&seen, UNKNOWN, "'it' is dark?: look again");
	unmet(&lenient, &c, NULL, "none: find one");
	expect_finding(&seen, WARNING, "none: find one");
	assert_int_equal(c.missing, 0);
	unmet(&strict, &c, NULL, "no %s", "thing");
	expect_finding(&seen, MISSING, "no thing: get one");
	unmet(&strict, &c, "buy one", "no %s", "thing");
	expect_finding(&seen, MISSING, "no thing: buy one");
	assert_int_equal(c.missing, 2);
	check_needs(&c, both);
	assert_int_equal(seen.nr, 4);
	assert_int_equal(c.missing, 4);
	assert_string_equal(seen.text, "two: d");
}

static void test_machines(void **state)
{
	static const struct need need = { "thing", MISSING, "use another", NULL };
	struct findings seen = {};
	struct checks c = { .found = keep_finding, .context = &seen };

	(void)state;
	look_at_arch(&need, &c, "x86_64", false);
	expect_finding(&seen, OK, "x86_64");
	look_at_arch(&need, &c, "aarch64", false);
	expect_finding(&seen, OK, "aarch64");
	look_at_arch(&need, &c, "riscv64", false);
	expect_finding(&seen, MISSING, "'riscv64' is not supported: use another");
	look_at_arch(&need, &c, "aarch", false);
	expect_finding(&seen, MISSING, "'aarch' is not supported: use another");
	look_at_arch(&need, &c, "s390x", true);
	expect_finding(&seen, MISSING,
		       "'s390x' is big-endian, which daxguard is not made for: use a "
		       "little-endian system on x86_64 or aarch64");
	look_at_arch(&need, &c, "aarch64_be", false);
	expect_finding(&seen, MISSING,
		       "'aarch64_be' is big-endian, which daxguard is not made for: use a "
		       "little-endian system on x86_64 or aarch64");
	assert_int_equal(c.missing, 4);
}

/* Linux 6.1 on arm64 has no such function. */
static void test_direct_calls(void **state)
{
	static const struct need need = { "thing", MISSING, "use another", NULL };
	struct findings seen = {};
	struct checks c = { .found = keep_finding, .context = &seen };
	struct btf *btf = btf__new_empty();
	int type;

	(void)state;
	assert_non_null(btf);
	type = btf__add_func_proto(btf, 0);
	assert_true(type > 0);
	assert_true(btf__add_func(btf, "register_ftrace_function", BTF_FUNC_STATIC, type) > 0);
	assert_true(btf__add_struct(btf, "register_ftrace_direct", 8) > 0);
	assert_false(look_at_direct_calls(&need, &c, btf));
	expect_finding(&seen, MISSING,
		       "this kernel has no 'register_ftrace_direct', so no program can be "
		       "attached to its functions: use one with "
		       "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y, which arm64 has since 6.4");
	assert_true(btf__add_func(btf, "register_ftrace_direct", BTF_FUNC_STATIC, type) > 0);
	assert_true(look_at_direct_calls(&need, &c, btf));
	assert_int_equal(seen.nr, 0);
	btf__free(btf);
}

/* On whatever machine this runs: each speaks of itself, with what helps where it is not met. */
static void expect_itself(const struct need *need)
{
	struct findings seen = {};
	struct checks c = { .found = keep_finding, .context = &seen };

	need->look(need, &c);
	if (!seen.nr)
		return;
	assert_string_equal(seen.what, need->name);
	if (seen.finding != OK && !strstr(seen.text, ": "))
		fail_msg("'%s' has no remedy: %s", need->name, seen.text);
	assert_true(seen.finding == OK || seen.finding == UNKNOWN ||
		    seen.finding == need->unmet);
}

static void test_each_need(void **state)
{
	const struct need *need;

	(void)state;
	for (need = machine_needs; need->name; need++)
		expect_itself(need);
	for (need = protections; need->name; need++)
		expect_itself(need);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),	   cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_help),	   cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_asks_json),  cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_times),	   cmocka_unit_test(test_bad_times),
		cmocka_unit_test(test_clean_text), cmocka_unit_test(test_check_parts),
		cmocka_unit_test(test_remedies),   cmocka_unit_test(test_needs),
		cmocka_unit_test(test_machines),   cmocka_unit_test(test_direct_calls),
		cmocka_unit_test(test_each_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
