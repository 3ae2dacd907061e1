/* SPDX-License-Identifier: GPL-2.0-only */
/* The dax devices below what takes them along. */
#ifndef DAXGUARD_TREE_H
#define DAXGUARD_TREE_H

#include "guard/guard.h"
#include "model.h"

/* Print it for DEVS; returns an exit status. */
int print_tree(const struct dax_devices *devs, const struct guard_transitions *running);

#endif
