/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard list --tree: the dax devices below what takes them along. */
#include "verbs/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ancestry.h"
#include "array.h"
#include "show/device.h"
#include "show/output.h"
#include "show/report.h"
#include "show/table.h"

static const struct table_column columns[] = {
	{ .heading = "NAME", .tree = true },
	{ .heading = "SUBSYSTEM" },
	{ .heading = "DRIVER" },
	{ .heading = "NODE", .right = true },
	{ .heading = "SIZE", .right = true },
	{ .heading = "BLOCKS", .right = true },
	{ .heading = "ONLINE", .right = true },
	{ .heading = "ZONES" },
	{ .heading = "HELD BY" },
};

/* A row that others may stand below. */
struct node {
	char *path; /* in sysfs */
	char *region; /* that it is a part of, "" where it is above a device in sysfs */
	struct libscols_line *row;
};

struct tree {
	struct table table;
	struct node *nodes;
	size_t nr;
};

static struct node *find_node(const struct tree *tree, const char *path, const char *region)
{
	size_t i;

	for (i = 0; i < tree->nr; i++)
		if (!strcmp(tree->nodes[i].path, path) &&
		    !strcmp(tree->nodes[i].region, region))
			return &tree->nodes[i];
	return NULL;
}

static int keep_node(struct tree *tree, const char *path, const char *region,
		     struct libscols_line *row)
{
	struct node *nodes = reallocarray(tree->nodes, tree->nr + 1, sizeof(*nodes));
	struct node new = { .path = strdup(path), .region = strdup(region), .row = row };

	if (nodes)
		tree->nodes = nodes;
	if (!nodes || !new.path || !new.region) {
		free(new.path);
		free(new.region);
		return -ENOMEM;
	}
	nodes[tree->nr++] = new;
	return 0;
}

/* The row of AT, below ABOVE; what has one already stays where it is. */
static int add_ancestor(struct tree *tree, const struct ancestor *at, const char *region,
			const char *as, struct libscols_line *above)
{
	char name[320], subsystem[64], driver[64] = "-";
	const char *cells[ARRAY_SIZE(columns)] = { name, subsystem, driver, "", "",
						   "",	 "",	    "",	    "" };
	char label[320];

	if (find_node(tree, at->path, region))
		return 0;
	snprintf(label, sizeof(label), "%s%s", as, at->name);
	clean_text(name, sizeof(name), label, sizeof(label));
	clean_text(subsystem, sizeof(subsystem), at->subsystem, sizeof(subsystem));
	if (at->driver)
		clean_text(driver, sizeof(driver), at->driver, sizeof(driver));
	return keep_node(tree, at->path, region, table_branch(&tree->table, above, cells));
}

static void add_device(struct tree *tree, const struct dax_device *dev,
		       const struct guard_transition *held, struct libscols_line *above)
{
	size_t nr_online = count_online(dev);
	char node[16], size[32], total[24], online[24], zones[128], holder[128] = "-";
	const char *cells[ARRAY_SIZE(columns)] = {
		dev->name, "dax",  dev->driver ? dev->driver : "-", node, size, total, online,
		zones,	   holder,
	};

	snprintf(node, sizeof(node), "%d", dev->target_node);
	size_text(dev->size, size, sizeof(size));
	snprintf(total, sizeof(total), "%zu", nr_online + dax_count(dev, BLOCK_OFFLINE));
	snprintf(online, sizeof(online), "%zu", nr_online);
	zones_text(dev, zones, sizeof(zones));
	if (held)
		guard_holder_text(held, holder, sizeof(holder));
	table_branch(&tree->table, above, cells);
}

/* The parents of DEV in sysfs, the farthest first, and DEV below them. */
static int add_parents(struct tree *tree, const struct ancestry *all,
		       const struct dax_device *dev, const struct guard_transition *held)
{
	struct libscols_line *above = NULL;
	size_t i;
	int err;

	for (i = all->nr; i--;) {
		if (all->list[i].part)
			continue;
		err = add_ancestor(tree, &all->list[i], "", "", above);
		if (err)
			return err;
		above = find_node(tree, all->list[i].path, "")->row;
	}
	add_device(tree, dev, held, above);
	return 0;
}

static const struct ancestor *found_from(const struct ancestry *all, const struct ancestor *at)
{
	size_t i;

	for (i = 0; i < all->nr; i++)
		if (all->list[i].path == at->from)
			return &all->list[i];
	return NULL;
}

/* What the regions above a device are made of: below the region, and named so. */
static int add_parts(struct tree *tree, const struct ancestry *all)
{
	const struct ancestor *from, *region;
	struct node *above;
	size_t i;
	int err = 0;

	for (i = 0; i < all->nr && !err; i++) {
		if (!all->list[i].part)
			continue;
		from = region = found_from(all, &all->list[i]);
		while (region->part)
			region = found_from(all, region);
		above = find_node(tree, from->path, from->part ? region->path : "");
		err = add_ancestor(tree, &all->list[i], region->path,
				   from->part ? "of " : "made of ", above ? above->row : NULL);
	}
	return err;
}

static int add_all(struct tree *tree, const struct dax_devices *devs, struct ancestry *above,
		   const struct guard_transitions *running)
{
	size_t i;
	int err = 0;

	for (i = 0; i < devs->nr && !err; i++) {
		err = ancestry_of(&above[i], devs->dev[i].name);
		/* one that is gone since it was read has nothing above it */
		if (!err || err == -ENOENT)
			err = add_parents(tree, &above[i], &devs->dev[i],
					  guard_held(running, devs->dev[i].name));
	}
	for (i = 0; i < devs->nr && !err; i++)
		err = add_parts(tree, &above[i]);
	return err;
}

int print_tree(const struct dax_devices *devs, const struct guard_transitions *running)
{
	struct ancestry *above = calloc(devs->nr + 1, sizeof(*above));
	struct tree tree = {};
	size_t i;

	table_begin(&tree.table, columns, ARRAY_SIZE(columns));
	if (!above || add_all(&tree, devs, above, running))
		tree.table.err = -ENOMEM;
	for (i = 0; above && i < devs->nr; i++)
		ancestry_free(&above[i]);
	free(above);
	for (i = 0; i < tree.nr; i++) {
		free(tree.nodes[i].path);
		free(tree.nodes[i].region);
	}
	free(tree.nodes);
	return table_print(&tree.table);
}
