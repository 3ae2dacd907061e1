/* SPDX-License-Identifier: GPL-2.0-only */
/* One event, as a line for people or as one of JSON. */
#ifndef DAXGUARD_EVENT_SHOW_H
#define DAXGUARD_EVENT_SHOW_H

#include <linux/types.h>

#include "daxguard.h"

struct cgroups;
struct event_record;

/* When that was, in nanoseconds since 1970. */
__u64 event_when(const struct daxguard_event *e);

/*
 * Print E, which happened at WHEN in nanoseconds since 1970, on stdout: JSON where that
 * was asked for.  CGROUPS, which stay the caller's, give cgroups their paths.  Returns 0, or a
 * negative errno where stdout takes no more.
 */
int print_event(const struct event_record *e, __u64 when, const struct cgroups *cgroups);

#endif
