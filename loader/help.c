/* SPDX-License-Identifier: GPL-2.0-only */
/* What --help, --list-opts and --list-operands print: all of it out of the tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

size_t merge_opts(struct opt *all, const struct opt *first, const struct opt *second)
{
	size_t nr = 0;

	for (; first && first->name; first++, nr++)
		if (nr < MAX_OPTS)
			all[nr] = *first;
	for (; second && second->name; second++, nr++)
		if (nr < MAX_OPTS)
			all[nr] = *second;
	if (nr >= MAX_OPTS)
		abort(); /* a verb outgrew MAX_OPTS */
	all[nr] = (struct opt){};
	return nr;
}

/* The verb's KEY=VALUE words; none makes an empty table. */
static void verb_words(const struct verb *verb, struct opt *words)
{
	size_t nr = 0;

	while (verb->word && nr + 1 < MAX_OPTS && verb->word(nr, &words[nr]))
		nr++;
	words[nr] = (struct opt){};
}

void print_usage(const struct verb *verb)
{
	printf("daxguard %s", verb->name);
	if (verb->opts)
		opts_usage(verb->opts);
	printf("%s%s\n", *verb->operands ? " " : "", verb->operands);
}

void help_verb(const struct verb *verb)
{
	struct opt words[MAX_OPTS];

	verb_words(verb, words);
	printf("Usage: ");
	print_usage(verb);
	printf("\n%s.\n", verb->what);
	if (verb->opts || verb->word || verb->notes)
		printf("\n");
	if (verb->opts)
		opts_help(verb->opts);
	opts_help(words);
	if (verb->notes)
		printf("%s", verb->notes);
	printf("\nThe options of daxguard itself work here too; see 'daxguard --help'.\n");
}

void help_all(void)
{
	struct opt all[MAX_OPTS];
	const struct verb *verb;

	merge_opts(all, global_opts, main_opts);
	printf("Usage: daxguard [-j] [-v] VERB ...\n\n"
	       "Keep a dax device's memory blocks whole while the device changes.\n\n"
	       "Verbs:\n");
	for (verb = verbs; verb->name; verb++)
		printf("  %-10s %s\n", verb->name, verb->what);
	printf("\nOptions, before or after the verb:\n");
	opts_help(all);
	printf("\nExit status: 0 done, 1 failed, 2 usage, 3 the machine lacks something,\n"
	       "4 someone else holds the device, 5 failed and rolled back, 6 finished\n"
	       "but the device is not as asked.  See daxguard(8).\n");
}

/* Operands like "list | set DEV|'*'" are ways to go on: the one behind this, or NULL. */
static const char *next_way(const char *way)
{
	way = strstr(way, " | ");
	return way ? way + 3 : NULL;
}

/* Of those ways the words that say what to do. */
static void list_actions(const char *way)
{
	if (*way < 'a' || *way > 'z')
		return;
	for (; way; way = next_way(way))
		printf("%.*s\n", (int)strcspn(way, " "), way);
}

/* A word without the brackets and quotes that it has for people. */
static void print_bare(const char *word, size_t len)
{
	for (; len; word++, len--)
		if (!strchr("[]'", *word))
			putchar(*word);
}

/* One way, without its options; before a word stands a blank or a bar. */
static void list_way(const char *way)
{
	const char *next = next_way(way);
	const char *end = next ? next - 3 : way + strlen(way), *word;
	bool begun = false;
	size_t len;

	for (word = way; word < end; word += len + 1) {
		len = strcspn(word, " |");
		if (len > 2 && !strncmp(word, "--", 2))
			continue;
		if (begun)
			putchar(word[-1]);
		print_bare(word, len);
		begun = true;
	}
	putchar('\n');
}

void list_operands(const struct verb *verb)
{
	const char *way;

	for (way = *verb->operands ? verb->operands : NULL; way; way = next_way(way))
		list_way(way);
}

void list_opts(const struct verb *verb)
{
	struct opt all[MAX_OPTS];

	merge_opts(all, verb ? verb->opts : main_opts, global_opts);
	opts_list(all);
	if (!verb)
		return;
	verb_words(verb, all);
	opts_list(all);
	list_actions(verb->operands);
}
