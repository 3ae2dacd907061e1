/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy: words to bytes and back, strictly. */
#include "policy/policy.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "number.h"
#include "option.h"

struct policy_rules policy_default(void)
{
	return (struct policy_rules){
		.policy = { .mode = DAXGUARD_MODE_ENFORCE,
			    .scope = DAXGUARD_SCOPE_TRANSITION,
			    .flags = DAXGUARD_FLAGS_DEFAULT,
			    .max_hold_s = DAXGUARD_MAX_HOLD_S },
		.more = { .zone = DAXGUARD_ONLY_ANY,
			  .online = DAXGUARD_BRING_UP_LEAVE,
			  .idle_s = DAXGUARD_IDLE_S },
	};
}

/* Where in struct policy_rules: of policy, or of more of it. */
#define OF(field) offsetof(struct policy_rules, field)

/*
 * A key, the byte that it is in, the words that it takes and what it is good for.  A
 * flag is one bit of its byte, 1 or 0.  A key without words is a number of seconds.
 */
static const struct {
	const char *name;
	size_t at;
	__u8 flag; /* 0: all of the byte */
	const char *words[4]; /* NULL at the end */
	__u8 values[3];
	__u8 otherwise; /* the word that a byte which means nothing is taken for */
	const char *help;
} keys[] = {
	{ "mode",
	  OF(policy.mode),
	  0,
	  { "off", "audit", "enforce" },
	  { DAXGUARD_MODE_OFF, DAXGUARD_MODE_AUDIT, DAXGUARD_MODE_ENFORCE },
	  2,
	  "let through, only count and report, or refuse" },
	{ "scope",
	  OF(policy.scope),
	  0,
	  { "transition", "always" },
	  { DAXGUARD_SCOPE_TRANSITION, DAXGUARD_SCOPE_ALWAYS },
	  0,
	  "while the device changes, or at any time" },
	{ "unbind",
	  OF(policy.flags),
	  DAXGUARD_REFUSE_UNBIND,
	  { "refuse", "allow" },
	  { 1, 0 },
	  0,
	  "unbinding while a block is online" },
	{ "bind",
	  OF(policy.flags),
	  DAXGUARD_HOLD_ON_BIND,
	  { "hold", "free" },
	  { 1, 0 },
	  0,
	  "hold the device while it is being bound" },
	{ "auto_online",
	  OF(policy.flags),
	  DAXGUARD_REFUSE_AUTO_ONLINE,
	  { "refuse", "allow" },
	  { 1, 0 },
	  0,
	  "changes of auto_online_blocks while anything is held" },
	{ "mapping",
	  OF(policy.flags),
	  DAXGUARD_REFUSE_MAPPING,
	  { "refuse", "allow" },
	  { 1, 0 },
	  0,
	  "changes of mapping, size and align while bound" },
	{ "max_hold", OF(policy.max_hold_s), 0, { NULL }, { 0 }, 0, "longest hold, 0 for none" },
	{ "zone",
	  OF(more.zone),
	  0,
	  { "any", "movable", "kernel" },
	  { DAXGUARD_ONLY_ANY, DAXGUARD_ONLY_MOVABLE, DAXGUARD_ONLY_KERNEL },
	  1,
	  "the only zone in which its blocks may come online" },
	{ "online",
	  OF(more.online),
	  0,
	  { "leave", "movable", "kernel" },
	  { DAXGUARD_BRING_UP_LEAVE, DAXGUARD_BRING_UP_MOVABLE, DAXGUARD_BRING_UP_KERNEL },
	  0,
	  "what is done with its memory when kmem has bound it" },
	{ "idle",
	  OF(more.idle_s),
	  0,
	  { NULL },
	  { 0 },
	  0,
	  "longest pause of an adopted transition, 0 for none" },
};

#define NR_KEYS ARRAY_SIZE(keys)

