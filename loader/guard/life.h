/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading and unloading the guard as a whole, under the lock of its pins. */
#ifndef DAXGUARD_LIFE_H
#define DAXGUARD_LIFE_H

#include "guard/hooks.h"
#include "guard/load.h"

/*
 * Load the guard with the layers that are WANTED, which fills OPTIONS' hooks, unless just
 * this is loaded.  Needs root and a bpffs.  Returns an exit status and has said why;
 * *RESULT, where it is EXIT_DONE, is a word or two about what was done.
 */
int load_under_lock(struct load_options *options, enum hooks_wanted wanted,
		    const char **result);

/* Unload it, wherever its pins are.  Needs root.  The same returns. */
int unload_under_lock(const char **result);

#endif
