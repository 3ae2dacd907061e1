/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading: maps, policy, programs and links, all of them or none. */
#ifndef DAXGUARD_LOAD_H
#define DAXGUARD_LOAD_H

#include <linux/types.h>
#include <stdbool.h>

struct config;

struct load_options {
	__u8 mode; /* enum daxguard_mode for '*', 0: leave or enforce */
	__u32 hooks; /* enum daxguard_hooks to attach */
	struct config *config; /* what is to be in force, NULL: what is, or is built in */
	bool reload; /* also where the guard is loaded already */
};

/*
 * Load, or repair or replace what another daxguard left.  Under the lock (see
 * pins.h).  Returns an exit status and has said why; on failure the pins are as
 * before.  *REPLACED tells whether there was something already.
 */
int load_guard(const struct load_options *options, bool *replaced);

/*
 * Write what sysfs says about devices bound to kmem into the maps: those that
 * were bound before the observers came.  Returns 0 or a negative errno.
 */
int seed_devices(void);

/*
 * Let the attached programs see the kernel's devices and memory blocks: open a file
 * of each while *SEEDING, which the programs read, is set.  Returns 0 or a negative
 * errno.
 */
int seed_objects(__u32 *seeding);

#endif
