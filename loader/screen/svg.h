/* SPDX-License-Identifier: GPL-2.0-only */
/* A timeline as SVG, and as a page of HTML around it. */
#ifndef DAXGUARD_SVG_H
#define DAXGUARD_SVG_H

#include <stdio.h>

#include "screen/timeline.h"

/* What stands beside the picture. */
struct svg_words {
	const char *host; /* "" where it has no name */
	__u64 lost; /* events that are not in the history any more */
};

/* A document of its own.  What goes wrong stays in OUT's error flag. */
void svg_print(FILE *out, const struct timeline *t, const struct svg_words *words);

/* The same in a page, with a table of who was refused. */
void html_print(FILE *out, const struct timeline *t, const struct svg_words *words);

#endif
