/* SPDX-License-Identifier: GPL-2.0-only */
/* Who would be hurt if what is audited became refused. */
#ifndef DAXGUARD_CHECK_ENFORCE_H
#define DAXGUARD_CHECK_ENFORCE_H

#include "guard/check.h"

/* A finding for each program that audit let through.  Returns how many there are. */
size_t check_enforce(struct checks *c);

#endif
