/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the pinned programs, maps and links are, and the lock over them. */
#ifndef DAXGUARD_PINS_H
#define DAXGUARD_PINS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "pinned.h"

/* A new link waits under its name and this until it takes the old one's place. */
#define PIN_NEW "_new"

/*
 * Take the lock that every change of the pins is made under, making PIN_TOP where
 * CREATE.  Returns a descriptor to close, or a negative errno: -ENOENT where there
 * is nothing, -ENODEV where PIN_ROOT is not a bpffs.
 */
int pins_lock(bool create);

/* The same where the guard is loaded: 0 with *LOCK, or the exit status after saying why not. */
int pins_lock_to_change(int *lock);

/* What every program's name begins with. */
#define PROG_PREFIX "daxguard_"

/* Room for a sentence of pins_inspect(). */
#define PINS_WHAT 512

/* What is pinned, against what the skeleton says there should be. */
enum pins_state {
	PINS_NONE, /* nothing at all */
	PINS_COMPLETE, /* every map, program and link, and they are ours */
	PINS_PARTIAL, /* some of them: repaired by load, never "loaded" */
	PINS_FOREIGN, /* something that is not ours or of another layout */
	PINS_OLDER, /* another build's, or an older version's: load takes over from it */
	PINS_NEWER, /* a newer version's, which only that one may touch */
	PINS_ELSEWHERE, /* nothing here, but a guard runs, see foreign.h */
	PINS_UNSEEN, /* we may or can not look */
};

/*
 * Look at the pins.  WHAT, of SIZE bytes, gets the first thing found wrong.  Needs root.
 */
enum pins_state pins_inspect(char *what, size_t size);

/* The sentence about any state but PINS_COMPLETE, from what was found; it lasts. */
const char *pins_sentence(enum pins_state state, const char *what);

/* The exit status that goes with it. */
int pins_status(enum pins_state state);

/*
 * For a verb that needs the guard loaded: 0, or the exit status after it has said
 * why not (not root, no bpffs, not loaded, half loaded, foreign).
 */
int pins_need_loaded(void);

/* Say that PATH cannot be looked at for that errno, with the remedy; EXIT_LACKING. */
int pins_fail_unseen(const char *path, int err);

/* Say that the pins, which were complete, cannot be read for that errno; EXIT_FAILED. */
int pins_fail_broken(int err);

/* For a verb that needs root: 0, or the exit status after saying so. */
int pins_need_root(void);

/* For a verb that needs root and a bpffs: 0, or the exit status after saying so. */
int pins_need_bpffs(void);

/* Remove the maps that only versions before this one had. */
void pins_drop_obsolete_maps(void);

/* Remove everything of ours.  Returns 0 or a negative errno, WHAT then tells what. */
int pins_remove(char *what, size_t size);

#endif
