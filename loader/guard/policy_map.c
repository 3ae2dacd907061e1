// SPDX-License-Identifier: GPL-2.0-only
/* The pinned maps "policy" and "policy_more": what is in force for each device and for '*'. */
#include "guard/policy_map.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "guard/batch.h"
#include "guard/guard.h"
#include "guard/origins.h"
#include "guard/pins.h"
#include "model.h"
#include "option.h"
#include "show/report.h"

static const struct {
	const char *map;
	size_t at; /* in struct policy_rules */
	size_t size;
} halves[] = {
	[POLICY_FIRST] = { "policy", offsetof(struct policy_rules, policy),
			   sizeof(struct daxguard_policy) },
	[POLICY_MORE] = { "policy_more", offsetof(struct policy_rules, more),
			  sizeof(struct daxguard_policy_more) },
};

static void *half_of(struct policy_rules *rules, int half)
{
	return (char *)rules + halves[half].at;
}

static const struct daxguard_name any = { DAXGUARD_ANY };

static bool is_any(const struct daxguard_name *device)
{
	return !memcmp(device, &any, sizeof(any));
}

/* --- reading all --- */

struct reading {
	struct policy_entries *all;
	int half;
};

/* The entry of the device so far, or a new one; NULL: no memory. */
static struct policy_entry *entry_of(struct policy_entries *all,
				     const struct daxguard_name *device)
{
	struct policy_entry *list;
	size_t i;

	for (i = 0; i < all->nr; i++)
		if (!memcmp(&all->list[i].device, device, sizeof(*device)))
			return &all->list[i];
	list = reallocarray(all->list, all->nr + 1, sizeof(*list));
	if (!list)
		return NULL;
	all->list = list;
	list += all->nr++;
	*list = (struct policy_entry){ .device = *device, .rules = policy_default() };
	return list;
}

static int add_half(const void *key, const void *value, void *ctx)
{
	struct reading *reading = ctx;
	struct daxguard_name device;
	struct policy_entry *entry;

	memcpy(&device, key, sizeof(device));
	device.name[DAXGUARD_NAME_LEN - 1] = 0;
	entry = entry_of(reading->all, &device);
	if (!entry)
		return -ENOMEM;
	memcpy(half_of(&entry->rules, reading->half), value, halves[reading->half].size);
	entry->own |= 1u << reading->half;
	return 0;
}

/* Where a device has none of its own, it is that of '*', which is built in or its own. */
static void fill_in(struct policy_entries *all)
{
	struct policy_rules rules = policy_default();
	size_t i;
	int half;

	for (i = 0; i < all->nr; i++)
		if (is_any(&all->list[i].device))
			rules = all->list[i].rules;
	for (i = 0; i < all->nr; i++)
		for (half = 0; half < POLICY_HALVES; half++)
			if (!(all->list[i].own & 1u << half))
				memcpy(half_of(&all->list[i].rules, half),
				       half_of(&rules, half), halves[half].size);
}

static int compare_entries(const void *a, const void *b)
{
	const struct policy_entry *x = a, *y = b;

	return compare_names(x->device.name, y->device.name);
}

int policy_map_read(struct policy_entries *all)
{
	struct reading reading = { .all = all };
	int err = 0;

	memset(all, 0, sizeof(*all));
	for (; !err && reading.half < POLICY_HALVES; reading.half++)
		err = guard_walk(halves[reading.half].map, sizeof(struct daxguard_name),
				 halves[reading.half].size, add_half, &reading);
	fill_in(all);
	if (all->nr)
		qsort(all->list, all->nr, sizeof(*all->list), compare_entries);
	return err;
}

int policy_map_failed(int err)
{
	return fail(EXIT_FAILED,
		    "the maps '" PIN_MAPS "/policy' and 'policy_more' cannot be used (%s): see "
		    "'daxguard check'",
		    strerror(-err));
}

/* --- one device --- */

struct maps {
	int fd[POLICY_HALVES];
};

static void close_maps(const struct maps *maps)
{
	for (int half = 0; half < POLICY_HALVES; half++)
		if (maps->fd[half] >= 0)
			close(maps->fd[half]);
}

static int open_maps(struct maps *maps)
{
	int half, err = 0;

	for (half = 0; half < POLICY_HALVES; half++) {
		maps->fd[half] = pins_map(halves[half].map);
		if (!err && maps->fd[half] < 0)
			err = maps->fd[half];
	}
	if (err)
		close_maps(maps);
	return err;
}

/* Lay over RULES what the device has.  Returns a bit for each such half, or a negative errno. */
static int read_own(const struct maps *maps, const struct daxguard_name *device,
		    struct policy_rules *rules)
{
	int half, own = 0;

