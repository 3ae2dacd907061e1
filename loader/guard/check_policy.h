/* SPDX-License-Identifier: GPL-2.0-only */
/* What policy says: bytes that mean nothing, and what is in force for each device. */
#ifndef DAXGUARD_CHECK_POLICY_H
#define DAXGUARD_CHECK_POLICY_H

#include "guard/check.h"
#include "policy/policy.h"

/* Whether the configuration files can be loaded, and which line of them is wrong. */
void check_config(struct checks *c);

/* A warning for each entry with such bytes.  Returns 0 or a negative errno. */
int check_policy_bytes(struct checks *c);

/*
 * A finding for the device that kmem has bound: where it may come online and what its
 * bring-up is, with these hooks (enum daxguard_hooks).  Returns 0 or a negative errno.
 */
int check_in_force(struct checks *c, const char *device, __u32 hooks);

/* The same by what is in force; for the unit test. */
void check_rules(struct checks *c, const char *device, const struct policy_rules *rules,
		 __u32 hooks);

#endif
