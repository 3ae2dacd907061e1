/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What keeps a block from going offline, as far as /proc/kpageflags tells. */
#ifndef DAXGUARD_PAGES_H
#define DAXGUARD_PAGES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "model.h"

struct page_counts {
	unsigned long user; /* of processes and files: they can move unless pinned */
	unsigned long kernel; /* the kernel's own */
	unsigned long bare; /* without any mark: the kernel's, or about to be free */
	long long first; /* frame number of the first one that counts, -1: none */
};

/* Count NR pages from frame PFN on by their FLAGS as /proc/kpageflags has them. */
void pages_count(struct page_counts *counts, const __u64 *flags, size_t nr, __u64 pfn);

/* Look at all pages of memoryNR.  Returns 0 or a negative errno. */
int pages_of_block(struct page_counts *counts, __u32 nr);

/*
 * How many pages of an online block look as if they could not move.  AFTER_FAILURE:
 * an attempt to empty it has just failed, so what a process still has there is pinned.
 */
unsigned long pages_unmovable(const struct page_counts *counts, const char *zone,
			      bool after_failure);

/*
 * The process that allocated the page, "comm (pid N)", out of the record TEXT of
 * /sys/kernel/debug/page_owner.  False where it is not there.
 */
bool page_owner_name(const char *text, char *name, size_t size);

/* The same for the page with frame number PFN, where the kernel keeps track. */
bool page_owner(__u64 pfn, char *name, size_t size);

#endif
