/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts from elsewhere in SVG and HTML. */
#ifndef DAXGUARD_XML_H
#define DAXGUARD_XML_H

#include <stddef.h>
#include <stdio.h>

/*
 * Print at most SIZE bytes of TEXT so that they are text there and nothing else: a process
 * chooses its own name.
 */
void xml_text(FILE *out, const char *text, size_t size);

#endif