	for (half = 0; half < POLICY_HALVES; half++)
		if (!bpf_map_lookup_elem(maps->fd[half], device, half_of(rules, half)))
			own |= 1 << half;
		else if (errno != ENOENT)
			return -errno;
	return own;
}

/* The same with what is in force where it has none. */
static int read_in_force(const struct maps *maps, const struct daxguard_name *device,
			 struct policy_rules *rules)
{
	int err;

	*rules = policy_default();
	err = read_own(maps, &any, rules);
	return err < 0 ? err : read_own(maps, device, rules);
}

int policy_map_in_force(const struct daxguard_name *device, struct policy_rules *rules)
{
	struct maps maps;
	int own, err = open_maps(&maps);

	if (err)
		return err;
	own = read_in_force(&maps, device, rules);
	close_maps(&maps);
	return own < 0 ? own : 0;
}

/* --- changing one --- */

/* One device's entries as they were, and as they are to be. */
struct update {
	const struct maps *maps;
	const struct daxguard_name *device;
	struct policy_rules before, after;
	unsigned int own; /* the halves that were its own */
	unsigned int write; /* those that are to be written */
	int failed; /* the one that could not be */
};

static int store(const struct update *u, int half, struct policy_rules *rules)
{
	return bpf_map_update_elem(u->maps->fd[half], u->device, half_of(rules, half), BPF_ANY)
		       ? -errno
		       : 0;
}

static int put_back(struct update *u, int half)
{
	if (u->own & 1u << half)
		return store(u, half, &u->before);
	return bpf_map_delete_elem(u->maps->fd[half], u->device) ? -errno : 0;
}

/* What was written before the half that failed goes back: half a change is none. */
static void give_up(struct update *u, unsigned int written)
{
	for (int half = 0; half < POLICY_HALVES; half++)
		if (written & 1u << half && put_back(u, half))
			warn("'%s' keeps a part of the new policy: see 'daxguard policy list'",
			     u->device->name);
}

/* The half that is changed first or, as the second of the two, last. */
static int nth_half(const struct update *u, int nth)
{
	int last = policy_last_half(&u->before, &u->after);

	return last == POLICY_FIRST ? POLICY_HALVES - 1 - nth : nth;
}

static int write_halves(struct update *u)
{
	unsigned int written = 0;

	for (int nth = 0; nth < POLICY_HALVES; nth++) {
		int half = nth_half(u, nth), err;

		err = u->write & 1u << half ? store(u, half, &u->after) : 0;
		if (err) {
			u->failed = half;
			give_up(u, written);
			return err;
		}
		written |= u->write & 1u << half;
	}
	return 0;
}

/* Its own halves that the change puts right, besides those that it names. */
static unsigned int cleaned(struct update *u)
{
	unsigned int differ = 0;

	for (int half = 0; half < POLICY_HALVES; half++)
		if (memcmp(half_of(&u->before, half), half_of(&u->after, half),
			   halves[half].size))
			differ |= 1u << half;
	return differ & u->own;
}

static int change_entries(struct update *u, const struct policy_change *change)
{
	int own = read_in_force(u->maps, u->device, &u->before);

	if (own < 0)
		return own;
	u->own = own;
	u->after = u->before;
	policy_apply(change, &u->after);
	u->write = policy_halves(change) | cleaned(u);
	return write_halves(u);
}

/* What a key that nobody names has come from, when its half becomes the device's own. */
static struct daxguard_origin as_any(const struct origins *all, const char *key, __u32 value)
{
	const struct daxguard_origin *o = origin_find(all, key, &any);
	struct daxguard_origin origin = { .value = value, .from = DAXGUARD_FROM_ANY };
	const struct policy_rules standard = policy_default();

	snprintf(origin.text, sizeof(origin.text), "%s",
		 origin_text(o, value, policy_get(&standard, policy_find(key))));
	return origin;
}

/* Which of its values have been set by hand, and where the rest of a new half comes from. */
static void record(const struct update *u, const struct policy_change *change)
{
	struct batch b = { .phase = BATCH_ORIGINS };
	struct daxguard_origin origin;
	struct origins all;
	struct opt word;
	int err = origins_read(&all);

	for (size_t key = 0; policy_word(key, &word); key++) {
		__u32 value = policy_get(&u->after, key);

		if (change->seen & 1u << key)
			origin = (struct daxguard_origin){ .value = value,
							   .from = DAXGUARD_FROM_HAND };
		else if (u->write & ~u->own & 1u << policy_half_of(key))
			origin = as_any(&all, word.name, value);
		else
			continue;
		origin_put(&b, word.name, u->device, &origin);
	}
	if (!err)
		err = batch_run(&b);
	batch_free(&b);
	free(all.list);
	if (err)
		warn("what '%s' has counts, but not that it was set by hand (%s): see "
		     "'daxguard "
		     "check'",
		     u->device->name, strerror(-err));
}

