/* SPDX-License-Identifier: GPL-2.0-only */
/* A device's memory blocks as a strip of characters, of which one may stand for several blocks.
 */
#ifndef DAXGUARD_STRIP_H
#define DAXGUARD_STRIP_H

#include <stddef.h>

#include "model.h"

enum strip_cell {
	STRIP_ABSENT, /* there is no memoryN */
	STRIP_OFFLINE,
	STRIP_GOING, /* on its way offline */
	STRIP_MOVABLE, /* online, in the movable zone */
	STRIP_KERNEL, /* online, in a zone of the kernel's own */
	STRIP_ZONES, /* blocks that are all online, in both kinds of zone */
	STRIP_MIXED, /* blocks in several states */
	NR_STRIP_CELLS,
};

/* The character that stands for it, another one for each. */
char strip_char(enum strip_cell cell);

/* What that means, for people. */
const char *strip_meaning(enum strip_cell cell);

/* What one block is. */
enum strip_cell strip_block(const struct dax_block *block);

/*
 * NR blocks as at most WIDTH cells, in order, none of them left out.  Returns how many cells
 * those are.
 */
size_t strip_fill(enum strip_cell *cells, size_t width, const struct dax_block *blocks,
		  size_t nr);

#endif
