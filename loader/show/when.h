/* SPDX-License-Identifier: GPL-2.0-only */
/* Points in time as people write them, in nanoseconds since 1970. */
#ifndef DAXGUARD_WHEN_H
#define DAXGUARD_WHEN_H

#include <linux/types.h>
#include <stddef.h>

/*
 * "2026-01-31T12:00:00.5+01:00" (RFC 3339), "@1769860800", or "-10m", "10m": so
 * many s, m, h or d before NOW.  Returns 0 or -EINVAL.
 */
int parse_when(const char *text, __u64 now, __u64 *when);

/* RFC 3339 with microseconds, in UTC. */
void format_when(__u64 when, char *buf, size_t size);

/* Now, by the wall clock. */
__u64 when_now(void);

/*
 * When that was which happened BOOT_NS nanoseconds after boot, by the wall clock as it is
 * set now.  Events carry the time since boot, which no one sets; people read the other.
 */
__u64 when_of(__u64 boot_ns);

#endif
