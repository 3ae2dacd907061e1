/* SPDX-License-Identifier: GPL-2.0-only */
/* A device's memory blocks as a strip of characters, of which one may stand for several blocks.
 */
#include "screen/strip.h"

#include <stdbool.h>
#include <string.h>

static const struct {
	char character;
	const char *meaning;
} shown[NR_STRIP_CELLS] = {
	[STRIP_ABSENT] = { '_', "not there" },
	[STRIP_OFFLINE] = { '.', "offline" },
	[STRIP_GOING] = { '-', "going offline" },
	[STRIP_MOVABLE] = { 'M', "online, movable" },
	[STRIP_KERNEL] = { 'N', "online, kernel zone" },
	[STRIP_ZONES] = { '#', "online, both zones" },
	[STRIP_MIXED] = { '%', "several states" },
};

char strip_char(enum strip_cell cell)
{
	return shown[cell].character;
}

const char *strip_meaning(enum strip_cell cell)
{
	return shown[cell].meaning;
}

enum strip_cell strip_block(const struct dax_block *block)
{
	switch (block->state) {
	case BLOCK_OFFLINE:
		return STRIP_OFFLINE;
	case BLOCK_GOING_OFFLINE:
		return STRIP_GOING;
	case BLOCK_ONLINE:
		return strcmp(block->zone, "Movable") ? STRIP_KERNEL : STRIP_MOVABLE;
	default:
		return STRIP_ABSENT;
	}
}

static bool is_online(enum strip_cell cell)
{
	return cell == STRIP_MOVABLE || cell == STRIP_KERNEL || cell == STRIP_ZONES;
}

static enum strip_cell together(enum strip_cell a, enum strip_cell b)
{
	if (a == b)
		return a;
	return is_online(a) && is_online(b) ? STRIP_ZONES : STRIP_MIXED;
}

size_t strip_fill(enum strip_cell *cells, size_t width, const struct dax_block *blocks,
		  size_t nr)
{
	size_t cell, block, end;

	if (width > nr)
		width = nr;
	for (cell = 0, block = 0; cell < width; cell++) {
		end = (cell + 1) * nr / width;
		cells[cell] = strip_block(&blocks[block]);
		while (++block < end)
			cells[cell] = together(cells[cell], strip_block(&blocks[block]));
	}
	return width;
}
