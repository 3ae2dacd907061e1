// SPDX-License-Identifier: GPL-2.0-only
/* The pinned maps "allow" and "controllers": who is never refused, whose run is a transition. */
#include "guard/allow_map.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "guard/batch.h"
#include "guard/guard.h"
#include "guard/origins.h"
#include "guard/pins.h"
#include "guard/policy_plan.h"
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

int allow_map_origins(const struct who_list *list, struct listed_all *all)
{
	struct origins origins;
	int err = origins_read(&origins);

	for (size_t i = 0; !err && i < all->nr; i++)
		snprintf(all->list[i].from, sizeof(all->list[i].from), "%s",
			 origin_of_listed(origin_find(&origins, list->map, &all->list[i].key)));
	free(origins.list);
	return err;
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

/* By a verb: a file that names it no more does not take it away. */
static void record(const struct who_list *list, const struct who *who, size_t nr)
{
	const struct daxguard_origin origin = { .from = DAXGUARD_FROM_HAND };
	struct batch b = { .phase = BATCH_ORIGINS };
	int err;

	for (size_t i = 0; i < nr; i++)
		origin_put(&b, list->map, &who[i].key, &origin);
	err = batch_run(&b);
	if (err)
		warn("'%s' counts, but not that it was put there by hand (%s): see 'daxguard "
		     "check'",
		     who->word, strerror(-err));
	batch_free(&b);
}

int allow_map_add(const struct who_list *list, struct who *who, size_t nr)
{
	int status = put_all(list, who, nr);

	if (!status)
		record(list, who, nr);
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
	int err, status, first = EXIT_DONE, map = pins_map(list->map);

	if (map < 0)
		return allow_map_failed(list, map);
	/* each by itself: one that is not there keeps no other */
	for (size_t i = 0; i < nr; i++) {
		status = take_off(list, map, &who[i]);
		if (!first)
			first = status;
	}
	close(map);
	err = program_map_tidy();
	return first || !err ? first : allow_map_failed(list, err);
}

static bool is_that(const struct listed *l, const struct who *who)
{
	if (who->key.what == DAXGUARD_ALLOW_PROGRAM)
		return l->key.what == DAXGUARD_ALLOW_PROGRAM &&
		       !strcmp(l->path.path, who->program.path.path);
	return !memcmp(&l->key, &who->key, sizeof(l->key));
}

static struct listed *listed_as(const struct listed_all *all, const struct who *who)
{
	for (size_t i = 0; i < all->nr; i++)
		if (is_that(&all->list[i], who))
			return &all->list[i];
	return NULL;
}

/* Who is never refused comes late and goes early; of controllers batch.h says when. */
static enum batch_phase coming(const struct who_list *list)
{
	return list == &controller_list ? BATCH_CONTROLLERS : BATCH_LOOSER;
}

static enum batch_phase going(const struct who_list *list)
{
	return list == &controller_list ? BATCH_CONTROLLERS : BATCH_TIGHTER;
}

static int plan_one(const struct plan *plan, const struct who_list *list, struct who *who,
		    const struct listed *there)
{
	struct daxguard_origin origin = { .from = DAXGUARD_FROM_FILE };
	struct batch *b = plan->batch;
	int err = 0;

	if (there)
		who->key = there->key;
	else if (who->key.what == DAXGUARD_ALLOW_PROGRAM)
		err = program_map_make(&who->program.path, &who->key.id);
	if (err)
		return err;
	who->added = !there;
	memcpy(origin.text, who->at, sizeof(origin.text));
	b->phase = there ? BATCH_ORIGINS : BATCH_ORIGINS_FIRST;
	origin_put(b, list->map, &who->key, &origin);
	if (there)
		return 0;
	who->entry.added_ns = now_ns();
	b->phase = coming(list);
	batch_put(b, list->map, &who->key, sizeof(who->key), &who->entry, sizeof(who->entry));
	return 0;
}

static bool is_wanted(const struct config_list *wanted, const struct listed *l)
{
	for (size_t i = 0; i < wanted->nr; i++)
		if (is_that(l, &wanted->list[i]))
			return true;
	return false;
}

static void tell_kept(const struct plan *plan, const struct who_list *list,
		      const struct listed *l)
{
	char text[DAXGUARD_PATH_LEN];
	const char *name = *l->path.path ? l->path.path : l->entry.label;

	if (!plan->tell || !l->who)
		return;
	clean_text(text, sizeof(text), name,
		   *l->path.path ? sizeof(l->path.path) : sizeof(l->entry.label));
	warn("'%s=%s' stays on %s, where it was put by hand: 'daxguard %s remove %s=%s' takes "
	     "it off",
	     l->who, text, list->title, list->verb, l->who, text);
}

/* What no file names any more: by a file it goes, by hand it stays. */
static void plan_rest(const struct plan *plan, const struct who_list *list,
		      const struct config_list *wanted, const struct listed *l)
{
	const struct daxguard_origin *o = origin_find(plan->origins, list->map, &l->key);
	struct batch *b = plan->batch;

	if (!plan->keep || is_wanted(wanted, l))
		return;
	if (!o || o->from != DAXGUARD_FROM_FILE) {
		tell_kept(plan, list, l);
		return;
	}
	b->phase = going(list);
	batch_drop(b, list->map, &l->key, sizeof(l->key), sizeof(l->entry));
	b->phase = BATCH_ORIGINS;
	origin_drop(b, list->map, &l->key);
}

/* What is known of entries that are not there any more. */
static void drop_stale(const struct plan *plan, const struct who_list *list,
		       const struct listed_all *all)
{
	const struct origin_entry *e = plan->origins->list;
	size_t i, j;

	plan->batch->phase = BATCH_ORIGINS_FIRST;
	for (i = 0; i < plan->origins->nr; i++, e++) {
		if (strcmp(e->key.what, list->map))
			continue;
		for (j = 0; j < all->nr; j++)
			if (!memcmp(&all->list[j].key, &e->key.who, sizeof(e->key.who)))
				break;
		if (j == all->nr)
			origin_drop(plan->batch, list->map, &e->key.who);
	}
}

int allow_map_plan(const struct plan *plan, const struct who_list *list,
		   struct config_list *wanted)
{
	struct listed_all all;
	int err = allow_map_read(list, &all);

	if (!err)
		drop_stale(plan, list, &all);
	for (size_t i = 0; !err && i < wanted->nr; i++)
		err = plan_one(plan, list, &wanted->list[i], listed_as(&all, &wanted->list[i]));
	for (size_t i = 0; !err && i < all.nr; i++)
		plan_rest(plan, list, wanted, &all.list[i]);
	free(all.list);
	return err;
}

void allow_map_mark(const struct config_list *wanted)
{
	for (size_t i = 0; i < wanted->nr; i++)
		if (wanted->list[i].added)
			mark(&wanted->list[i]);
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
