/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard allow: shows and changes who is never refused. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "guard/allow_map.h"
#include "guard/pins.h"
#include "policy/policy.h"
#include "show/report.h"

static struct json_object *allowed_json(const struct allowed *a)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "who", a->who ? json_object_new_string(a->who) : NULL);
	json_object_object_add(obj, "label", json_text(a->label, sizeof(a->label)));
	json_object_object_add(obj, "id", json_number(a->id));
	json_object_object_add(obj, "dev", json_number(a->dev));
	return obj;
}

static int print_list_json(const struct allow_list *all)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < all->nr; i++)
		json_object_array_add(array, allowed_json(&all->list[i]));
	return print_json(array, 0);
}

static int print_list(const struct allow_list *all)
{
	char label[sizeof(all->list->label)];

	for (size_t i = 0; i < all->nr; i++) {
		const struct allowed *a = &all->list[i];

		clean_text(label, sizeof(label), a->label, sizeof(a->label));
		if (a->who)
			printf("%s=%s\n", a->who, label);
		else
			printf("%s (kind %u means nothing: it allows nobody)\n", label,
			       a->what);
	}
	return EXIT_DONE;
}

static int show_list(void)
{
	struct allow_list all;
	int err = allow_map_read(&all), status;

	if (err)
		status = allow_map_failed(err);
	else
		status = opts.json ? print_list_json(&all) : print_list(&all);
	free(all.list);
	return status;
}

static int not_found(const struct allow_who *who)
{
	if (allow_is_user(&who->key))
		return fail(EXIT_FAILED,
			    "'%s' is no user of this machine: give a name "
			    "that is, or a number",
			    who->word);
	switch (who->found) {
	case -ENOEXEC:
		return fail(EXIT_FAILED,
			    "'%s' is no program of its own: name the program "
			    "that runs it, or use uid= or cgroup=",
			    who->word);
	case -ENODEV:
		return fail(EXIT_FAILED,
			    "'%s' is no directory of cgroup v2: name one like "
			    "cgroup=/sys/fs/cgroup/system.slice",
			    who->word);
	default:
		return fail(EXIT_FAILED, "'%s' was not found (%s): name one that exists",
			    who->word, strerror(-who->found));
	}
}

/* All words are understood, and found where they have to be, before one counts. */
static int parse_who(struct allow_who *who, const char *word, bool must_exist)
{
	who->word = word;
	who->found = allow_parse(word, &who->key, &who->entry);
	if (who->found == -EINVAL)
		return fail(EXIT_USAGE,
			    "'%s' is none of exe=PATH, uid=NUMBER, uid=NAME "
			    "and cgroup=PATH: see 'daxguard allow --help'",
			    word);
	if (who->found && must_exist)
		return not_found(who);
	return 0;
}

static void warn_of_root(const struct allow_who *who, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (allow_is_root(&who[i].key))
			warn("with '%s' no process of root is ever refused: name a "
			     "program or a cgroup instead",
			     who[i].word);
}

static int allow_change(char **words, int nr, bool adding)
{
	struct allow_who *who = calloc(nr, sizeof(*who));
	int i, status = 0;

	if (!who)
		return fail(EXIT_FAILED, "no memory is left for 'allow': free some");
	for (i = 0; !status && i < nr; i++)
		status = parse_who(&who[i], words[i], adding);
	if (!status)
		status = pins_need_loaded();
	if (!status)
		status = adding ? allow_map_add(who, nr) : allow_map_remove(who, nr);
	if (!status && adding)
		warn_of_root(who, nr);
	free(who);
	return status;
}

int verb_allow(int argc, char **argv)
{
	const char *what;
	bool adding;
	int status;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	status = need_operands(argc, argv, 1, -1);
	if (status)
		return status;
	what = argv[optind];
	if (!strcmp(what, "list")) {
		status = need_operands(argc, argv, 1, 1);
		if (!status)
			status = pins_need_loaded();
		return status ? status : show_list();
	}
	adding = !strcmp(what, "add");
	if (!adding && strcmp(what, "remove"))
		return fail(EXIT_USAGE,
			    "'%s' is neither list, add nor remove: see "
			    "'daxguard allow --help'",
			    what);
	status = need_operands(argc, argv, 2, -1);
	return status ? status : allow_change(argv + optind + 1, argc - optind - 1, adding);
}
