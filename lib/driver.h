/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Giving a dax device to a driver and taking it away again. */
#ifndef DAXGUARD_DRIVER_H
#define DAXGUARD_DRIVER_H

#include "job.h"

/*
 * Bind the device, which has no driver, or take it from its driver; one try.  Returns 0
 * or a negative errno, with a cause.
 */
int driver_bind(struct job *job, const char *driver);
int driver_unbind(struct job *job, const char *driver);

#endif
