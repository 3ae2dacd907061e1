/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard list: the dax devices, their memory blocks, and who holds them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "control.h"
#include "show/device.h"
#include "guard/guard.h"
#include "model.h"
#include "guard/pins.h"
#include "show/report.h"
#include "show/table.h"

/* What the guard adds to sysfs; nothing where it is not loaded. */
struct view {
	bool loaded;
	struct guard_transitions running;
	struct guard_blocks known;
};

static int read_guard(struct view *view)
{
	char what[PINS_WHAT];
	int err;

	memset(view, 0, sizeof(*view));
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

/* "12 GiB" where it comes out even, else MiB with one decimal. */
static void size_text(__u64 size, char *buf, size_t buf_size)
{
	if (size && !(size % (1ULL << 30)))
		snprintf(buf, buf_size, "%llu GiB", size >> 30);
	else if (!(size % (1ULL << 20)))
		snprintf(buf, buf_size, "%llu MiB", size >> 20);
	else
		snprintf(buf, buf_size, "%.1f MiB", size / 1048576.0);
}

static const struct table_column columns[] = {
	{ .heading = "DEVICE" },
	{ .heading = "DRIVER" },
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

static void add_device(struct table *table, const struct view *view,
		       const struct dax_device *dev)
{
	const struct guard_transition *held = guard_held(&view->running, dev->name);
	size_t nr_online = count_online(dev), nr_offline = dax_count(dev, BLOCK_OFFLINE);
	char node[16], size[32], total[24], online[24], offline[24], value[64] = "-";
	char zones[128], last[160];
	const char *cells[ARRAY_SIZE(columns)] = {
		dev->name, dev->driver ? dev->driver : "-",
		node,	   size,
		total,	   online,
		offline,   value,
		last,
	};

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
	table_begin(&table, columns, ARRAY_SIZE(columns));
	for (i = 0; i < devs->nr; i++)
		add_device(&table, view, &devs->dev[i]);
	return table_print(&table);
}

/* Keep of ALL what was asked for, in that order. */
static int pick(struct dax_devices *all, struct dax_devices *some, char **names)
{
	size_t i;

	for (; *names; names++) {
		for (i = 0; i < all->nr; i++)
			if (!strcmp(all->dev[i].name, *names))
				break;
		if (i == all->nr)
			return fail(EXIT_FAILED,
				    "there is no dax device '%s': see 'daxguard list'", *names);
		some->dev[some->nr++] = all->dev[i];
	}
	return EXIT_DONE;
}

static int list(struct dax_devices *all, int nr_names, char **names)
{
	struct dax_devices some = {};
	struct view view;
	int status, err;

	some.dev = calloc(nr_names + 1, sizeof(*some.dev));
	if (!some.dev)
		return fail(EXIT_FAILED, "no memory is left for 'list': free some");
	status = pick(all, &some, names);
	if (!status) {
		err = read_guard(&view);
		status = err ? guard_failed(err) : print_devices(&view, nr_names ? &some : all);
		free_guard(&view);
	}
	free(some.dev); /* what is in it belongs to ALL */
	return status;
}

int verb_list(int argc, char **argv)
{
	struct dax_devices all;
	int status, err;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	err = model_all(&all);
	if (!err)
		status = list(&all, argc - optind, argv + optind);
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
