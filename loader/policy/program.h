/* SPDX-License-Identifier: GPL-2.0-only */
/* A program by its path: which path counts, and whether what is there can be one. */
#ifndef DAXGUARD_PROGRAM_H
#define DAXGUARD_PROGRAM_H

#include <stdbool.h>

#include "daxguard.h"

/* Why a path can name no program. */
enum program_fault {
	PROGRAM_FINE,
	PROGRAM_RELATIVE,
	PROGRAM_TOO_LONG,
	PROGRAM_DIRECTORY,
	PROGRAM_NO_FILE,
	PROGRAM_NO_EXECUTE,
	PROGRAM_SCRIPT,
	PROGRAM_UNSEEN, /* it cannot be followed, or not be read */
};

struct program {
	struct daxguard_path path; /* without links: what counts */
	enum program_fault fault;
	bool there;
	struct daxguard_allow_key file; /* that is there, DAXGUARD_ALLOW_EXE */
};

/*
 * Which program TEXT names.  One that is not there is fine: whatever comes to have that
 * path is it.  With a fault the path is zero where none could be told.
 */
void program_resolve(const char *text, struct program *program);

/* TEXT as a key of the map "programs", as it is; false where it is too long for one. */
bool program_key(const char *text, struct daxguard_path *key);

/* What such a path is, for people ("a directory"), and what to do about it. */
const char *program_what(enum program_fault fault);
const char *program_remedy(enum program_fault fault);

#endif
