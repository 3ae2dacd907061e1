/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a device must be for a whole-device change, asked before and by --dry-run. */
#ifndef DAXGUARD_ABLE_H
#define DAXGUARD_ABLE_H

#include "model.h"
#include "why.h"

/* All return 0, or an enum daxguard_result with WHY. */

/* Can it be given to kmem at all? */
int can_plug(const struct dax_device *dev, struct why *why);

/* Has it blocks that can be brought online and taken offline? */
int can_change_blocks(const struct dax_device *dev, struct why *why);

/* It has no driver: is all of its memory gone, too? */
int is_gone(const struct dax_device *dev, struct why *why);

#endif
