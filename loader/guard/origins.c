// SPDX-License-Identifier: GPL-2.0-only
/* The pinned map "origins": where each value in the maps of policy and lists comes from. */
#include "guard/origins.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guard/batch.h"
#include "guard/guard.h"

static int add_entry(const void *key, const void *value, void *ctx)
{
	struct origins *all = ctx;
	struct origin_entry *list = reallocarray(all->list, all->nr + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	all->list = list;
	list += all->nr++;
	memcpy(&list->key, key, sizeof(list->key));
	memcpy(&list->origin, value, sizeof(list->origin));
	list->key.what[sizeof(list->key.what) - 1] = 0;
	list->origin.text[sizeof(list->origin.text) - 1] = 0;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct origin_entry *x = a, *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

int origins_read(struct origins *all)
{
	int err;

	memset(all, 0, sizeof(*all));
	err = guard_walk("origins", sizeof(struct daxguard_origin_key),
			 sizeof(struct daxguard_origin), add_entry, all);
	/* a thousand devices have ten each, and each is looked for */
	if (all->nr)
		qsort(all->list, all->nr, sizeof(*all->list), compare);
	return err;
}

static struct daxguard_origin_key key_of(const char *what, const void *thing)
{
	struct daxguard_origin_key key = {};

	_Static_assert(sizeof(key.name) == sizeof(key.who), "one is copied for both");
	strncpy(key.what, what, sizeof(key.what) - 1);
	memcpy(&key.name, thing, sizeof(key.name));
	return key;
}

const struct daxguard_origin *origin_find(const struct origins *all, const char *what,
					  const void *thing)
{
	const struct origin_entry wanted = { .key = key_of(what, thing) }, *found = NULL;

	if (all->nr)
		found = bsearch(&wanted, all->list, all->nr, sizeof(wanted), compare);
	return found ? &found->origin : NULL;
}

void origin_put(struct batch *b, const char *what, const void *thing,
		const struct daxguard_origin *origin)
{
	struct daxguard_origin_key key = key_of(what, thing);

	batch_put(b, "origins", &key, sizeof(key), origin, sizeof(*origin));
}

void origin_drop(struct batch *b, const char *what, const void *thing)
{
	struct daxguard_origin_key key = key_of(what, thing);

	batch_drop(b, "origins", &key, sizeof(key), sizeof(struct daxguard_origin));
}

struct daxguard_origin origin_of_line(const struct policy_line *line)
{
	struct daxguard_origin origin = { .value = line->value,
					  .from = DAXGUARD_FROM_FILE,
					  .section = line->section,
					  .order = line->order };

	memcpy(origin.text, line->text, sizeof(origin.text));
	return origin;
}

/* A line of a pattern stands under the pattern, one of the device's own section under that. */
static bool concerns(const struct origin_entry *e, const struct daxguard_name *device)
{
	if (e->origin.from != DAXGUARD_FROM_FILE || policy_find(e->key.what) < 0)
		return false;
	if (e->origin.section == DAXGUARD_SECTION_DEVICE)
		return !memcmp(&e->key.name, device, sizeof(*device));
	return section_kind(e->key.name.name, &(struct daxguard_name){}) == e->origin.section;
}

int origins_lines(const struct origins *all, const struct daxguard_name *device,
		  struct policy_lines *lines)
{
	const struct origin_entry *e;
	struct policy_line *line;

	memset(lines, 0, sizeof(*lines));
	for (size_t i = 0; i < all->nr; i++) {
		e = &all->list[i];
		if (!concerns(e, device))
			continue;
		line = policy_lines_add(lines);
		if (!line)
			return -ENOMEM;
		*line = (struct policy_line){ .name = e->key.name,
					      .section = e->origin.section,
					      .order = e->origin.order,
					      .key = policy_find(e->key.what),
					      .value = e->origin.value };
		memcpy(line->text, e->origin.text, sizeof(line->text));
	}
	return 0;
}

const char *origin_text(const struct daxguard_origin *origin, __u32 value, __u32 built_in)
{
	if (!origin)
		return value == built_in ? FROM_BUILT_IN : FROM_HAND;
	if (origin->value != value || origin->from == DAXGUARD_FROM_HAND)
		return FROM_HAND;
	if (origin->from == DAXGUARD_FROM_OPTION)
		return "load --mode";
	return *origin->text ? origin->text : FROM_BUILT_IN;
}

const char *origin_of_listed(const struct daxguard_origin *origin)
{
	return origin && origin->from == DAXGUARD_FROM_FILE ? origin->text : FROM_HAND;
}
