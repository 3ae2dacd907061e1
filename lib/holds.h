/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devices that a name stands for, held together: one, or all that are below it. */
#ifndef DAXGUARD_HOLDS_H
#define DAXGUARD_HOLDS_H

#include "transition.h"

struct holds {
	struct hold like; /* owner and times of each */
	char *text; /* the name */
	struct hold *list; /* by device; more than one are below TEXT */
	size_t nr;
};

/*
 * Fill the list from TEXT, the name of a device or of what is above some, all of them there.
 * Returns 0, or an enum daxguard_result with WHY; holds_free() in any case.
 */
int holds_name(struct holds *all, const char *text, struct why *why);
void holds_free(struct holds *all);

/* What all of them are called: the device, or what is above them. */
const char *holds_text(const struct holds *all);

/* Begin all of them, each as transition_begin() does, or none. */
int holds_begin(struct holds *all, struct why *why);

/* End them.  Returns 0, or the first error of transition_end() with the hold it is of. */
int holds_end(const struct holds *all, const struct hold **which);

/* Have WHY, which is about one of several, say what they are below.  Returns RESULT. */
int holds_say(const struct holds *all, int result, struct why *why);

#endif
