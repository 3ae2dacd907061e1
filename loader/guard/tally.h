/* SPDX-License-Identifier: GPL-2.0-only */
/* Who was refused, or would have been: what the map "tally" has, a row for each. */
#ifndef DAXGUARD_TALLY_H
#define DAXGUARD_TALLY_H

#include <json-c/json.h>
#include <linux/types.h>
#include <stddef.h>

#include "daxguard.h"

/* What one program did as one user in one unit to one device. */
struct culprit {
	struct daxguard_tally_key key; /* its event is 0; all zero: those that had no room */
	__u64 refused;
	__u64 would_be; /* let through by audit */
	__u64 slipped;
	__u64 first_ns; /* CLOCK_BOOTTIME */
	__u64 last_ns;
	char file[DAXGUARD_FILE_LEN]; /* of the last time */
};

struct culprits {
	struct culprit *list; /* who was refused, or would have been, most comes first */
	size_t nr;
};

/* Of DEVICE, of all where it is NULL.  Returns 0 or a negative errno; free(list) in both cases.
 */
int tally_read(struct culprits *culprits, const char *device);

/* "sh" and "cron.service" of C, in BUF, with a word for what has none. */
const char *culprit_program(const struct culprit *c, char *buf, size_t size);
const char *culprit_unit(const struct culprit *c, char *buf, size_t size);

/* The same of its device and the file. */
const char *culprit_device(const struct culprit *c, char *buf, size_t size);
const char *culprit_file(const struct culprit *c, char *buf, size_t size);

/* Before the programs run: room for those that will have none.  0 or a negative errno. */
int tally_seed(int map);

#endif
