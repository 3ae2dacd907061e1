/* SPDX-License-Identifier: GPL-2.0-only */
/* The pinned maps "allow" and "controllers": who is never refused, whose run is a transition. */
#ifndef DAXGUARD_ALLOW_MAP_H
#define DAXGUARD_ALLOW_MAP_H

#include <stddef.h>

#include "policy/allow.h"

struct config;

/* An entry of a list. */
struct listed {
	const char *who; /* "exe", "uid", "cgroup", or NULL: it means nothing */
	struct daxguard_allow_key key;
	struct daxguard_allow entry; /* its label not fit to be shown yet */
	struct daxguard_path path; /* of a program, "" where that is not known */
};

struct listed_all {
	struct listed *list;
	size_t nr;
};

/* Returns 0 or a negative errno; free(list) in both cases. */
int allow_map_read(const struct who_list *list, struct listed_all *all);

/* Say for which errno that failed; EXIT_FAILED. */
int allow_map_failed(const struct who_list *list, int err);

/*
 * Put NR of them on the list, all or none, or take them off it, where what came before one
 * that is not there stays.  Programs that are put there count at once where they run.  Under
 * the lock of the pins.  Returns an exit status and has said why.
 */
int allow_map_add(const struct who_list *list, struct who *who, size_t nr);
int allow_map_remove(const struct who_list *list, struct who *who, size_t nr);

/*
 * Add those that the configuration names: what runs is seen to later, when the programs are
 * pinned.  Returns an exit status and has said why.
 */
int allow_map_configure(const struct config *config);

/*
 * Name by their paths the programs that an older daxguard named by inode.  Needs the programs
 * pinned.  Returns 0 or a negative errno.
 */
int allow_map_convert(void);

#endif
