/* SPDX-License-Identifier: GPL-2.0-only */
/* Usage, help and lists for programs, out of a table of options. */
#include "option.h"

#include <stdio.h>
#include <string.h>

#define TEXT_LEN 128 /* of an option with its values */

bool opt_has_letter(const struct opt *opt)
{
	return opt->key && opt->key < 256;
}

bool opt_takes_value(const struct opt *opt)
{
	return opt->arg || opt->values;
}

int find_word(const char *const *words, const char *text)
{
	int i;

	for (i = 0; words[i]; i++)
		if (!strcmp(words[i], text))
			return i;
	return -1;
}

/* What stands in the tables is short: TEXT_LEN is enough for all of it. */
static char *join(char *text, const char *const *words, const char *between)
{
	int i;

	for (i = 0; words[i]; i++)
		text = stpcpy(stpcpy(text, i ? between : ""), words[i]);
	return text;
}

void opts_usage(const struct opt *opts)
{
	char values[TEXT_LEN];
	bool together = false;

	for (; opts->name; opts++) {
		together |= opts->usage == USAGE_TOGETHER;
		if (opts->usage != USAGE_ITSELF)
			continue;
		*values = 0;
		if (opts->values)
			join(values, opts->values, "|");
		else if (opts->arg)
			strcpy(values, opts->arg);
		if (opts->optional)
			printf(" [--%s[=%s]]", opts->name, values);
		else
			printf(" [--%s%s%s]", opts->name, *values ? "=" : "", values);
	}
	if (together)
		printf(" [OPTION...]");
}

/* As it is typed, up to where a value begins. */
static char *dashed(char *text, const struct opt *opt)
{
	text = stpcpy(stpcpy(text, opt->key ? "--" : ""), opt->name);
	return stpcpy(text, opt_takes_value(opt) ? "=" : "");
}

/* "-f, --follow" or "mode=off|audit|enforce"; returns its length. */
static int left_column(const struct opt *opt, bool letters, char *left)
{
	char *end = left;

	if (opt->optional)
		return sprintf(left, "%s--%s[=%s]", letters ? "    " : "", opt->name, opt->arg);

	if (opt_has_letter(opt))
		end += sprintf(end, "-%c, ", opt->key);
	else if (letters)
		end = stpcpy(end, "    ");
	end = dashed(end, opt);
	if (opt->arg)
		end = stpcpy(end, opt->arg);
	else if (opt->values)
		end = join(end, opt->values, "|");
	return end - left;
}

static void print_help(const char *help, int indent)
{
	const char *end = strchrnul(help, '\n');

	printf("%.*s\n", (int)(end - help), help);
	if (*end) {
		printf("%*s", indent, "");
		print_help(end + 1, indent);
	}
}

void opts_help(const struct opt *opts)
{
	char left[TEXT_LEN];
	const struct opt *opt;
	bool letters = false;
	int len, width = 0;

	for (opt = opts; opt->name; opt++)
		letters |= opt_has_letter(opt);
	for (opt = opts; opt->name; opt++) {
		len = left_column(opt, letters, left);
		width = len > width ? len : width;
	}
	for (opt = opts; opt->name; opt++) {
		if (!opt->help)
			continue;
		left_column(opt, letters, left);
		printf("  %-*s  ", width, left);
		print_help(opt->help, width + 4);
	}
}

void opts_list(const struct opt *opts)
{
	char text[TEXT_LEN], *end;

	for (; opts->name; opts++) {
		end = dashed(text, opts);
		if (opts->values)
			join(stpcpy(end, "\t"), opts->values, " ");
		else if (opts->complete)
			stpcpy(stpcpy(end, "\t@"), opts->complete);
		puts(text);
	}
}
