/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* auto_online_blocks: off while a device is bound, and back however we end. */
#ifndef DAXGUARD_AUTO_ONLINE_H
#define DAXGUARD_AUTO_ONLINE_H

#include "job.h"
#include "left_out.h"

struct auto_online {
	bool off; /* we have written to it, and a keeper is to write it back */
	int sock; /* it does so when we end or shut this down, and ends */
	char value[AUTO_ONLINE_LEN]; /* what it was */
	struct left_out before; /* what was there before it was off */
};

/*
 * Write "offline" to auto_online_blocks, unless it says so, or WORD, already: what is
 * wanted of the blocks to come, or NULL.  Waits while another process has it off.
 * Returns 0 or a negative errno, with a cause.
 */
int auto_online_off(struct auto_online *a, struct job *job, const char *word);

/*
 * Back to what it was, unless somebody else has written to it since; then the blocks of
 * others that came meanwhile are brought online, as the kernel would have done.  Returns
 * when that is done; where it is refused, when JOB is over, and it is done later.
 */
void auto_online_restore(struct auto_online *a, struct job *job);

#endif
