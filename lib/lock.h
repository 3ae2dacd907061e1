/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One whole-device change at a time, also where the guard is not loaded. */
#ifndef DAXGUARD_LOCK_H
#define DAXGUARD_LOCK_H

#include <stdbool.h>

#include "why.h"

/*
 * Lock the device NAME for as long as the descriptor that *FD gets is open.  Returns 0,
 * or DAXGUARD_RESULT_HELD, _LACKING or _FAILED with WHY.
 */
int device_lock(int *fd, const char *name, struct why *why);

/* Has somebody that lock, or can that not be told? */
bool device_is_locked(const char *name);

#endif
