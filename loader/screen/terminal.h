/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages on a terminal, and keys from it. */
#ifndef DAXGUARD_TERMINAL_H
#define DAXGUARD_TERMINAL_H

#include "screen/page.h"

/* Take over the terminal.  Returns 0 or an exit status, having said why not. */
int terminal_begin(void);

/* What it has room for now. */
void terminal_size(int *rows, int *cols);

void terminal_show(const struct page *page);

/* A key as top_key() takes it, or -1 where none came within MS milliseconds. */
int terminal_key(int ms);

/* The terminal is as it was. */
void terminal_end(void);

#endif
