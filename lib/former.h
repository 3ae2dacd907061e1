/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a device was before a change, and the way back to it. */
#ifndef DAXGUARD_FORMER_H
#define DAXGUARD_FORMER_H

#include "job.h"

#define KMEM "kmem"

/* Note what the device is.  Returns 0 or a negative errno, with a cause. */
int former_note(struct job *job);

/* Has it memory blocks? */
bool has_blocks(struct job *job);

/*
 * Give it to kmem with no block coming online on the way, whatever auto_online_blocks says.
 * WORD: what that may say all the same, or NULL.
 */
int plug_offline(struct job *job, const char *word);

/* Everything back to what it was.  Returns 0 or a negative errno. */
int former_restore(struct job *job);

/* Is everything what it was? */
bool former_is_back(struct job *job);

/* It is not: say the cause, and what it is now.  Returns DAXGUARD_RESULT_NOT_AS_ASKED. */
int former_say_halfway(struct job *job);

/* Back to what it was, and say the cause.  Returns DAXGUARD_RESULT_ROLLED_BACK or that. */
int former_give_up(struct job *job);

#endif
