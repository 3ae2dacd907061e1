/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Claiming, ending and looking at transitions through the pinned programs. */
#ifndef DAXGUARD_CONTROL_H
#define DAXGUARD_CONTROL_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#include "daxguard.h"

/*
 * Fill KEY from a device name typed by a person.  Returns 0, or -EINVAL where it
 * is not daxN.M (or "*" where ANY) or does not fit the key.
 */
int device_key(struct daxguard_name *key, const char *text, bool any);

/* Run one command (map ABI: struct daxguard_ctl).  Returns 0 or a negative errno. */
int control(struct daxguard_ctl *ctl);

/*
 * Run the task iterator, over the tasks of our pid namespace, with REQ, which comes
 * back answered.  Returns 0 or a negative errno.
 */
int control_ask(struct daxguard_request *req);

/* Put an end to transitions past their deadline or that have outlived their owner. */
void control_sweep(void);

const char *kind_name(__u32 kind);

#endif
