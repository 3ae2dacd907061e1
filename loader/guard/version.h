/* SPDX-License-Identifier: GPL-2.0-only */
/* Guards of another layout version: found beside ours, taken over, or left alone. */
#ifndef DAXGUARD_VERSION_H
#define DAXGUARD_VERSION_H

#include <stdbool.h>
#include <stddef.h>

struct bpf_object;

/* Is NAME, an entry of PIN_TOP, the pins of some version ("v2")?  Its number, or 0. */
unsigned int version_number(const char *name);

/* The pins of a version below ours, or above it; the nearest where there are several. */
bool version_older(unsigned int *nr);
bool version_newer(unsigned int *nr);

/*
 * Pin the maps of version NR among ours, those of OBJ, too, so that policy, counters and
 * transitions go on in them.  Returns 0, or an exit status after having said why not: a map
 * whose layout is another in our version has to be carried over by code of its own here.
 */
int version_carry(unsigned int nr, struct bpf_object *obj);

/*
 * Remove the pins of version NR, and leave its name for ours: programs that hold a device
 * through the older library let go by it.  Returns 0 or a negative errno, WHAT then tells
 * what.
 */
int version_replace(unsigned int nr, char *what, size_t size);

/* Remove the pins of version NR and all such names.  The same returns. */
int version_remove(unsigned int nr, char *what, size_t size);
void version_remove_names(void);

#endif
