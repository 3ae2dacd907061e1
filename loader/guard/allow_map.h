/* SPDX-License-Identifier: GPL-2.0-only */
/* The pinned map "allow": who is never refused. */
#ifndef DAXGUARD_ALLOW_MAP_H
#define DAXGUARD_ALLOW_MAP_H

#include <stddef.h>

#include "policy/policy.h"

struct config;

/* One word of the command line, taken apart by allow_parse(). */
struct allow_who {
	const char *word;
	struct daxguard_allow_key key;
	struct daxguard_allow entry;
	int found; /* 0, or why the object is not there */
};

/* An entry of the map. */
struct allowed {
	const char *who; /* "exe", "uid", "cgroup", or NULL: it allows nobody */
	__u32 what; /* the number of that, for people where it means nothing */
	char label[DAXGUARD_LABEL_LEN + 1]; /* as it was typed, not fit to be shown yet */
	__u64 id;
	__u32 dev;
};

struct allow_list {
	struct allowed *list;
	size_t nr;
};

/* Returns 0 or a negative errno; free(list) in both cases. */
int allow_map_read(struct allow_list *all);

/* Say for which errno that failed; EXIT_FAILED. */
int allow_map_failed(int err);

/*
 * Put NR of them on the list, or take them off it.  Needs the guard loaded.  Returns an exit
 * status and has said why; what came before the one that failed stays.
 */
int allow_map_add(struct allow_who *who, int nr);
int allow_map_remove(struct allow_who *who, int nr);

/* Add those that the configuration names.  Returns 0 or a negative errno. */
int allow_map_configure(const struct config *config);

#endif
