/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole paths of what an event names: of the program and of the cgroup. */
#ifndef DAXGUARD_ORIGIN_H
#define DAXGUARD_ORIGIN_H

#include <linux/types.h>
#include <stddef.h>

#include "daxguard.h"

/*
 * Into BUF the whole path of the executable while its process lives, else as much of its
 * name as the event has; fit to be shown.
 */
void exe_path(const struct daxguard_event *e, char *buf, size_t size);

/* Where cgroup v2 is mounted, and a descriptor of that; NULL or negative where there is none. */
struct cgroups {
	const char *path;
	int fd;
};

/*
 * Into BUF the path of the cgroup with that id below the root of them; the number where it
 * is gone.  Fit to be shown.
 */
void cgroup_path(const struct cgroups *cgroups, __u64 id, char *buf, size_t size);

#endif
