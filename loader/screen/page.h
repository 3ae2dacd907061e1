/* SPDX-License-Identifier: GPL-2.0-only */
/* A screen of characters, each with a style: what is drawn on a terminal or printed as lines. */
#ifndef DAXGUARD_PAGE_H
#define DAXGUARD_PAGE_H

#include <stdio.h>

#include "screen/strip.h"

enum page_style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_HEADING,
	STYLE_DIM,
	STYLE_BAD, /* what should not be */
	STYLE_BUSY, /* held, or being refused */
	STYLE_SELECTED,
	STYLE_CELL, /* and one more for each cell of a strip */
	NR_STYLES = STYLE_CELL + NR_STRIP_CELLS,
};

struct page {
	int rows;
	int cols;
	char *text; /* ROWS times COLS characters of ASCII, blank where nothing is */
	unsigned char *style; /* of each */
};

/* Returns 0 or -ENOMEM; page_free() in both cases. */
int page_make(struct page *page, int rows, int cols);
void page_free(struct page *page);

/*
 * Put a text there, cut at the edge; what is no ASCII becomes '?', for a program chooses its
 * own name.  Returns the column behind it.
 */
__attribute__((format(printf, 5, 6))) int page_put(struct page *page, int row, int col,
						   enum page_style style, const char *fmt, ...);

/* The same so that it ends before column END. */
__attribute__((format(printf, 5, 6))) void page_put_right(struct page *page, int row, int end,
							  enum page_style style,
							  const char *fmt, ...);

/* NR blocks of a device, WIDTH characters at most.  Returns how many those are, or -ENOMEM. */
int page_put_strip(struct page *page, int row, int col, int width,
		   const struct dax_block *blocks, size_t nr);

/* As lines, without blanks at their ends nor empty lines at the end.  */
void page_print(const struct page *page, FILE *out);

#endif
