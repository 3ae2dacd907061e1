/* SPDX-License-Identifier: GPL-2.0-only */
/* Protections that this machine does not give although the guard can be loaded. */
#ifndef DAXGUARD_PROTECT_H
#define DAXGUARD_PROTECT_H

#include <stdbool.h>

#include "guard/check.h"

/* A finding for each protection: what it lacks here, why, and the remedy. */
extern const struct need protections[];
void check_protections(struct checks *c);

/*
 * The first one that is lacking against what whoever installed daxguard will expect:
 * that a module is not installed is no news, that it is not let in is.
 */
bool protection_lacking(char text[CHECK_LEN]);

#endif
