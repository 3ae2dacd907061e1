/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard list: the dax devices, their memory blocks, and who holds them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ancestry.h"
#include "array.h"
#include "cli.h"
#include "control.h"
#include "show/device.h"
#include "guard/guard.h"
#include "model.h"
#include "guard/pins.h"
#include "show/report.h"
#include "show/table.h"
#include "verbs/remedy.h"
#include "verbs/tree.h"

/* What the guard adds to sysfs; nothing where it is not loaded. */
struct view {
	bool tree; /* how it is to be shown */
	bool loaded;
	struct guard_transitions running;
	struct guard_blocks known;
};

static int read_guard(struct view *view)
{
	char what[PINS_WHAT];
	int err;

	if (geteuid() || pins_inspect(what, sizeof(what)) != PINS_COMPLETE)
		return 0;
	control_sweep();
	err = guard_transitions(&view->running);
	if (!err)
		err = guard_blocks(&view->known);
	view->loaded = !err;
	return err;
}

static void free_guard(struct view *view)
{
	free(view->running.list);
	free(view->known.list);
}

static bool is_desync(const struct view *view, const struct dax_device *dev)
{
	if (!dax_attribute_agrees(dev))
		return true;
	return view->loaded && !guard_blocks_agree(&view->known, dev);
}

static struct json_object *ranges_json(const struct dax_device *dev)
{
	struct json_object *array = json_object_new_array(), *range;
	size_t i;

	for (i = 0; i < dev->nr_ranges; i++) {
		range = json_object_new_object();
		json_object_object_add(range, "start", json_number(dev->ranges[i].start));
		json_object_object_add(range, "end", json_number(dev->ranges[i].end));
		json_object_array_add(array, range);
	}
	return array;
}

/* Nearest first; what is gone meanwhile has none. */
static struct json_object *ancestors_json(const char *device)
{
	struct json_object *array = json_object_new_array(), *obj;
	struct ancestry all;
	size_t i;

	if (ancestry_of(&all, device)) {
		ancestry_free(&all);
		return array;
	}
	for (i = 0; i < all.nr; i++) {
		obj = json_object_new_object();
		json_object_object_add(obj, "name", text_or_null(all.list[i].name));
		json_object_object_add(obj, "subsystem", text_or_null(all.list[i].subsystem));
		json_object_object_add(obj, "driver", text_or_null(all.list[i].driver));
		json_object_array_add(array, obj);
	}
	ancestry_free(&all);
	return array;
}

static struct json_object *device_json(const struct view *view, const struct dax_device *dev)
{
	const struct guard_transition *held = guard_held(&view->running, dev->name);
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "device", text_or_null(dev->name));
	json_object_object_add(obj, "driver", text_or_null(dev->driver));
	json_object_object_add(obj, "target_node", json_object_new_int(dev->target_node));
	json_object_object_add(obj, "size", json_number(dev->size));
	json_object_object_add(obj, "blocks", blocks_json(dev));
	json_object_object_add(obj, "zones", zones_json(dev));
	json_object_object_add(obj, "ranges", ranges_json(dev));
	json_object_object_add(obj, "attribute", text_or_null(dev->attribute));
	json_object_object_add(obj, "attribute_value", text_or_null(dev->attribute_value));
	json_object_object_add(obj, "transition", held ? guard_transition_json(held) : NULL);
	json_object_object_add(obj, "desync", json_object_new_boolean(is_desync(view, dev)));
	json_object_object_add(obj, "ancestors", ancestors_json(dev->name));
	return obj;
}

static int print_devices_json(const struct view *view, const struct dax_devices *devs)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < devs->nr; i++)
		json_object_array_add(array, device_json(view, &devs->dev[i]));
	return print_json(array, 0);
}

static const struct table_column columns[] = {
	{ .heading = "DEVICE" },
	{ .heading = "DRIVER" },
	{ .heading = "FROM" },
	{ .heading = "NODE", .right = true },
	{ .heading = "SIZE", .right = true },
	{ .heading = "BLOCKS", .right = true },
	{ .heading = "ONLINE", .right = true },
	{ .heading = "OFFLINE", .right = true },
	{ .heading = "STATE" },
	{ .heading = "ZONES" },
};

static void add_held(struct table *table, const struct guard_transition *held)
{
	char what[256], line[300];

	guard_transition_text(held, what, sizeof(what));
	snprintf(line, sizeof(line), "          held: %s", what);
	table_note(table, line);
}

static bool is_region(const struct ancestor *above)
{
	return !above->part && !strcmp(above->subsystem, "cxl") &&
	       !strncmp(above->name, "region", strlen("region"));
}

/* One of the cards that the region is spread over. */
static bool is_memdev(const struct ancestor *above)
{
	return above->part && !strcmp(above->subsystem, "cxl") &&
	       !strncmp(above->name, "mem", strlen("mem"));
}

/* What an administrator calls the source: "region0 (mem0 mem1)", else what is next above. */
static void from_text(const struct dax_device *dev, char *buf, size_t size)
{
	struct ancestry all;
	const char *name = NULL;
	char cards[96] = "";
	size_t i, len = 0;

	if (!ancestry_of(&all, dev->name)) {
		for (i = 0; i < all.nr; i++) {
			if (!name || is_region(&all.list[i]))
				name = all.list[i].name;
			if (is_memdev(&all.list[i]) && len < sizeof(cards))
				len += snprintf(cards + len, sizeof(cards) - len, "%s%s",
						len ? " " : " (", all.list[i].name);
		}
	}
	snprintf(buf, size, "%s%s%s", name ? name : "-", cards, len ? ")" : "");
	ancestry_free(&all);
}