/* Nothing is by hand any more: what the files say comes back with the next reload. */
static void forget(const struct update *u)
{
	struct batch b = { .phase = BATCH_ORIGINS };
	struct opt word;

	for (size_t key = 0; policy_word(key, &word); key++)
		origin_drop(&b, word.name, u->device);
	/* what is left of them does no harm */
	batch_run(&b);
	batch_free(&b);
}

static int change_and_tell(struct update *u, const struct policy_change *change)
{
	int err = change_entries(u, change);

	if (!err)
		record(u, change);

	if (err == -E2BIG)
		return fail(EXIT_FAILED,
			    "the map '" PIN_MAPS "/%s' is full: make room with "
			    "'daxguard policy unset DEV'",
			    halves[u->failed].map);
	return err ? policy_map_failed(err) : EXIT_DONE;
}

static int reset_any(struct update *u)
{
	int err = read_in_force(u->maps, u->device, &u->before);

	if (err >= 0) {
		u->own = err;
		u->after = policy_default();
		u->write = POLICY_BOTH;
		err = write_halves(u);
	}
	if (!err)
		forget(u);
	return err ? policy_map_failed(err) : EXIT_DONE;
}

static int reset_entries(struct update *u, const struct policy_change *none)
{
	bool had = false;
	int err;

	(void)none;
	if (is_any(u->device))
		return reset_any(u);
	err = read_in_force(u->maps, u->device, &u->before);
	if (err >= 0)
		err = read_in_force(u->maps, &any, &u->after);
	if (err < 0)
		return policy_map_failed(err);
	for (int nth = 0; nth < POLICY_HALVES; nth++)
		if (!bpf_map_delete_elem(u->maps->fd[nth_half(u, nth)], u->device))
			had = true;
		else if (errno != ENOENT)
			return policy_map_failed(-errno);
	forget(u);
	if (had)
		return EXIT_DONE;
	return fail(EXIT_FAILED, "'%s' has no policy of its own: see 'daxguard policy list'",
		    u->device->name);
}

typedef int (*entries_fn)(struct update *u, const struct policy_change *change);

static int with_maps(const struct daxguard_name *device, const struct policy_change *change,
		     entries_fn fn)
{
	struct maps maps;
	struct update u = { .maps = &maps, .device = device };
	int status, err = open_maps(&maps);

	if (err)
		return policy_map_failed(err);
	status = fn(&u, change);
	close_maps(&maps);
	return status;
}

/* Under the lock: two changes of one entry would lose one of them. */
static int under_lock(const struct daxguard_name *device, const struct policy_change *change,
		      entries_fn fn)
{
	int lock, status = pins_lock_to_change(&lock);

	if (status)
		return status;
	status = with_maps(device, change, fn);
	close(lock);
	return status;
}

int policy_map_change_locked(const struct daxguard_name *device,
			     const struct policy_change *change)
{
	return with_maps(device, change, change_and_tell);
}

int policy_map_change(const struct daxguard_name *device, const struct policy_change *change)
{
	return under_lock(device, change, change_and_tell);
}

int policy_map_reset(const struct daxguard_name *device)
{
	return under_lock(device, NULL, reset_entries);
}

void policy_map_put(struct batch *b, const struct daxguard_name *device, enum policy_half half,
		    const struct policy_rules *rules)
{
	batch_put(b, halves[half].map, device, sizeof(*device),
		  (const char *)rules + halves[half].at, halves[half].size);
}

void policy_map_drop(struct batch *b, const struct daxguard_name *device, enum policy_half half)
{
	batch_drop(b, halves[half].map, device, sizeof(*device), halves[half].size);
}

/* '*' has both from the first load on: what the operator has set since then stays. */
static int seed_any(struct update *u, __u8 mode)
{
	int own = read_in_force(u->maps, u->device, &u->before);

	if (own < 0)
		return own;
	u->own = own;
	u->write = POLICY_BOTH & ~u->own;
	u->after = u->before;
	if (mode) {
		u->after.policy.mode = mode;
		u->write |= 1u << POLICY_FIRST;
	}
	return write_halves(u);
}

int policy_map_seed(__u8 mode)
{
	struct maps maps;
	struct update u = { .maps = &maps, .device = &any };
	int err = open_maps(&maps);

	if (err)
		return err;
	err = seed_any(&u, mode);
	close_maps(&maps);
	return err;
}