bool policy_word(size_t nr, struct opt *word)
{
	if (nr >= NR_KEYS)
		return false;
	*word = (struct opt){ .name = keys[nr].name, .help = keys[nr].help };
	if (keys[nr].words[0])
		word->values = keys[nr].words;
	else
		word->arg = "SECONDS";
	return true;
}

static int find_key(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NR_KEYS; i++)
		if (strlen(keys[i].name) == len && !strncmp(keys[i].name, name, len))
			return i;
	return -ENOENT;
}

/* The value of a key: its byte, 1 or 0 of a flag, or its number. */
static __u32 get(const struct policy_rules *rules, size_t key)
{
	const __u8 *byte = (const __u8 *)rules + keys[key].at;
	__u32 number;

	if (keys[key].words[0])
		return keys[key].flag ? !!(*byte & keys[key].flag) : *byte;
	memcpy(&number, byte, sizeof(number));
	return number;
}

static void set(struct policy_rules *rules, size_t key, __u32 value)
{
	__u8 *byte = (__u8 *)rules + keys[key].at;

	if (!keys[key].words[0])
		memcpy(byte, &value, sizeof(value));
	else if (!keys[key].flag)
		*byte = value;
	else if (value)
		*byte |= keys[key].flag;
	else
		*byte &= ~keys[key].flag;
}

__u32 policy_get(const struct policy_rules *rules, size_t nr)
{
	return get(rules, nr);
}

void policy_put(struct policy_rules *rules, size_t nr, __u32 value)
{
	set(rules, nr, value);
}

int policy_find(const char *name)
{
	return find_key(name, strlen(name));
}

static int take(struct policy_change *change, int key, const char *word)
{
	__u64 number;
	int which;

	if (!keys[key].words[0]) {
		if (parse_number(word, 10, UINT32_MAX, &number))
			return -EINVAL;
		set(&change->value, key, number);
		return 0;
	}
	which = find_word(keys[key].words, word);
	if (which < 0)
		return -EINVAL;
	set(&change->value, key, keys[key].values[which]);
	return 0;
}

static int take_once(struct policy_change *change, int key, const char *word)
{
	int err;

	if (key < 0)
		return key;
	if (change->seen & 1u << key)
		return -EEXIST;
	err = take(change, key, word);
	if (!err)
		change->seen |= 1u << key;
	return err;
}

const char *policy_wrong(int err)
{
	switch (err) {
	case -ENOENT:
		return "an unknown key";
	case -EEXIST:
		return "a key that was given already";
	default:
		return "a value that this key does not have";
	}
}

int policy_take(struct policy_change *change, const char *key, const char *word)
{
	return take_once(change, find_key(key, strlen(key)), word);
}

int policy_parse(struct policy_change *change, char *const *args, int nr, const char **bad)
{
	struct policy_change all = *change;
	const char *equals;
	int i, err;

	for (i = 0; i < nr; i++) {
		*bad = args[i];
		equals = strchr(args[i], '=');
		if (!equals)
			return -ENOENT;
		err = take_once(&all, find_key(args[i], equals - args[i]), equals + 1);
		if (err)
			return err;
	}
	*change = all;
	return 0;
}

static enum policy_half half_of(size_t key)
{
	return keys[key].at < OF(more) ? POLICY_FIRST : POLICY_MORE;
}

enum policy_half policy_half_of(size_t nr)
{
	return half_of(nr);
}

enum policy_half policy_last_half(const struct policy_rules *is,
				  const struct policy_rules *to_be)
{
	bool forbids = is->policy.scope == DAXGUARD_SCOPE_ALWAYS,
	     will = to_be->policy.scope == DAXGUARD_SCOPE_ALWAYS;

	if (forbids == will)
		return POLICY_HALVES;
	return forbids ? POLICY_FIRST : POLICY_MORE;
}

unsigned int policy_halves(const struct policy_change *change)
{
	unsigned int halves = 0;
	size_t i;

	for (i = 0; i < NR_KEYS; i++)
		if (change->seen & 1u << i)
			halves |= 1u << half_of(i);
	return halves;
}

