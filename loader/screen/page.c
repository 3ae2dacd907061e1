/* SPDX-License-Identifier: GPL-2.0-only */
/* A screen of characters, each with a style: what is drawn on a terminal or printed as lines. */
#include "screen/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int page_make(struct page *page, int rows, int cols)
{
	size_t size = (size_t)rows * cols;

	*page = (struct page){ .rows = rows, .cols = cols };
	page->text = malloc(size + 1);
	page->style = calloc(size + 1, 1);
	if (!page->text || !page->style)
		return -ENOMEM;
	memset(page->text, ' ', size);
	return 0;
}

void page_free(struct page *page)
{
	free(page->text);
	free(page->style);
}

static int put(struct page *page, int row, int col, enum page_style style, const char *text)
{
	size_t at = (size_t)row * page->cols;
	unsigned char c;

	if (row < 0 || row >= page->rows)
		return col;
	for (; *text && col < page->cols; text++) {
		c = *text;
		if ((c & 0xc0) == 0x80)
			continue; /* of the character before */
		if (col >= 0) {
			page->text[at + col] = c < ' ' || c >= 0x7f ? '?' : c;
			page->style[at + col] = style;
		}
		col++;
	}
	return col;
}

int page_put(struct page *page, int row, int col, enum page_style style, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return put(page, row, col, style, text);
}

void page_put_right(struct page *page, int row, int end, enum page_style style, const char *fmt,
		    ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put(page, row, end - (int)strlen(text), style, text);
}

int page_put_strip(struct page *page, int row, int col, int width,
		   const struct dax_block *blocks, size_t nr)
{
	enum strip_cell *cells;
	char one[2] = "";
	size_t i, used;

	if (width <= 0)
		return 0;
	cells = calloc(width, sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	used = strip_fill(cells, width, blocks, nr);
	for (i = 0; i < used; i++) {
		one[0] = strip_char(cells[i]);
		put(page, row, col + (int)i, STYLE_CELL + cells[i], one);
	}
	free(cells);
	return used;
}

void page_print(const struct page *page, FILE *out)
{
	const char *line;
	int row, len, empty = 0;

	for (row = 0; row < page->rows; row++) {
		line = page->text + (size_t)row * page->cols;
		for (len = page->cols; len && line[len - 1] == ' '; len--)
			;
		if (!len) {
			empty++;
			continue;
		}
		for (; empty; empty--)
			putc('\n', out);
		fprintf(out, "%.*s\n", len, line);
	}
}
