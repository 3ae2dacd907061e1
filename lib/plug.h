/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a device can be given to kmem at all. */
#ifndef DAXGUARD_PLUG_H
#define DAXGUARD_PLUG_H

#include "model.h"
#include "why.h"

/* Returns 0, or an enum daxguard_result with WHY. */
int can_plug(const struct dax_device *dev, struct why *why);

#endif
