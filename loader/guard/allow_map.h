/* SPDX-License-Identifier: GPL-2.0-only */
/* The pinned maps "allow" and "controllers": who is never refused, whose run is a transition. */
#ifndef DAXGUARD_ALLOW_MAP_H
#define DAXGUARD_ALLOW_MAP_H

#include <stddef.h>

#include "policy/allow.h"

/* An entry of a list. */
struct listed {
	const char *who; /* "exe", "uid", "cgroup", or NULL: it means nothing */
	struct daxguard_allow_key key;
	struct daxguard_allow entry; /* its label not fit to be shown yet */
	struct daxguard_path path; /* of a program, "" where that is not known */
	char from[DAXGUARD_ORIGIN_LEN]; /* "by hand" or "FILE:LINE", see below */
};

struct listed_all {
	struct listed *list;
	size_t nr;
};

/* Returns 0 or a negative errno; free(list) in both cases. */
int allow_map_read(const struct who_list *list, struct listed_all *all);

/* Fill in where each comes from.  Returns 0 or a negative errno. */
int allow_map_origins(const struct who_list *list, struct listed_all *all);

/* Say for which errno that failed; EXIT_FAILED. */
int allow_map_failed(const struct who_list *list, int err);

/*
 * Put NR of them on the list, all or none, or take them off it, where what came before one
 * that is not there stays.  Programs that are put there count at once where they run.  Under
 * the lock of the pins.  Returns an exit status and has said why.
 */
int allow_map_add(const struct who_list *list, struct who *who, size_t nr);
int allow_map_remove(const struct who_list *list, struct who *who, size_t nr);

struct config_list;
struct plan;

/*
 * Plan that the list has what the configuration names, and no more what it named before; what
 * is there by hand stays.  What runs is seen to later, see allow_map_mark().  Returns 0 or a
 * negative errno.
 */
int allow_map_plan(const struct plan *plan, const struct who_list *list,
		   struct config_list *wanted);

/* What was put there when that batch ran, counts where it runs.  Needs the programs pinned. */
void allow_map_mark(const struct config_list *wanted);

/*
 * Name by their paths the programs that an older daxguard named by inode.  Needs the programs
 * pinned.  Returns 0 or a negative errno.
 */
int allow_map_convert(void);

#endif
