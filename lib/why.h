/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What went wrong: a result and the sentence about it. */
#ifndef DAXGUARD_WHY_H
#define DAXGUARD_WHY_H

#include "libdaxguard.h"

#define WHY_LEN 1024

/* What the caller could set to help, whatever it calls that; the sentence does not name it. */
enum remedy {
	REMEDY_NONE,
	REMEDY_WRITER_TIME, /* a longer timeout, for a write that is under way */
	REMEDY_RETRY_TIME, /* a longer timeout, for another try */
	REMEDY_WAIT,
	REMEDY_RUNNING_OWNER, /* an owner that is there */
	REMEDY_OTHER_OWNER,
};

struct why {
	char text[WHY_LEN]; /* a sentence, the object quoted, what to do; or "" */
	enum remedy remedy;
};

/* Fill WHY, cut where it is too long, with no remedy, and return RESULT. */
__attribute__((format(printf, 3, 4))) int set_why(struct why *why, int result, const char *fmt,
						  ...);

#endif
