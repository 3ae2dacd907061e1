/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Declared transitions: beginning one, which waits for writers, and ending it. */
#ifndef DAXGUARD_TRANSITION_H
#define DAXGUARD_TRANSITION_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "daxguard.h"
#include "why.h"

struct hold {
	struct daxguard_name name;
	__u64 state; /* generation, once claimed */
	pid_t owner; /* in our pid namespace */
	double timeout_s; /* longest wait for writes that were let through before */
	double deadline_s; /* longest hold, 0: the policy's */
	const volatile sig_atomic_t *stop; /* NULL, or set where it is to give up */
	struct daxguard_transition holder; /* out: who holds it, where someone else does */
};

/*
 * Fill H's name from TEXT, a device that exists.  Returns 0, or an enum
 * daxguard_result with WHY.
 */
int transition_name(struct hold *h, const char *text, struct why *why);

/*
 * Begin the transition that H is about: the device is claimed at once or not at all, then
 * every write that was let through before is waited for, then the owner and all that
 * descend from it get it.  Returns 0, or an enum daxguard_result with WHY; then nothing is
 * held.
 */
int transition_begin(struct hold *h, struct why *why);

/* Do we, or does one above us, own the transition that H's device is in? */
bool transition_is_mine(const struct hold *h);

/* Is H's device in a transition, whoever owns it? */
bool transition_is_there(const struct hold *h);

/* H's device has no driver any more: from now on it gets one only where it is named. */
void transition_unplugged(const struct hold *h);

/*
 * Is no block of H's device, which we own, to come online until told otherwise?  Returns 0
 * or a negative errno, where nothing keeps them from it.
 */
int transition_keep_offline(const struct hold *h, bool keep);

/* End it.  Returns 0 or a negative errno: -ENOENT where it was over. */
int transition_end(const struct hold *h);

/*
 * End the transition that H's device is in, whoever began it: as its owner or a descendant of
 * that, or by force.  Returns 0, or DAXGUARD_RESULT_HELD or _FAILED with WHY.
 */
int transition_end_owned(const struct hold *h, struct why *why);
int transition_release(const struct hold *h, struct why *why);

#endif