void policy_apply(const struct policy_change *change, struct policy_rules *rules)
{
	size_t i;

	for (i = 0; i < NR_KEYS; i++)
		if (change->seen & 1u << i)
			set(rules, i, get(&change->value, i));
	/* bits that mean nothing have no word to put them right with */
	rules->policy.flags &= DAXGUARD_FLAGS_ALL;
	rules->policy.zero = 0;
	rules->more.zero = 0;
	rules->more.room = 0;
}

/* Which of its words the key's value is, or negative. */
static int which_word(const struct policy_rules *rules, size_t key)
{
	int i;

	for (i = 0; keys[key].words[i]; i++)
		if (keys[key].values[i] == get(rules, key))
			return i;
	return -ENOENT;
}

const char *policy_value(const struct policy_rules *rules, size_t nr, char *buf, size_t size)
{
	int which;

	if (!keys[nr].words[0]) {
		snprintf(buf, size, "%u", get(rules, nr));
		return get(rules, nr) ? buf : "none";
	}
	which = which_word(rules, nr);
	return keys[nr].words[which < 0 ? keys[nr].otherwise : which];
}

__u32 policy_number(const struct policy_rules *rules, size_t nr)
{
	return keys[nr].words[0] ? 0 : get(rules, nr);
}

const char *policy_mode(const struct daxguard_policy *policy)
{
	if (policy->mode == DAXGUARD_MODE_OFF)
		return "off";
	return policy->mode == DAXGUARD_MODE_AUDIT ? "audit" : "enforce";
}

__u8 policy_zone(const struct daxguard_policy_more *more)
{
	if (more->zone == DAXGUARD_ONLY_ANY || more->zone == DAXGUARD_ONLY_KERNEL)
		return more->zone;
	return DAXGUARD_ONLY_MOVABLE;
}

__u8 policy_bring_up(const struct daxguard_policy_more *more)
{
	if (more->online == DAXGUARD_BRING_UP_MOVABLE ||
	    more->online == DAXGUARD_BRING_UP_KERNEL)
		return more->online;
	return DAXGUARD_BRING_UP_LEAVE;
}

/* The keys of that half whose byte is none of their words. */
static size_t odd_words(const struct policy_rules *rules, enum policy_half half, char *odd)
{
	size_t i, len = 0;

	for (i = 0; i < NR_KEYS; i++)
		if (half_of(i) == half && keys[i].words[0] && which_word(rules, i) < 0)
			len += sprintf(odd + len, ", %s %s (byte 0x%02x)", keys[i].name,
				       keys[i].words[keys[i].otherwise], get(rules, i));
	return len;
}

static size_t odd_first(const struct policy_rules *rules, char *odd)
{
	const struct daxguard_policy *policy = &rules->policy;
	__u8 rest = policy->flags & ~DAXGUARD_FLAGS_ALL;
	size_t len = odd_words(rules, POLICY_FIRST, odd);

	if (rest)
		len += sprintf(odd + len, ", flags (bits 0x%02x)", rest);
	if (policy->zero)
		len += sprintf(odd + len, ", zero (byte 0x%02x)", policy->zero);
	return len;
}

static size_t odd_more(const struct policy_rules *rules, char *odd)
{
	const struct daxguard_policy_more *more = &rules->more;
	size_t len = odd_words(rules, POLICY_MORE, odd);

	if (more->zero)
		len += sprintf(odd + len, ", zero of more (0x%04x)", more->zero);
	if (more->room)
		len += sprintf(odd + len, ", room of more (0x%016llx)", more->room);
	return len;
}

bool policy_odd_bytes(const struct policy_rules *rules, unsigned int halves, char *buf,
		      size_t size)
{
	char odd[POLICY_ODD] = "";
	size_t len = 0;

	if (halves & 1u << POLICY_FIRST)
		len += odd_first(rules, odd + len);
	if (halves & 1u << POLICY_MORE)
		len += odd_more(rules, odd + len);
	snprintf(buf, size, "%s", len ? odd + 2 : "");
	return len;
}
