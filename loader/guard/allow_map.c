// SPDX-License-Identifier: GPL-2.0-only
/* The pinned maps "allow" and "controllers": who is never refused, whose run is a transition. */
#include "guard/allow_map.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "guard/guard.h"
#include "guard/pins.h"
#include "guard/program_map.h"
#include "policy/config.h"
#include "show/report.h"

static int walk(const struct who_list *list, guard_entry_fn fn, void *ctx)
{
	return guard_walk(list->map, sizeof(struct daxguard_allow_key),
			  sizeof(struct daxguard_allow), fn, ctx);
}

static int add_entry(const void *key, const void *value, void *ctx)
{
	struct listed_all *all = ctx;
	struct listed *list = reallocarray(all->list, all->nr + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	all->list = list;
	list += all->nr++;
	memset(list, 0, sizeof(*list));
	memcpy(&list->key, key, sizeof(list->key));
	memcpy(&list->entry, value, sizeof(list->entry));
	list->who = who_name(list->key.what);
	return 0;
}

int allow_map_read(const struct who_list *list, struct listed_all *all)
{
	struct program_entries programs;
	const struct daxguard_path *path;
	int err = program_map_read(&programs);

	memset(all, 0, sizeof(*all));
	if (!err)
		err = walk(list, add_entry, all);
	for (size_t i = 0; i < all->nr; i++) {
		if (all->list[i].key.what != DAXGUARD_ALLOW_PROGRAM)
			continue;
		path = program_map_path(&programs, all->list[i].key.id);
		if (path)
			all->list[i].path = *path;
	}
	free(programs.list);
	return err;
}

int allow_map_failed(const struct who_list *list, int err)
{
	return fail(EXIT_FAILED,
		    "the maps '" PIN_MAPS "/%s' and 'programs' cannot be used (%s): see "
		    "'daxguard check'",
		    list->map, strerror(-err));
}

/* Room for one at a time, so that the one for which there is none is known. */
static int put(int map, struct who *who)
{
	int err = 0;

	if (who->key.what == DAXGUARD_ALLOW_PROGRAM)
		err = program_map_make(&who->program.path, &who->key.id);
	if (err)
		return err;
	who->entry.added_ns = now_ns();
	who->added = !bpf_map_update_elem(map, &who->key, &who->entry, BPF_NOEXIST);
	if (!who->added &&
	    (errno != EEXIST || bpf_map_update_elem(map, &who->key, &who->entry, BPF_ANY)))
		return -errno;
	return 0;
}

static int put_failed(const struct who_list *list, const struct who *who, int err)
{
	if (err == -E2BIG)
		return fail(EXIT_FAILED,
			    "%s is full, nothing was changed for '%s': make room with "
			    "'daxguard %s remove'",
			    list->title, who->word, list->verb);
	return allow_map_failed(list, err);
}

/* None of them where there is no room for all. */
static int put_all(const struct who_list *list, struct who *who, size_t nr)
{
	int err = 0, map = pins_map(list->map);
	size_t done;

	if (map < 0)
		return allow_map_failed(list, map);
	for (done = 0; !err && done < nr; done++)
		err = put(map, &who[done]);
	for (size_t i = 0; err && i < done; i++)
		if (who[i].added)
			bpf_map_delete_elem(map, &who[i].key);
	close(map);
	if (!err)
		return EXIT_DONE;
	program_map_tidy();
	return put_failed(list, &who[done - 1], err);
}

static void mark(const struct who *who)
{
	int err = 0;

	if (who->key.what == DAXGUARD_ALLOW_PROGRAM && who->program.there)
		err = program_map_mark(&who->program.file, who->key.id);
	if (err)
		warn("'%s' counts when it starts next: what runs already cannot be looked at "
		     "(%s)",
		     who->word, strerror(-err));
}

int allow_map_add(const struct who_list *list, struct who *who, size_t nr)
{
	int status = put_all(list, who, nr);

	for (size_t i = 0; !status && i < nr; i++)
		mark(&who[i]);
	return status;
}

/* By inode, by an older daxguard, or by path. */
static bool is_program(__u32 what)
{
	return what == DAXGUARD_ALLOW_PROGRAM || what == DAXGUARD_ALLOW_EXE;
}

struct search {
	const struct who *who;
	struct daxguard_allow_key key; /* that was found */
};

static int match_label(const void *key, const void *value, void *ctx)
{
	const struct daxguard_allow_key *k = key;
	const struct daxguard_allow *v = value;
	struct search *s = ctx;

	if (k->what != s->who->key.what &&
	    !(is_program(k->what) && is_program(s->who->key.what)))
		return 0;
	if (strncmp(v->label, s->who->entry.label, sizeof(v->label)))
		return 0;
	s->key = *k;
	return 1;
}

/* All that were typed like that.  How many, or a negative errno. */
static int take_by_label(const struct who_list *list, int map, const struct who *who)
{
	struct search s = { .who = who };
	int found, nr = 0;

	while ((found = walk(list, match_label, &s)) > 0) {
		if (bpf_map_delete_elem(map, &s.key))
			return -errno;
		nr++;
	}
	return found ? found : nr;
}

/* 1, 0 where it is not on the list, or a negative errno. */
static int take_key(int map, const struct daxguard_allow_key *key)
{
	if (!bpf_map_delete_elem(map, key))
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

static int take_path(int map, const struct daxguard_path *path)
{
	struct daxguard_allow_key key = { .what = DAXGUARD_ALLOW_PROGRAM };
	int err = program_map_find(path, &key.id);

	if (err)
		return err == -ENOENT ? 0 : err;
	return take_key(map, &key);
}

/* By the path as it was typed, by where that leads now, by the file that is there. */
static int take_program(int map, const struct who *who)
{
	struct daxguard_path typed;
	int nr = 0;

	if (program_key(strchr(who->word, '=') + 1, &typed))
		nr = take_path(map, &typed);
	if (!nr)
		nr = take_path(map, &who->program.path);
	return nr ? nr : take_key(map, &who->program.file);
}

static int take_object(int map, const struct who *who)
{
	if (who->key.what == DAXGUARD_ALLOW_PROGRAM)
		return take_program(map, who);
	return who->found ? 0 : take_key(map, &who->key);
}

/*
 * What was typed to add it finds an entry again, also when the file is gone or the path
 * leads elsewhere now; else the object itself does.  A label that is cut may be that of
 * another path, too, and comes last.
 */
static int take_off(const struct who_list *list, int map, const struct who *who)
{
	bool cut = label_is_cut(&who->entry);
	int nr = cut ? 0 : take_by_label(list, map, who);

	if (!nr)
		nr = take_object(map, who);
	if (!nr && cut)
		nr = take_by_label(list, map, who);
	if (nr < 0)
		return allow_map_failed(list, nr);
	if (!nr)
		return fail(EXIT_FAILED, "'%s' is not on %s: see 'daxguard %s list'", who->word,
			    list->title, list->verb);
	return EXIT_DONE;
}

int allow_map_remove(const struct who_list *list, struct who *who, size_t nr)
{
	int err, status = EXIT_DONE, map = pins_map(list->map);

	if (map < 0)
		return allow_map_failed(list, map);
	for (size_t i = 0; !status && i < nr; i++)
		status = take_off(list, map, &who[i]);
	close(map);
	err = program_map_tidy();
	return status || !err ? status : allow_map_failed(list, err);
}

int allow_map_configure(const struct config *config)
{
	int status = put_all(&allow_list, config->allows.list, config->allows.nr);

	if (!status)
		status = put_all(&controller_list, config->controllers.list,
				 config->controllers.nr);
	return status;
}

/* By path first, then those that run the file, and only then no more by inode. */
static int convert(int map, const struct listed *old)
{
	struct daxguard_allow_key key = { .what = DAXGUARD_ALLOW_PROGRAM };
	struct program program;
	int err;

	program_resolve(old->entry.label, &program);
	if (program.fault)
		return 0;
	err = program_map_make(&program.path, &key.id);
	if (!err && bpf_map_update_elem(map, &key, &old->entry, BPF_ANY))
		err = -errno;
	if (err == -E2BIG) {
		warn("'exe=%s' stays what it was, that one file: the allow list is full, make "
		     "room with 'daxguard allow remove'",
		     old->entry.label);
		return program_map_tidy();
	}
	if (!err)
		err = program_map_mark(&old->key, key.id);
	if (!err && bpf_map_delete_elem(map, &old->key))
		err = -errno;
	return err;
}

static bool is_whole(const struct daxguard_allow *entry)
{
	return !entry->label[sizeof(entry->label) - 1] && *entry->label == '/';
}

int allow_map_convert(void)
{
	struct listed_all all;
	int err = allow_map_read(&allow_list, &all), map = pins_map(allow_list.map);

	if (!err && map < 0)
		err = map;
	for (size_t i = 0; !err && i < all.nr; i++)
		if (all.list[i].key.what == DAXGUARD_ALLOW_EXE && is_whole(&all.list[i].entry))
			err = convert(map, &all.list[i]);
	if (map >= 0)
		close(map);
	free(all.list);
	return err;
}
