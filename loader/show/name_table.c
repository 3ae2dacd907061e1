/* SPDX-License-Identifier: GPL-2.0-only */
/* The names that DEV may be, for completion: dax devices and what is above them. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ancestry.h"
#include "model.h"
#include "name_table.h"

struct names {
	char **name; /* "SUBSYSTEM/NAME" */
	size_t nr;
};

struct all_names {
	struct names devices, above;
};

static const char *bare(const char *name)
{
	return strchr(name, '/') + 1;
}

static int compare_bare(const void *a, const void *b)
{
	const char *one = *(char *const *)a, *other = *(char *const *)b;
	int order = compare_names(bare(one), bare(other));

	return order ? order : strcmp(one, other);
}

/* What there is no memory for is not offered. */
static void add(struct names *all, const char *subsystem, const char *name)
{
	char **more = reallocarray(all->name, all->nr + 1, sizeof(*more));

	if (!more)
		return;
	all->name = more;
	if (asprintf(&more[all->nr], "%s/%s", subsystem, name) >= 0)
		all->nr++;
}

static void add_above(struct names *all, const char *device)
{
	struct ancestry above = {};

	if (!ancestry_of(&above, device))
		for (size_t i = 0; i < above.nr; i++)
			add(all, above.list[i].subsystem, above.list[i].name);
	ancestry_free(&above);
}

static bool same_name(const struct names *all, size_t i, size_t k)
{
	return i < all->nr && k < all->nr && !strcmp(bare(all->name[i]), bare(all->name[k]));
}

static bool is_dax(const struct names *devices, const char *name)
{
	for (size_t i = 0; i < devices->nr; i++)
		if (!strcmp(bare(devices->name[i]), name))
			return true;
	return false;
}

/* Sorted, each once. */
static void finish(struct names *all)
{
	size_t i, nr = 0;

	if (all->nr)
		qsort(all->name, all->nr, sizeof(*all->name), compare_bare);
	for (i = 0; i < all->nr; i++) {
		if (nr && !strcmp(all->name[nr - 1], all->name[i]))
			free(all->name[i]);
		else
			all->name[nr++] = all->name[i];
	}
	all->nr = nr;
}

static void names_free(struct names *all)
{
	for (size_t i = 0; i < all->nr; i++)
		free(all->name[i]);
	free(all->name);
}

static void add_device(void *arg, const char *name)
{
	struct all_names *all = arg;

	add(&all->devices, "dax", name);
	add_above(&all->above, name);
}

void names_print(void)
{
	struct all_names all = {};
	struct names *devices = &all.devices, *above = &all.above;
	size_t i;

	model_names(add_device, &all);
	finish(devices);
	finish(above);
	for (i = 0; i < devices->nr; i++)
		puts(bare(devices->name[i]));
	for (i = 0; i < above->nr; i++) {
		if (same_name(above, i, i - 1) || same_name(above, i, i + 1) ||
		    is_dax(devices, bare(above->name[i])))
			puts(above->name[i]);
		else
			puts(bare(above->name[i]));
	}
	names_free(devices);
	names_free(above);
}
