/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run of the command ends with, and how it speaks: exit statuses, JSON or sentences. */
#ifndef DAXGUARD_OUTPUT_H
#define DAXGUARD_OUTPUT_H

#include <stdbool.h>

/* Exit statuses, a promise to scripts (see daxguard(8)). */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_LACKING = 3, /* the kernel or machine lacks something */
	EXIT_HELD = 4, /* someone else holds the device */
	EXIT_ROLLED_BACK = 5,
	EXIT_NOT_AS_ASKED = 6,
};

/* Set once from the global options, before a verb runs. */
struct options {
	bool json;
	bool verbose;
};

extern struct options opts;

#endif
