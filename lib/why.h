/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What went wrong: a result and the sentence about it. */
#ifndef DAXGUARD_WHY_H
#define DAXGUARD_WHY_H

#include "libdaxguard.h"

#define WHY_LEN 1024

struct why {
	char text[WHY_LEN]; /* a sentence, the object quoted, the remedy; or "" */
};

/* Fill WHY, cut where it is too long, and return RESULT. */
__attribute__((format(printf, 3, 4))) int set_why(struct why *why, int result, const char *fmt,
						  ...);

#endif
