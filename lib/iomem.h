/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What /proc/iomem says about a device's ranges. */
#ifndef DAXGUARD_IOMEM_H
#define DAXGUARD_IOMEM_H

#include <linux/types.h>
#include <stdio.h>

#include "model.h"

/*
 * Bytes of FILE's lines "System RAM..." that lie inside the ranges of DEV.  -EINVAL
 * where no line has an address: they are hidden from those who are not root.
 */
long long iomem_ram_of(FILE *file, const struct dax_device *dev);

/* The same of /proc/iomem.  Bytes or a negative errno. */
long long iomem_ram(const struct dax_device *dev);

#endif
