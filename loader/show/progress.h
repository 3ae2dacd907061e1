/* SPDX-License-Identifier: GPL-2.0-only */
/* How far a whole-device change is: a bar on a terminal, lines elsewhere. */
#ifndef DAXGUARD_PROGRESS_H
#define DAXGUARD_PROGRESS_H

#include <stddef.h>

#include "libdaxguard.h"

/* Blocks a second; 0 where too little is known. */
double progress_rate(const struct daxguard_progress *p);

/* Seconds left at that rate; negative where too little is known. */
double progress_left(const struct daxguard_progress *p);

/*
 * "dax0.0 offline [#####.....] 5/10 blocks, 2.5/s, 0:02 left" in WIDTH columns at most,
 * in BUF.  Returns BUF.
 */
char *progress_text(const struct daxguard_progress *p, int width, char *buf, size_t size);

/* For daxguard_set_progress(): JSON lines with -j, else a bar or now and then a line. */
void progress_show(void *context, const struct daxguard_progress *p);

/* Take the bar off the terminal. */
void progress_clear(void);

#endif
