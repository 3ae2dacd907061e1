/* SPDX-License-Identifier: GPL-2.0-only */
/* Options that every verb understands, and the help text. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/report.h"

#ifndef DAXGUARD_VERSION
#define DAXGUARD_VERSION "unknown"
#endif

struct options opts;

static const struct option global_longs[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{},
};
#define NR_GLOBAL (sizeof(global_longs) / sizeof(*global_longs))
#define MAX_LONGS (NR_GLOBAL + 16)

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

static void help_verb(const struct verb *verb)
{
	printf("Usage: daxguard %s%s%s\n\n%s.\n", verb->name, *verb->usage ? " " : "",
	       verb->usage, verb->what);
	if (verb->help)
		printf("\n%s", verb->help);
	printf("\nThe options of daxguard itself work here too; see 'daxguard --help'.\n");
}

static void help_all(void)
{
	const struct verb *verb;

	printf("Usage: daxguard [-j] [-v] VERB ...\n\n"
	       "Keep a dax device's memory blocks whole while the device changes.\n\n"
	       "Verbs:\n");
	for (verb = verbs; verb->name; verb++)
		printf("  %-9s %s\n", verb->name, verb->what);
	printf("\nOptions, before or after the verb:\n"
	       "  -j, --json        print JSON, errors too\n"
	       "  -v, --verbose     show what libbpf and the verifier say\n"
	       "  -h, --help        this text; behind a verb, the verb's\n"
	       "  -V, --version     the version\n"
	       "      --list-verbs  the verbs, one a line\n\n"
	       "Exit status: 0 done, 1 failed, 2 usage, 3 the machine lacks something,\n"
	       "4 someone else holds the device, 5 failed and rolled back, 6 finished\n"
	       "but the device is not as asked.  See daxguard(8).\n");
}

static void merge_longs(struct option *all, const struct option *longs)
{
	size_t nr = 0;

	for (; longs && longs->name; longs++) {
		if (nr + NR_GLOBAL >= MAX_LONGS)
			abort(); /* a verb outgrew MAX_LONGS */
		all[nr++] = *longs;
	}
	memcpy(all + nr, global_longs, sizeof(global_longs));
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

/* "+" has to stay the first character, and ":" comes next: errors are ours. */
static void merge_shorts(char *all, size_t size, const char *shorts)
{
	bool stop = *shorts == '+';

	snprintf(all, size, "%s:jvhV%s", stop ? "+" : "", shorts + stop);
}

int next_option(int argc, char **argv, const char *shorts, const struct option *longs)
{
	struct option all[MAX_LONGS];
	char letters[64];
	int option;

	merge_longs(all, longs);
	merge_shorts(letters, sizeof(letters), shorts);
	for (;;) {
		option = getopt_long(argc, argv, letters, all, NULL);
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
			bad_option(argv, all, option == ':');
		default:
			return option;
		}
	}
}

int need_operands(int argc, char **argv, int min, int max)
{
	int nr = argc - optind;

	if (nr < min)
		return fail(EXIT_USAGE,
			    "something is missing behind '%s': see 'daxguard %s --help'",
			    argv[argc - 1], argv[0]);
	if (max >= 0 && nr > max)
		return fail(EXIT_USAGE,
			    "the word '%s' is one too many: see 'daxguard %s --help'",
			    argv[optind + max], argv[0]);
	return 0;
}
