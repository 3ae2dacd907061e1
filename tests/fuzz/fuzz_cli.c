// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes the command line: its words, with a zero after each, are options, values and operands
 * of a verb that is not run. */
#include "fuzz.h"

#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include "cli.h"
#include "control.h"
#include "policy/allow.h"
#include "policy/policy.h"
#include "policy/section.h"
#include "show/report.h"
#include "show/when.h"

#define MOST_WORDS 24
#define MOST_BYTES 2048

/* --help, --version and what is unknown leave the program: here they leave the input. */
static jmp_buf leave;
static bool parsing;
static int left_with;

_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status);
_Noreturn void __wrap_exit(int status)
{
	/* libFuzzer's own */
	if (!parsing)
		__real_exit(status);
	left_with = status;
	longjmp(leave, 1);
}

static char words[MOST_BYTES + 1];
static char *argv[MOST_WORDS + 2];

static int split(const uint8_t *data, size_t size)
{
	int argc = 0;
	size_t at = 0;

	memcpy(words, data, size);
	words[size] = 0;
	argv[argc++] = "daxguard";
	for (; at < size && argc <= MOST_WORDS; at += strlen(words + at) + 1)
		argv[argc++] = words + at;
	argv[argc] = NULL;
	return argc;
}

/* Operands as the verbs take them apart. */
static void take(char *word)
{
	struct policy_change change = {};
	struct daxguard_name name;
	struct policy_rules rules = policy_default();
	char odd[POLICY_ODD];
	const char *bad;
	__u64 when;

	parse_when(word, 1800000000000000000ULL, &when);
	device_key(&name, word, true);
	section_kind(word, &name);
	if (policy_parse(&change, &word, 1, &bad))
		return;
	policy_apply(&change, &rules);
	need(!policy_odd_bytes(&rules, POLICY_BOTH, odd, sizeof(odd)));
}

static void parse(int argc)
{
	const struct verb *verb;
	int option, first;

	optind = 0;
	opts.json = asks_json(argv);
	do
		option = next_leading_option(argc, argv, main_opts);
	while (option != OPTIONS_END);
	first = optind;
	if (first >= argc)
		return;
	verb = find_verb(argv[first]);
	if (!verb)
		return;
	optind = 0;
	while (next_option(argc - first, argv + first, verb->opts) != OPTIONS_END)
		if (optarg)
			take(optarg);
	need(optind <= argc - first);
	need_operands(argc - first, argv + first, 1, 3);
	for (int i = first + optind; i < argc; i++)
		take(argv[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int argc;

	if (size > MOST_BYTES)
		return 0;
	argc = split(data, size);
	parsing = true;
	if (!setjmp(leave))
		parse(argc);
	else
		need(left_with == EXIT_DONE || left_with == EXIT_USAGE ||
		     left_with == EXIT_FAILED);
	parsing = false;
	return 0;
}
