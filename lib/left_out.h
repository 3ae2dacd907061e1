/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks of others that came while auto_online_blocks was off: who brings them online. */
#ifndef DAXGUARD_LEFT_OUT_H
#define DAXGUARD_LEFT_OUT_H

#include <linux/types.h>
#include <stddef.h>

#include "model.h"

struct job;

/* Longest word that auto_online_blocks says, with its end. */
#define AUTO_ONLINE_LEN 32

/* The memory of the machine at one moment. */
struct left_out {
	__u32 *blocks; /* numbers of all memory blocks, ascending */
	size_t nr_blocks;
	struct dax_devices devs;
};

/* Look what is there.  Returns 0 or a negative errno; left_out_free() in both cases. */
int left_out_note(struct left_out *before);

/*
 * Bring online, by WORD, the blocks that were not there BEFORE, but for those of JOB's
 * own device and of devices that somebody holds.  A bind of another that is not done yet
 * is waited for as long as JOB has time.
 */
void left_out_online(const struct left_out *before, struct job *job, const char *word);

void left_out_free(struct left_out *before);

#endif
