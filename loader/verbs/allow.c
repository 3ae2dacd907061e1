/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard allow: shows and changes who is never refused, in the map "allow". */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "guard/guard.h"
#include "guard/pins.h"
#include "policy/policy.h"
#include "show/report.h"

/* One word of the command line, taken apart. */
struct who {
	const char *word;
	struct daxguard_allow_key key;
	struct daxguard_allow entry;
	int found; /* 0, or why the object is not there */
};

static int map_failed(int err)
{
	return fail(EXIT_FAILED,
		    "the map '" PIN_MAPS "/allow' cannot be used (%s): see "
		    "'daxguard check'",
		    strerror(-err));
}

static int print_who_json(const void *key, const void *value, void *ctx)
{
	const struct daxguard_allow_key *k = key;
	const struct daxguard_allow *v = value;
	struct json_object *obj = json_object_new_object();
	const char *name = allow_name(k->what);

	json_object_object_add(obj, "who", name ? json_object_new_string(name) : NULL);
	json_object_object_add(obj, "label", json_text(v->label, sizeof(v->label)));
	json_object_object_add(obj, "id", json_number(k->id));
	json_object_object_add(obj, "dev", json_number(k->dev));
	json_object_array_add(ctx, obj);
	return 0;
}

static int print_who(const void *key, const void *value, void *ctx)
{
	const struct daxguard_allow_key *k = key;
	const struct daxguard_allow *v = value;
	const char *name = allow_name(k->what);
	char label[DAXGUARD_LABEL_LEN + 1];

	(void)ctx;
	clean_text(label, sizeof(label), v->label, sizeof(v->label));
	if (name)
		printf("%s=%s\n", name, label);
	else
		printf("%s (kind %u means nothing: it allows nobody)\n", label, k->what);
	return 0;
}

static int allow_list(void)
{
	struct json_object *array = opts.json ? json_object_new_array() : NULL;
	int err;

	err = guard_walk("allow", sizeof(struct daxguard_allow_key),
			 sizeof(struct daxguard_allow), array ? print_who_json : print_who,
			 array);
	if (!err)
		return array ? print_json(array, 0) : EXIT_DONE;
	json_object_put(array);
	return map_failed(err);
}

static int not_found(const struct who *who)
{
	if (who->key.what == DAXGUARD_ALLOW_UID)
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

static int add(int map, struct who *who)
{
	who->entry.added_ns = now_ns();
	if (!bpf_map_update_elem(map, &who->key, &who->entry, BPF_ANY))
		return EXIT_DONE;
	if (errno == E2BIG)
		return fail(EXIT_FAILED,
			    "the allow list is full, '%s' is not on it: make "
			    "room with 'daxguard allow remove'",
			    who->word);
	return map_failed(-errno);
}

static int match_label(const void *key, const void *value, void *ctx)
{
	const struct daxguard_allow_key *k = key;
	const struct daxguard_allow *v = value;
	struct who *who = ctx;

	if (k->what != who->key.what || strncmp(v->label, who->entry.label, sizeof(v->label)))
		return 0;
	who->key = *k;
	return 1;
}

/*
 * What was typed to add it finds an entry again, also when the file is gone or is
 * another one now; else the object itself does.
 */
static int remove_one(int map, struct who *who)
{
	int err = guard_walk("allow", sizeof(who->key), sizeof(who->entry), match_label, who);

	if (err < 0)
		return map_failed(err);
	if ((err || !who->found) && !bpf_map_delete_elem(map, &who->key))
		return EXIT_DONE;
	if (!err && who->found)
		errno = ENOENT;
	if (errno == ENOENT)
		return fail(EXIT_FAILED,
			    "'%s' is not on the allow list: see 'daxguard "
			    "allow list'",
			    who->word);
	return map_failed(-errno);
}

/* All words are understood, and found where they have to be, before one counts. */
static int parse_who(struct who *who, const char *word, bool must_exist)
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

static int change_all(struct who *who, int nr, int (*fn)(int map, struct who *who))
{
	int map, i, lock, status = pins_lock_to_change(&lock);

	if (status)
		return status;
	map = pins_map("allow");
	if (map < 0)
		status = map_failed(map);
	for (i = 0; !status && i < nr; i++)
		status = fn(map, &who[i]);
	if (map >= 0)
		close(map);
	close(lock);
	return status;
}

static void warn_of_root(const struct who *who, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (who[i].key.what == DAXGUARD_ALLOW_UID && !who[i].key.id)
			warn("with '%s' no process of root is ever refused: name a "
			     "program or a cgroup instead",
			     who[i].word);
}

static int allow_change(char **words, int nr, bool adding)
{
	struct who *who = calloc(nr, sizeof(*who));
	int i, status = 0;

	if (!who)
		return fail(EXIT_FAILED, "no memory is left for 'allow': free some");
	for (i = 0; !status && i < nr; i++)
		status = parse_who(&who[i], words[i], adding);
	if (!status)
		status = pins_need_loaded();
	if (!status)
		status = change_all(who, nr, adding ? add : remove_one);
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
		return status ? status : allow_list();
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
