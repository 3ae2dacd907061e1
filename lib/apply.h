/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bringing a device's blocks to what is wanted, and looking whether they are. */
#ifndef DAXGUARD_APPLY_H
#define DAXGUARD_APPLY_H

#include "job.h"

/*
 * Change block after block until each is as WANT says, as long as there is time:
 * first by what job_read() has read last, then until a new look finds them so.
 * Returns 0, or a negative errno with a cause: -ENODEV where one that is wanted
 * is absent.
 */
int apply(struct job *job, const struct want *want);

/* The same for every block in STATE. */
int apply_all(struct job *job, enum block_state state, bool movable);

/*
 * Through the whole-device attribute, which the device has: memory away, or all of it
 * online.  The device has been read anew then.  Returns 0 or a negative errno, with a
 * cause for going on with the blocks.
 */
int attribute_unplug(struct job *job);
int attribute_online(struct job *job, bool movable);

#endif
