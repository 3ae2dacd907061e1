/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of the lists of who is treated differently: allow and controllers. */
#ifndef DAXGUARD_ALLOW_H
#define DAXGUARD_ALLOW_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "daxguard_origins.h"
#include "policy/program.h"

struct opt;

/* One of the lists. */
struct who_list {
	const char *map; /* where the programs look */
	const char *verb; /* that shows and changes it */
	const char *title; /* "the allow list" */
	const char *words; /* what may be on it: "exe=PATH, uid=NUMBER, ..." */
	size_t nr_words; /* the first so many of exe, uid and cgroup */
};

extern const struct who_list allow_list;
extern const struct who_list controller_list;

/* One word of the command line or the configuration, taken apart. */
struct who {
	const char *word; /* "exe=/usr/bin/daxctl" */
	struct daxguard_allow_key key; /* of a program without its number */
	struct daxguard_allow entry;
	struct program program; /* where key.what is DAXGUARD_ALLOW_PROGRAM */
	int found; /* 0, or the negative errno of looking a user or cgroup up */
	bool added; /* it was not on the list, and is now */
	char at[DAXGUARD_ORIGIN_LEN]; /* "FILE:LINE" of the configuration, or "" */
};

/*
 * Take "exe=PATH", "uid=NUMBER", "uid=NAME" or "cgroup=PATH" apart.  Returns 0, or
 * -EINVAL for a word that LIST does not take, with nothing but the word in WHO.  The label
 * and what it is are there also where the object is not.
 */
int who_parse(const struct who_list *list, const char *word, struct who *who);

/* Can it be put on a list?  A program that is not there can. */
bool who_is_fine(const struct who *who);

/* What it is where it cannot, for people, "a directory"; and what to do about that. */
const char *who_what(const struct who *who);
const char *who_remedy(const struct who *who);

/* Say what somebody who puts it on a list may not expect. */
void who_warn(const struct who *who);

/* Does the label end before the word does? */
bool label_is_cut(const struct daxguard_allow *entry);

/* The words of a list by their number, for completion; false past the last. */
bool allow_word(size_t nr, struct opt *word);
bool controller_word(size_t nr, struct opt *word);

/* "exe", "uid", "cgroup", or NULL */
const char *who_name(__u32 what);

/* Where cgroup v2 is mounted, or NULL. */
const char *cgroup_root(void);

#endif
