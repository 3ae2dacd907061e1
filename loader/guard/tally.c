// SPDX-License-Identifier: GPL-2.0-only
/* Who was refused, or would have been: what the map "tally" has, a row for each. */
#include "guard/tally.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "guard/guard.h"
#include "text.h"

struct walk {
	struct culprits *culprits;
	const char *device;
};

/* Those with NR ones have room for so many more as there are: one at a time costs nothing. */
static struct culprit *add_culprit(struct culprits *all, const struct daxguard_tally_key *key)
{
	struct culprit *list = reallocarray(all->list, all->nr + 1, sizeof(*list));

	if (!list)
		return NULL;
	all->list = list;
	list += all->nr++;
	memset(list, 0, sizeof(*list));
	list->key = *key;
	return list;
}

static struct culprit *find_culprit(struct culprits *all, const struct daxguard_tally_key *key)
{
	for (size_t i = 0; i < all->nr; i++)
		if (!memcmp(&all->list[i].key, key, sizeof(*key)))
			return &all->list[i];
	return NULL;
}

static void add_up(struct culprit *c, __u32 event, const struct daxguard_tally *t)
{
	if (event == DAXGUARD_EV_REFUSED)
		c->refused += t->count;
	else if (event == DAXGUARD_EV_AUDITED)
		c->would_be += t->count;
	else if (event == DAXGUARD_EV_SLIPPED)
		c->slipped += t->count;
	if (!c->first_ns || t->first_ns < c->first_ns)
		c->first_ns = t->first_ns;
	if (t->last_ns < c->last_ns)
		return;
	c->last_ns = t->last_ns;
	memcpy(c->file, t->file, sizeof(c->file));
}

static int take_entry(const void *k, const void *value, void *ctx)
{
	struct daxguard_tally_key key = *(const struct daxguard_tally_key *)k;
	const struct daxguard_tally *t = value;
	const struct walk *w = ctx;
	__u32 event = key.event;
	struct culprit *c;

	/* made, and not counted yet; what is of no device may be of any */
	if (!t->count || (w->device && key.device.name[0] &&
			  strncmp(w->device, key.device.name, sizeof(key.device.name))))
		return 0;
	key.event = 0;
	c = find_culprit(w->culprits, &key);
	if (!c)
		c = add_culprit(w->culprits, &key);
	if (!c)
		return -ENOMEM;
	add_up(c, event, t);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct culprit *x = a, *y = b;
	__u64 m = x->refused + x->would_be + x->slipped;
	__u64 n = y->refused + y->would_be + y->slipped;

	if (x->refused != y->refused)
		return x->refused < y->refused ? 1 : -1;
	if (m != n)
		return m < n ? 1 : -1;
	return memcmp(&x->key, &y->key, sizeof(x->key));
}

int tally_read(struct culprits *culprits, const char *device)
{
	struct walk w = { .culprits = culprits, .device = device };
	int err;

	memset(culprits, 0, sizeof(*culprits));
	err = guard_walk("tally", sizeof(struct daxguard_tally_key),
			 sizeof(struct daxguard_tally), take_entry, &w);
	if (culprits->nr)
		qsort(culprits->list, culprits->nr, sizeof(*culprits->list), compare);
	return err;
}

/* No device: those of which many had no room. */
static bool are_others(const struct culprit *c)
{
	return !c->key.device.name[0];
}

const char *culprit_program(const struct culprit *c, char *buf, size_t size)
{
	if (are_others(c))
		return "others";
	if (!c->key.exe[0])
		return "[kernel]";
	return clean_text(buf, size, c->key.exe, sizeof(c->key.exe));
}

const char *culprit_unit(const struct culprit *c, char *buf, size_t size)
{
	if (!c->key.unit[0])
		return "-";
	return clean_text(buf, size, c->key.unit, sizeof(c->key.unit));
}

const char *culprit_device(const struct culprit *c, char *buf, size_t size)
{
	if (are_others(c))
		return "-";
	return clean_text(buf, size, c->key.device.name, sizeof(c->key.device.name));
}

const char *culprit_file(const struct culprit *c, char *buf, size_t size)
{
	if (!c->file[0])
		return "-";
	return clean_text(buf, size, c->file, sizeof(c->file));
}

int tally_seed(int map)
{
	static const __u32 types[] = { DAXGUARD_EV_REFUSED, DAXGUARD_EV_AUDITED,
				       DAXGUARD_EV_SLIPPED };
	struct daxguard_tally_key key = {};
	struct daxguard_tally none = {};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		key.event = types[i];
		if (bpf_map_update_elem(map, &key, &none, BPF_NOEXIST) && errno != EEXIST)
			return -errno;
	}
	return 0;
}
