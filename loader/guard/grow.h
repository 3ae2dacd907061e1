/* SPDX-License-Identifier: GPL-2.0-only */
/* The counters of an older set, which had fewer of them, go on in a bigger map. */
#ifndef DAXGUARD_GROW_H
#define DAXGUARD_GROW_H

#include <bpf/libbpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include "daxguard.h"

struct grown {
	int old; /* the older map, -1 where nothing had to grow */
	__u32 nr; /* counters in it */
	__u64 copied[DAXGUARD_NR_COUNTERS]; /* what the new map began with */
};

/* Does the pinned FD have room for fewer counters than MAP? */
bool grow_needed(int fd, const struct bpf_map *map);

/*
 * Begin the counters in the descriptor NEW with what OLD has; OLD now belongs to
 * G.  Returns 0 or a negative errno.
 */
int grow_copy(struct grown *g, int old, int new);

/* The older programs are gone: add what they counted since.  Closes the older map. */
int grow_finish(struct grown *g);

#endif
