/* SPDX-License-Identifier: GPL-2.0-only */
/* Declared transitions for the verbs: what was typed, and saying what went wrong. */
#ifndef DAXGUARD_HOLD_H
#define DAXGUARD_HOLD_H

#include "holds.h"
#include "option.h"

#define HOLD_TIMEOUT_S 10

/* The options that say how long; their values are for hold_seconds(). */
#define HOLD_OPTS                                                                             \
	{ "timeout", OPT_TIMEOUT, "S",                                                        \
	  .help = "wait at most S seconds for writes under way (default: 10)" },              \
	{                                                                                     \
		"deadline", OPT_DEADLINE, "S", .help = "give it up by itself after S seconds" \
	}

/*
 * Where the guard is loaded: fill ALL from TEXT, a device or what is above some, see
 * holds_name().  Returns 0 or an exit status after having said why not; holds_free() in any
 * case.
 */
int hold_name(struct holds *all, const char *text);

/* Parse a number of seconds of --OPTION.  Returns 0 or an exit status. */
int hold_seconds(double *seconds, const char *option, const char *text);

/*
 * The same, and begin the transitions of all of them, see holds_begin().  Returns 0 or an exit
 * status after having said why not; then nothing is held.
 */
int hold_begin(struct holds *all, const char *text);

#endif
