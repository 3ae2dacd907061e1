/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the guard is loaded, and what is not well with one that is. */
#ifndef DAXGUARD_CHECK_GUARD_H
#define DAXGUARD_CHECK_GUARD_H

#include "guard/check.h"

/* A finding for its pins, and for each policy and device that is not as it should be. */
void check_guard(struct checks *c);

#endif
