/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making text from elsewhere fit to be shown. */
#ifndef DAXGUARD_TEXT_H
#define DAXGUARD_TEXT_H

#include <stddef.h>

/*
 * Copy at most SIZE bytes of FROM, which need not end with a zero, to OUT of
 * OUT_SIZE bytes.  What is not UTF-8 or would move a terminal's cursor becomes
 * '?': a process chooses its own name.  Returns OUT.
 */
char *clean_text(char *out, size_t out_size, const char *from, size_t size);

#endif
