/* SPDX-License-Identifier: GPL-2.0-only */
/* The pinned map "programs": the numbers of the paths that the lists name. */
#ifndef DAXGUARD_PROGRAM_MAP_H
#define DAXGUARD_PROGRAM_MAP_H

#include <stddef.h>

#include "daxguard.h"

struct program_entry {
	struct daxguard_path path; /* ends with a zero */
	__u64 id;
};

struct program_entries {
	struct program_entry *list;
	size_t nr;
};

/* Returns 0 or a negative errno; free(list) in both cases. */
int program_map_read(struct program_entries *all);

/* The path with that number, or NULL. */
const struct daxguard_path *program_map_path(const struct program_entries *all, __u64 id);

/* The number of a path.  Returns 0 or a negative errno: -ENOENT where it has none. */
int program_map_find(const struct daxguard_path *path, __u64 *id);

/* The same, giving it one.  Under the lock of the pins, as what follows. */
int program_map_make(const struct daxguard_path *path, __u64 *id);

/* Take those away that no list names.  Returns 0 or a negative errno. */
int program_map_tidy(void);

/*
 * Who runs FILE now is that program, as if it had started with its path.  Needs the programs
 * pinned.  Returns 0 or a negative errno.
 */
int program_map_mark(const struct daxguard_allow_key *file, __u64 id);

/* The same for what has the path of each program now. */
int program_map_mark_all(void);

#endif
