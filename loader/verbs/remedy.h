/* SPDX-License-Identifier: GPL-2.0-only */
/* What the library says went wrong, with the option that helps. */
#ifndef DAXGUARD_REMEDY_H
#define DAXGUARD_REMEDY_H

#include "why.h"

/* Say WHY, with its remedy as an option of the verbs.  Returns STATUS. */
int fail_why(int status, const struct why *why);

#endif