static void add_device(struct table *table, const struct view *view,
		       const struct dax_device *dev)
{
	const struct guard_transition *held = guard_held(&view->running, dev->name);
	size_t nr_online = count_online(dev), nr_offline = dax_count(dev, BLOCK_OFFLINE);
	char node[16], size[32], total[24], online[24], offline[24], value[64] = "-";
	char zones[128], last[160], from[160];
	const char *cells[ARRAY_SIZE(columns)] = {
		dev->name, dev->driver ? dev->driver : "-",
		from,	   node,
		size,	   total,
		online,	   offline,
		value,	   last,
	};

	from_text(dev, from, sizeof(from));
	snprintf(node, sizeof(node), "%d", dev->target_node);
	size_text(dev->size, size, sizeof(size));
	snprintf(total, sizeof(total), "%zu", nr_online + nr_offline);
	snprintf(online, sizeof(online), "%zu", nr_online);
	snprintf(offline, sizeof(offline), "%zu", nr_offline);
	if (dev->attribute)
		clean_text(value, sizeof(value),
			   dev->attribute_value ? dev->attribute_value : "?", 64);
	zones_text(dev, zones, sizeof(zones));
	snprintf(last, sizeof(last), "%s%s", zones, is_desync(view, dev) ? "  DESYNC" : "");
	table_row(table, cells);
	if (held)
		add_held(table, held);
}

static int print_devices(const struct view *view, const struct dax_devices *devs)
{
	struct table table;
	size_t i;

	if (opts.json)
		return print_devices_json(view, devs);
	if (!devs->nr) {
		say("there are no dax devices");
		return EXIT_DONE;
	}
	if (view->tree)
		return print_tree(devs, &view->running);
	table_begin(&table, columns, ARRAY_SIZE(columns));
	for (i = 0; i < devs->nr; i++)
		add_device(&table, view, &devs->dev[i]);
	return table_print(&table);
}

static bool has(const struct dax_devices *devs, const char *name)
{
	size_t i;

	for (i = 0; i < devs->nr; i++)
		if (!strcmp(devs->dev[i].name, name))
			return true;
	return false;
}

static int pick_one(const struct dax_devices *all, struct dax_devices *some, const char *name)
{
	size_t i;

	for (i = 0; i < all->nr; i++)
		if (!strcmp(all->dev[i].name, name))
			break;
	if (i == all->nr)
		return fail(EXIT_FAILED, "there is no dax device '%s': see 'daxguard list'",
			    name);
	some->dev[some->nr++] = all->dev[i];
	return EXIT_DONE;
}

/* The device of that name, or those below it which are not there yet. */
static int pick_named(const struct dax_devices *all, struct dax_devices *some, const char *text)
{
	struct device_names names;
	struct why why;
	size_t i;
	int status = devices_named(&names, text, &why);

	if (status)
		fail_why(status, &why);
	for (i = 0; i < names.nr && !status; i++)
		if (!strcmp(names.name[i], text) || !has(some, names.name[i]))
			status = pick_one(all, some, names.name[i]);
	device_names_free(&names);
	return status;
}

/* Keep of ALL what was asked for, in that order. */
static int pick(const struct dax_devices *all, struct dax_devices *some, char **names)
{
	int status = EXIT_DONE;

	for (; *names && !status; names++)
		status = pick_named(all, some, *names);
	return status;
}

static int list(struct dax_devices *all, struct view *view, int nr_names, char **names)
{
	struct dax_devices some = {};
	int status, err;

	/* those below an ancestor come once, and each that is named by itself */
	some.dev = calloc(all->nr + nr_names + 1, sizeof(*some.dev));
	if (!some.dev)
		return fail(EXIT_FAILED, "no memory is left for 'list': free some");
	status = pick(all, &some, names);
	if (!status) {
		err = read_guard(view);
		status = err ? guard_failed(err) : print_devices(view, nr_names ? &some : all);
		free_guard(view);
	}
	free(some.dev); /* what is in it belongs to ALL */
	return status;
}

const struct opt tree_opts[] = {
	{ "tree", OPT_TREE,
	  .help = "with what is above each device, and what a CXL region is made of" },
	{},
};

int verb_list(int argc, char **argv)
{
	struct view view = {};
	struct dax_devices all;
	int status, err;

	while (next_option(argc, argv, tree_opts) != OPTIONS_END)
		view.tree = true;
	err = model_all(&all);
	if (!err)
		status = list(&all, &view, argc - optind, argv + optind);
	else if (err == -EACCES || err == -EPERM)
		status = fail(EXIT_LACKING, "only root can read the ranges of dax devices "
					    "in '/sys/bus/dax/devices': run daxguard as root");
	else
		status = fail(EXIT_FAILED,
			      "the dax devices in '/sys/bus/dax/devices' "
			      "cannot be read (%s): run 'daxguard list' again",
			      strerror(-err));
	model_free(&all);
	return status;
}
