/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard allow, controller: show and change who is never refused, whose run is a transition. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "guard/allow_map.h"
#include "guard/pins.h"
#include "policy/allow.h"
#include "show/report.h"

static struct json_object *path_json(const struct listed *l)
{
	return *l->path.path ? json_text(l->path.path, sizeof(l->path.path)) : NULL;
}

static struct json_object *allowed_json(const struct listed *l)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "who", l->who ? json_object_new_string(l->who) : NULL);
	json_object_object_add(obj, "label", json_text(l->entry.label, sizeof(l->entry.label)));
	json_object_object_add(obj, "id", json_number(l->key.id));
	json_object_object_add(obj, "dev", json_number(l->key.dev));
	json_object_object_add(obj, "path", path_json(l));
	json_object_object_add(obj, "origin", json_text(l->from, sizeof(l->from)));
	return obj;
}

static bool is_there(const struct listed *l)
{
	struct program program;

	program_resolve(l->path.path, &program);
	return program.there;
}

static struct json_object *controller_json(const struct listed *l)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "path", path_json(l));
	json_object_object_add(obj, "label", json_text(l->entry.label, sizeof(l->entry.label)));
	json_object_object_add(obj, "id", json_number(l->key.id));
	json_object_object_add(obj, "there", json_object_new_boolean(is_there(l)));
	json_object_object_add(obj, "origin", json_text(l->from, sizeof(l->from)));
	return obj;
}

static int print_list_json(const struct who_list *list, const struct listed_all *all)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < all->nr; i++)
		json_object_array_add(array, list == &controller_list
						     ? controller_json(&all->list[i])
						     : allowed_json(&all->list[i]));
	return print_json(array, 0);
}

/* What a line has to say besides KEY=VALUE. */
static const char *remark(const struct who_list *list, const struct listed *l)
{
	if (list == &controller_list && l->key.what != DAXGUARD_ALLOW_PROGRAM)
		return " (no program by its path: it is nobody)";
	if (l->key.what == DAXGUARD_ALLOW_EXE)
		return " (this one file, by its inode)";
	if (l->key.what != DAXGUARD_ALLOW_PROGRAM)
		return "";
	if (!*l->path.path)
		return " (its number has no path: it is nobody)";
	return is_there(l) ? "" : " (not there)";
}

static void print_listed(const struct who_list *list, const struct listed *l)
{
	char text[DAXGUARD_PATH_LEN], from[DAXGUARD_ORIGIN_LEN + 1];

	if (*l->path.path)
		clean_text(text, sizeof(text), l->path.path, sizeof(l->path.path));
	else
		clean_text(text, sizeof(text), l->entry.label, sizeof(l->entry.label));
	clean_text(from, sizeof(from), l->from, sizeof(l->from));
	if (l->who)
		printf("%s=%s%s (%s)\n", l->who, text, remark(list, l), from);
	else
		printf("%s (kind %u means nothing: it allows nobody)\n", text, l->key.what);
}

static int show_list(const struct who_list *list)
{
	struct listed_all all;
	int err = allow_map_read(list, &all), status = EXIT_DONE;

	if (!err)
		err = allow_map_origins(list, &all);
	if (err)
		status = allow_map_failed(list, err);
	else if (opts.json)
		status = print_list_json(list, &all);
	for (size_t i = 0; !err && !opts.json && i < all.nr; i++)
		print_listed(list, &all.list[i]);
	free(all.list);
	return status;
}

/* All words are understood, and found where they have to be, before one counts. */
static int parse_who(const struct who_list *list, struct who *who, const char *word,
		     bool adding)
{
	enum program_fault fault;

	if (who_parse(list, word, who))
		return fail(EXIT_USAGE, "'%s' is none of %s: see 'daxguard %s --help'", word,
			    list->words, list->verb);
	if (!adding || who_is_fine(who))
		return 0;
	fault = who->program.fault;
	if (fault == PROGRAM_TOO_LONG)
		return fail(EXIT_USAGE, "'%.60s...' is %s: %s", word, who_what(who),
			    who_remedy(who));
	return fail(fault == PROGRAM_RELATIVE ? EXIT_USAGE : EXIT_FAILED, "'%s' is %s: %s",
		    word, who_what(who), who_remedy(who));
}

static int change_under_lock(const struct who_list *list, struct who *who, int nr, bool adding)
{
	int lock, status = pins_lock_to_change(&lock);

	if (status)
		return status;
	status = adding ? allow_map_add(list, who, nr) : allow_map_remove(list, who, nr);
	close(lock);
	return status;
}

static int change_list(const struct who_list *list, char **words, int nr, bool adding)
{
	struct who *who = calloc(nr, sizeof(*who));
	int i, status = 0;

	if (!who)
		return fail(EXIT_FAILED, "no memory is left for '%s': free some", list->verb);
	for (i = 0; !status && i < nr; i++)
		status = parse_who(list, &who[i], words[i], adding);
	if (!status)
		status = pins_need_loaded();
	if (!status)
		status = change_under_lock(list, who, nr, adding);
	for (i = 0; !status && adding && i < nr; i++)
		who_warn(&who[i]);
	free(who);
	return status;
}

static int verb_of(const struct who_list *list, int argc, char **argv)
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
		return status ? status : show_list(list);
	}
	adding = !strcmp(what, "add");
	if (!adding && strcmp(what, "remove"))
		return fail(EXIT_USAGE,
			    "'%s' is neither list, add nor remove: see 'daxguard %s --help'",
			    what, list->verb);
	status = need_operands(argc, argv, 2, -1);
	return status ? status
		      : change_list(list, argv + optind + 1, argc - optind - 1, adding);
}

int verb_allow(int argc, char **argv)
{
	return verb_of(&allow_list, argc, argv);
}

int verb_controller(int argc, char **argv)
{
	return verb_of(&controller_list, argc, argv);
}
