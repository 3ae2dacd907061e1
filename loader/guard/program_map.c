// SPDX-License-Identifier: GPL-2.0-only
/* The pinned map "programs": the numbers of the paths that the lists name. */
#include "guard/program_map.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "clock.h"
#include "control.h"
#include "guard/guard.h"
#include "guard/pins.h"
#include "policy/allow.h"
#include "policy/program.h"

static int add_entry(const void *key, const void *value, void *ctx)
{
	const struct daxguard_program *program = value;
	struct program_entries *all = ctx;
	struct program_entry *list = reallocarray(all->list, all->nr + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	all->list = list;
	list += all->nr++;
	memcpy(&list->path, key, sizeof(list->path));
	list->path.path[DAXGUARD_PATH_LEN - 1] = 0;
	list->id = program->id;
	return 0;
}

int program_map_read(struct program_entries *all)
{
	memset(all, 0, sizeof(*all));
	return guard_walk("programs", sizeof(struct daxguard_path),
			  sizeof(struct daxguard_program), add_entry, all);
}

const struct daxguard_path *program_map_path(const struct program_entries *all, __u64 id)
{
	for (size_t i = 0; i < all->nr; i++)
		if (all->list[i].id == id)
			return &all->list[i].path;
	return NULL;
}

int program_map_find(const struct daxguard_path *path, __u64 *id)
{
	struct daxguard_program program;
	int err = 0, map = pins_map("programs");

	if (map < 0)
		return map;
	if (bpf_map_lookup_elem(map, path, &program))
		err = -errno;
	else
		*id = program.id;
	close(map);
	return err;
}

/* Used only once: the clock is past it before anybody else can look at it. */
static __u64 new_id(void)
{
	__u64 id = now_ns();

	while (now_ns() == id)
		;
	return id;
}

int program_map_make(const struct daxguard_path *path, __u64 *id)
{
	struct daxguard_program program;
	int map, err = program_map_find(path, id);

	if (err != -ENOENT)
		return err;
	map = pins_map("programs");
	if (map < 0)
		return map;
	program.id = new_id();
	err = bpf_map_update_elem(map, path, &program, BPF_NOEXIST) ? -errno : 0;
	*id = program.id;
	close(map);
	return err;
}

static int is_that(const void *key, const void *value, void *ctx)
{
	const struct daxguard_allow_key *k = key;
	const __u64 *id = ctx;

	(void)value;
	return k->what == DAXGUARD_ALLOW_PROGRAM && k->id == *id;
}

/* 1, 0, or a negative errno. */
static int is_named(__u64 id)
{
	static const struct who_list *const lists[] = { &allow_list, &controller_list };
	int named = 0;

	for (size_t i = 0; !named && i < ARRAY_SIZE(lists); i++)
		named = guard_walk(lists[i]->map, sizeof(struct daxguard_allow_key),
				   sizeof(struct daxguard_allow), is_that, &id);
	return named;
}

int program_map_tidy(void)
{
	struct program_entries all;
	int named, err = program_map_read(&all), map = pins_map("programs");

	if (!err && map < 0)
		err = map;
	for (size_t i = 0; !err && i < all.nr; i++) {
		named = is_named(all.list[i].id);
		if (named < 0)
			err = named;
		else if (!named && bpf_map_delete_elem(map, &all.list[i].path) &&
			 errno != ENOENT)
			err = -errno;
	}
	if (map >= 0)
		close(map);
	free(all.list);
	return err;
}

int program_map_mark(const struct daxguard_allow_key *file, __u64 id)
{
	struct daxguard_request running = { .ask = DAXGUARD_ASK_RUNNING,
					    .file = *file,
					    .state = id };

	return control_ask(&running);
}

/* A path that is a link now leads to another program. */
static bool has_file(const struct program_entry *entry, struct program *program)
{
	program_resolve(entry->path.path, program);
	return program->there && program->fault == PROGRAM_FINE &&
	       !strcmp(program->path.path, entry->path.path);
}

int program_map_mark_all(void)
{
	struct program_entries all;
	struct program program;
	int err = program_map_read(&all);

	for (size_t i = 0; !err && i < all.nr; i++)
		if (has_file(&all.list[i], &program))
			err = program_map_mark(&program.file, all.list[i].id);
	free(all.list);
	return err;
}
