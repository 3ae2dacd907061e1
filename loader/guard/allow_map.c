// SPDX-License-Identifier: GPL-2.0-only
/* The pinned map "allow": who is never refused. */
#include "guard/allow_map.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "guard/guard.h"
#include "guard/pins.h"
#include "policy/config.h"
#include "show/report.h"

static int add_entry(const void *key, const void *value, void *ctx)
{
	const struct daxguard_allow_key *k = key;
	const struct daxguard_allow *v = value;
	struct allow_list *all = ctx;
	struct allowed *list = reallocarray(all->list, all->nr + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	all->list = list;
	list += all->nr++;
	*list = (struct allowed){
		.who = allow_name(k->what), .what = k->what, .id = k->id, .dev = k->dev
	};
	memcpy(list->label, v->label, sizeof(v->label));
	return 0;
}

int allow_map_read(struct allow_list *all)
{
	memset(all, 0, sizeof(*all));
	return guard_walk("allow", sizeof(struct daxguard_allow_key),
			  sizeof(struct daxguard_allow), add_entry, all);
}

int allow_map_failed(int err)
{
	return fail(EXIT_FAILED,
		    "the map '" PIN_MAPS "/allow' cannot be used (%s): see "
		    "'daxguard check'",
		    strerror(-err));
}

static int add(int map, struct allow_who *who)
{
	who->entry.added_ns = now_ns();
	if (!bpf_map_update_elem(map, &who->key, &who->entry, BPF_ANY))
		return EXIT_DONE;
	if (errno == E2BIG)
		return fail(EXIT_FAILED,
			    "the allow list is full, '%s' is not on it: make "
			    "room with 'daxguard allow remove'",
			    who->word);
	return allow_map_failed(-errno);
}

static int match_label(const void *key, const void *value, void *ctx)
{
	const struct daxguard_allow_key *k = key;
	const struct daxguard_allow *v = value;
	struct allow_who *who = ctx;

	if (k->what != who->key.what || strncmp(v->label, who->entry.label, sizeof(v->label)))
		return 0;
	who->key = *k;
	return 1;
}

/*
 * What was typed to add it finds an entry again, also when the file is gone or is
 * another one now; else the object itself does.
 */
static int take_off(int map, struct allow_who *who)
{
	int err = guard_walk("allow", sizeof(who->key), sizeof(who->entry), match_label, who);

	if (err < 0)
		return allow_map_failed(err);
	if ((err || !who->found) && !bpf_map_delete_elem(map, &who->key))
		return EXIT_DONE;
	if (!err && who->found)
		errno = ENOENT;
	if (errno == ENOENT)
		return fail(EXIT_FAILED,
			    "'%s' is not on the allow list: see 'daxguard "
			    "allow list'",
			    who->word);
	return allow_map_failed(-errno);
}

static int under_lock(struct allow_who *who, int nr, int (*fn)(int map, struct allow_who *who))
{
	int map, i, lock, status = pins_lock_to_change(&lock);

	if (status)
		return status;
	map = pins_map("allow");
	if (map < 0)
		status = allow_map_failed(map);
	for (i = 0; !status && i < nr; i++)
		status = fn(map, &who[i]);
	if (map >= 0)
		close(map);
	close(lock);
	return status;
}

int allow_map_add(struct allow_who *who, int nr)
{
	return under_lock(who, nr, add);
}

int allow_map_remove(struct allow_who *who, int nr)
{
	return under_lock(who, nr, take_off);
}

int allow_map_configure(const struct config *config)
{
	int err = 0, map = pins_map("allow");

	if (map < 0)
		return map;
	for (size_t i = 0; !err && i < config->nr_allows; i++)
		if (bpf_map_update_elem(map, &config->allows[i].key, &config->allows[i].entry,
					BPF_ANY))
			err = -errno;
	close(map);
	return err;
}
