/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* auto_online_blocks: off while a device is bound, and back however we end. */
#ifndef DAXGUARD_AUTO_ONLINE_H
#define DAXGUARD_AUTO_ONLINE_H

#include "job.h"

struct auto_online {
	pid_t keeper; /* child that writes the old value back; 0 where there is no need */
	int sock; /* it does so when this is closed, by us or by our end */
};

/*
 * Write "offline" to auto_online_blocks.  Waits while another process has it off.
 * Returns 0 or a negative errno, with a cause.
 */
int auto_online_off(struct auto_online *a, struct job *job);

/*
 * Back to what it was, unless somebody else has written to it since.  Returns when that
 * is done; where it is refused, when JOB is over, and it is done later.
 */
void auto_online_restore(struct auto_online *a, const struct job *job);

#endif
