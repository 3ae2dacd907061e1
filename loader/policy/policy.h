/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy: its words, bytes and places in the maps. */
#ifndef DAXGUARD_POLICY_H
#define DAXGUARD_POLICY_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "daxguard.h"

struct opt;

/* All that policy says about one device: what the maps "policy" and "policy_more" have. */
struct policy_rules {
	struct daxguard_policy policy;
	struct daxguard_policy_more more;
};

/* The two, each of which a device may have an entry of its own in; several are bits. */
enum policy_half {
	POLICY_FIRST,
	POLICY_MORE,
	POLICY_HALVES,
};

#define POLICY_BOTH ((1u << POLICY_HALVES) - 1)

/* What applies to a device without an entry where '*' has none either. */
struct policy_rules policy_default(void);

/* What was asked for: the fields of VALUE that a word named. */
struct policy_change {
	unsigned int seen; /* a bit for each key, which also tells doubles */
	struct policy_rules value;
};

/*
 * Take one KEY with its WORD ("mode", "audit") into the change.  Returns 0, -ENOENT for
 * an unknown key, -EEXIST for one that came before, -EINVAL for a word that the key does
 * not have or a number out of range.  The change is then as before.
 */
int policy_take(struct policy_change *change, const char *key, const char *word);

/* The same for NR arguments KEY=WORD; *BAD gets the one that is wrong. */
int policy_parse(struct policy_change *change, char *const *args, int nr, const char **bad);

/* What is wrong, for people: "an unknown key". */
const char *policy_wrong(int err);

/* The key of that number with its words and help; false past the last. */
bool policy_word(size_t nr, struct opt *word);

/* More keys than there are. */
#define POLICY_MOST_WORDS 16

/*
 * What the key of that number, which there is, says in an entry: a word of its own, or a
 * number in BUF, "none" for 0.
 */
const char *policy_value(const struct policy_rules *rules, size_t nr, char *buf, size_t size);

/* The number of a key that has one, 0 for any other. */
__u32 policy_number(const struct policy_rules *rules, size_t nr);

/* The number of the key of that name, or -ENOENT. */
int policy_find(const char *name);

/* In which half it is. */
enum policy_half policy_half_of(size_t nr);

/*
 * Which half has to change last, that a change of a block is refused at each moment which is
 * refused by what IS and by what is TO BE: outside a transition scope (in the first) forbids
 * all, and where it does not a zone (in the other) may.  POLICY_HALVES: either may be.
 */
enum policy_half policy_last_half(const struct policy_rules *is,
				  const struct policy_rules *to_be);

/* Its value in an entry, whatever that means, and back. */
__u32 policy_get(const struct policy_rules *rules, size_t nr);
void policy_put(struct policy_rules *rules, size_t nr, __u32 value);

/* In which halves the keys are that the change names. */
unsigned int policy_halves(const struct policy_change *change);

/* Lay the change over an entry. */
void policy_apply(const struct policy_change *change, struct policy_rules *rules);

/* The mode in force by an entry: a byte that means nothing is enforce. */
const char *policy_mode(const struct daxguard_policy *policy);

/* Zone (enum daxguard_only) and bring-up (enum daxguard_bring_up) in force by an entry. */
__u8 policy_zone(const struct daxguard_policy_more *more);
__u8 policy_bring_up(const struct daxguard_policy_more *more);

/* Room for what policy_odd_bytes() has to say. */
#define POLICY_ODD 256

/*
 * What an operator has to be told about bytes of these halves that mean nothing:
 * "mode enforce (byte 0x07)" and the like in BUF.  False, and BUF empty, where all do.
 */
bool policy_odd_bytes(const struct policy_rules *rules, unsigned int halves, char *buf,
		      size_t size);

#endif
