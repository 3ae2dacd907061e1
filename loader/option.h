/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of a verb's options and KEY=VALUE words, and the texts that follow from them. */
#ifndef DAXGUARD_OPTION_H
#define DAXGUARD_OPTION_H

#include <stdbool.h>

/* Where the usage line names an option. */
enum opt_usage {
	USAGE_ITSELF, /* in brackets of its own */
	USAGE_TOGETHER, /* with others as "[OPTION...]" */
	USAGE_OPERANDS, /* among the operands: needed, or in their place */
};

/* One option, or one KEY=VALUE word; a table of them ends with {}. */
struct opt {
	const char *name; /* without dashes */
	int key; /* its letter, or OPT_...; 0: a word, which has no dashes */
	const char *arg; /* what --help calls its value */
	const char *const *values; /* the only ones it has, NULL at the end; or NULL */
	const char *complete; /* "device", an action of compgen that knows them, or NULL */
	const char *help; /* NULL: the verb's notes speak of it */
	enum opt_usage usage;
	bool whole; /* never abbreviated */
	bool optional; /* its value may be left out */
};

bool opt_has_letter(const struct opt *opt);

/* With ARG or VALUES it takes one, and has to get it. */
bool opt_takes_value(const struct opt *opt);

/* The place of TEXT among WORDS, which end with NULL, or -1. */
int find_word(const char *const *words, const char *text);

/* Each option as the usage line has it, behind a blank. */
void opts_usage(const struct opt *opts);

/* A line of help each, in two columns. */
void opts_help(const struct opt *opts);

/*
 * A line each, made for programs: the name as it is typed, up to the "=" where a
 * value follows; behind a tab the values, or "@" and compgen's action.
 */
void opts_list(const struct opt *opts);

#endif
