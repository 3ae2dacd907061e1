/* SPDX-License-Identifier: GPL-2.0-only */
/* A guard that runs although its pins are not under PIN_DIR. */
#ifndef DAXGUARD_FOREIGN_H
#define DAXGUARD_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Is there one beside what is pinned here?  Asks the kernel for its links, whatever is
 * mounted.  Returns 1, and WHAT is a sentence about where it is, with the remedy; 0;
 * or a negative errno, -EPERM where the kernel does not tell.
 */
int foreign_look(char *what, size_t size);

/*
 * Of two guards that were attached at the same moment one has to go: the one whose first
 * link is the younger.  Is there one with an older link than all that are pinned here
 * and the NR of LINKS, which are attached?  Each must look when it has attached all.
 */
bool foreign_is_older(const int *links, size_t nr);

/*
 * Let PIN_ROOT be, for this process alone, the bpf file system where that guard has
 * its pins.  False where there is none to be reached: then WHAT is the sentence.
 */
bool foreign_enter(char *what, size_t size);

#endif
