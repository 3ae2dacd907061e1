/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking options from the command line, those that every verb understands among them. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "show/report.h"

#ifndef DAXGUARD_VERSION
#define DAXGUARD_VERSION "unknown"
#endif

const struct opt global_opts[] = {
	{ "json", 'j', .help = "print JSON, errors too" },
	{ "verbose", 'v', .help = "show what libbpf and the verifier say" },
	{ "help", 'h', .help = "this text; after a verb, the verb's" },
	{ "version", 'V', .help = "the version" },
	{},
};

/* "--list" meant the verbs before there was another list. */
const struct opt main_opts[] = {
	{ "list-verbs", OPT_LIST_VERBS, .help = "the verbs, one a line" },
	{ "list-opts", OPT_LIST_OPTS, .whole = true,
	  .help = "the options, one a line, or those of the verb after it" },
	{ "list-operands", OPT_LIST_OPERANDS, .whole = true,
	  .help = "the operands of the verb after it, a line for each way" },
	{ "list-devices", OPT_LIST_DEVICES, .whole = true,
	  .help = "the names that DEV may be, one a line" },
	{ "list-knobs", OPT_LIST_KNOBS, .whole = true,
	  .help = "the files that are guarded, one a line" },
	{},
};

const char daxguard_version[] = DAXGUARD_VERSION;

const struct verb *find_verb(const char *name)
{
	const struct verb *verb;

	for (verb = verbs; verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}

bool asks_json(char *const *argv)
{
	for (; *argv && strcmp(*argv, "--"); argv++)
		if (!strcmp(*argv, "-j") || !strcmp(*argv, "--json"))
			return true;
	return false;
}

/* Is TYPED "--NAME=..." of an option, perhaps shortened, with the value VALUE? */
static bool gives_value(const char *typed, const struct option *all, int value)
{
	size_t len = strcspn(typed, "=");

	if (strncmp(typed, "--", 2) || !typed[len])
		return false;
	for (; all->name; all++)
		if (all->val == value && !strncmp(all->name, typed + 2, len - 2))
			return true;
	return false;
}

static _Noreturn void bad_option(char **argv, const struct option *all, bool no_value)
{
	const struct verb *verb = find_verb(argv[0]);
	char letter[3] = { '-', (char)optopt, 0 };
	const char *typed = argv[optind - 1];
	const char *why = "is unknown";

	/* getopt says what was typed in three ways, depending on what is wrong */
	if (no_value)
		why = "needs a value";
	else if (gives_value(typed, all, optopt))
		why = "takes no value";
	else if (optopt)
		typed = letter;
	fail(EXIT_USAGE, "the option '%s' %s: see 'daxguard%s%s --help'", typed, why,
	     verb ? " " : "", verb ? verb->name : "");
	exit(report_close(EXIT_USAGE));
}

static _Noreturn void show_help(const char *word)
{
	const struct verb *verb = find_verb(word);

	if (verb)
		help_verb(verb);
	else
		help_all();
	exit(report_close(EXIT_DONE));
}

static _Noreturn void show_version(void)
{
	printf("daxguard %s\n", daxguard_version);
	exit(report_close(EXIT_DONE));
}

static bool is_typed(char *const *argv, const char *name)
{
	for (; *argv; argv++)
		if (!strncmp(*argv, "--", 2) && !strcmp(*argv + 2, name))
			return true;
	return false;
}

/* The table as getopt_long() has it. */
static void spell(const struct opt *opt, char *const *argv, struct option *longs, char *letters)
{
	int takes;

	for (; opt->name; opt++) {
		if (opt->whole && !is_typed(argv, opt->name))
			continue;
		takes = opt_takes_value(opt) ? required_argument : no_argument;
		if (opt->optional)
			takes = optional_argument;
		*longs++ = (struct option){ opt->name, takes, NULL, opt->key };
		if (opt_has_letter(opt))
			letters += sprintf(letters, "%c%s", opt->key, takes ? ":" : "");
	}
	*longs = (struct option){};
}

/* ORDER is getopt's; with a ":" in it errors are ours. */
static int next(int argc, char **argv, const struct opt *own, const char *order)
{
	struct opt all[MAX_OPTS];
	struct option longs[MAX_OPTS];
	char letters[2 * MAX_OPTS + 8];
	int option;

	merge_opts(all, own, global_opts);
	spell(all, argv, longs, stpcpy(letters, order));
	for (;;) {
		option = getopt_long(argc, argv, letters, longs, NULL);
		switch (option) {
		case 'j':
			opts.json = true;
			break;
		case 'v':
			opts.verbose = true;
			break;
		case 'h':
			show_help(argv[0]);
		case 'V':
			show_version();
		case ':':
		case '?':
			bad_option(argv, longs, option == ':');
		default:
			return option;
		}
	}
}

int next_option(int argc, char **argv, const struct opt *own)
{
	return next(argc, argv, own, ":");
}

int next_leading_option(int argc, char **argv, const struct opt *own)
{
	return next(argc, argv, own, "+:");
}

int need_operands(int argc, char **argv, int min, int max)
{
	int nr = argc - optind;

	if (nr < min)
		return fail(EXIT_USAGE,
			    "an argument is missing after '%s': see 'daxguard %s --help'",
			    argv[argc - 1], argv[0]);
	if (max >= 0 && nr > max)
		return fail(EXIT_USAGE,
			    "'%s' is one argument too many: see 'daxguard %s --help'",
			    argv[optind + max], argv[0]);
	return 0;
}
