// SPDX-License-Identifier: LGPL-2.1-or-later
/* What takes a dax device along when it goes, and the dax devices that a name stands for. */
#include "ancestry.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "model.h"

/* As many as a CXL region can be spread over. */
#define MOST_TARGETS 16

/* --- the walk --- */

__attribute__((format(printf, 2, 3))) static bool path_of(char path[PATH_MAX], const char *fmt,
							  ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(path, PATH_MAX, fmt, args);
	va_end(args);
	return len >= 0 && len < PATH_MAX;
}

/* The directory that FMT, below the root of sysfs, leads to.  False where there is none. */
__attribute__((format(printf, 2, 3))) static bool real_path(char real[PATH_MAX],
							    const char *fmt, ...)
{
	char below[PATH_MAX / 2], path[PATH_MAX];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(below, sizeof(below), fmt, args);
	va_end(args);
	return len >= 0 && (size_t)len < sizeof(below) &&
	       path_of(path, "%s/%s", model_root(), below) && realpath(path, real);
}

/* The directory of the dax device NAME.  False where there is no such device. */
static bool dax_path(char path[PATH_MAX], const char *name)
{
	return *name && !strchr(name, '/') && real_path(path, "bus/dax/devices/%s", name);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Where the link of that name in the directory PATH points; the text, not looked up. */
static bool read_link(char target[PATH_MAX], const char *path, const char *link)
{
	char file[PATH_MAX];
	ssize_t len;

	if (!path_of(file, "%s/%s", path, link))
		return false;
	len = readlink(file, target, PATH_MAX - 1);
	if (len <= 0)
		return false;
	target[len] = 0;
	return true;
}

/*
 * The bus that the device at PATH is on, to be freed, or NULL.  A device of a class, or of
 * nothing, cannot be unbound or removed by its name.
 */
static char *bus_of(const char *path)
{
	char target[PATH_MAX], *name;

	if (!read_link(target, path, "subsystem"))
		return NULL;
	name = strrchr(target, '/');
	if (!name)
		return NULL;
	*name++ = 0;
	if (strcmp(last_part(target), "bus"))
		return NULL;
	return strdup(name);
}

static char *driver_of(const char *path)
{
	char target[PATH_MAX];

	if (!read_link(target, path, "driver"))
		return NULL;
	return strdup(last_part(target));
}

static bool is_known(const struct ancestry *all, const char *path)
{
	size_t i;

	for (i = 0; i < all->nr; i++)
		if (!strcmp(all->list[i].path, path))
			return true;
	return false;
}

/* NEW gets a path and a driver of its own; the subsystem is its to free, in any case. */
static int add(struct ancestry *all, struct ancestor *new, const char *path)
{
	struct ancestor *list = reallocarray(all->list, all->nr + 1, sizeof(*list));

	if (list)
		all->list = list;
	new->path = strdup(path);
	if (!list || !new->path) {
		free(new->path);
		free(new->subsystem);
		return -ENOMEM;
	}
	new->name = strrchr(new->path, '/') + 1;
	new->driver = driver_of(path);
	list[all->nr++] = *new;
	return 0;
}

/*
 * Add the device at PATH and those above it, which FROM was found to hang on, until one that
 * is known: what is above that is known, too.
 */
static int climb(struct ancestry *all, const char *path, const struct ancestor *from, bool part)
{
	struct ancestor new = { .part = part };
	char at[PATH_MAX], top[PATH_MAX];
	int err = 0;

	if (!real_path(top, "devices"))
		return -ENOENT;
	new.from = from->path;
	new.steps = from->steps;
	snprintf(at, sizeof(at), "%s", path);
	for (; !err && strlen(at) > strlen(top); *strrchr(at, '/') = 0) {
		new.subsystem = bus_of(at);
		if (!new.subsystem)
			continue;
		if (is_known(all, at)) {
			free(new.subsystem);
			break;
		}
		new.steps++;
		err = add(all, &new, at);
		new.from = new.path;
	}
	return err;
}

/* The K-th of the endpoint decoders that the region at PATH names. */
static bool target_of(char target[PATH_MAX], const char *path, int k)
{
	char file[PATH_MAX], name[64] = "";
	FILE *from;

	if (!path_of(file, "%s/target%d", path, k))
		return false;
	from = fopen(file, "re");
	if (!from)
		return false;
	if (!fgets(name, sizeof(name), from))
		*name = 0;
	fclose(from);
	name[strcspn(name, "\n")] = 0;
	return *name && !strchr(name, '/') && real_path(target, "bus/cxl/devices/%s", name);
}

/* An endpoint belongs to a card, which is not above it; other ports to what is no memory. */
static bool card_of(char card[PATH_MAX], const char *path)
{
	char link[PATH_MAX], *bus;
	bool is_card;

	if (!path_of(link, "%s/uport", path) || !realpath(link, card))
		return false;
	bus = bus_of(card);
	is_card = bus && !strcmp(bus, "cxl");
	free(bus);
	return is_card;
}

/* What the one of that number is made of, or belongs to. */
static int add_parts(struct ancestry *all, size_t i)
{
	struct ancestor at = all->list[i];
	char path[PATH_MAX];
	int k, err = 0;

	if (strcmp(at.subsystem, "cxl"))
		return 0;
	for (k = 0; k < MOST_TARGETS && !err; k++)
		if (target_of(path, at.path, k))
			err = climb(all, path, &at, true);
	if (!err && at.part && card_of(path, at.path))
		err = climb(all, path, &at, true);
	return err;
}

/* Those found at as many steps stay as they were found: parents before parts. */
static void sort(struct ancestry *all)
{
	struct ancestor moved;
	size_t i, to;

	for (i = 1; i < all->nr; i++) {
		moved = all->list[i];
		for (to = i; to && all->list[to - 1].steps > moved.steps; to--)
			all->list[to] = all->list[to - 1];
		all->list[to] = moved;
	}
}

int ancestry_of(struct ancestry *all, const char *name)
{
	static const struct ancestor none;
	char path[PATH_MAX];
	size_t i;
	int err;

	memset(all, 0, sizeof(*all));
	if (!dax_path(path, name))
		return -ENOENT;
	*strrchr(path, '/') = 0;
	err = climb(all, path, &none, false);
	/* the list grows on the way */
	for (i = 0; i < all->nr && !err; i++)
		err = add_parts(all, i);
	sort(all);
	return err;
}

void ancestry_free(struct ancestry *all)
{
	while (all->nr--) {
		free(all->list[all->nr].path);
		free(all->list[all->nr].subsystem);
		free(all->list[all->nr].driver);
	}
	free(all->list);
	memset(all, 0, sizeof(*all));
}

/* --- names --- */

static int add_name(struct device_names *names, const char *name)
{
	char **list = reallocarray(names->name, names->nr + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	names->name = list;
	list[names->nr] = strdup(name);
	if (!list[names->nr])
		return -ENOMEM;
	names->nr++;
	return 0;
}

void device_names_free(struct device_names *names)
{
	while (names->nr)
		free(names->name[--names->nr]);
	free(names->name);
	names->name = NULL;
}

static int compare_pointers(const void *a, const void *b)
{
	return compare_names(*(char *const *)a, *(char *const *)b);
}

/* Is one of ALL of that name, and on that bus where one is given? */
static const struct ancestor *find(const struct ancestry *all, const char *subsystem,
				   const char *name)
{
	size_t i;

	for (i = 0; i < all->nr; i++)
		if (!strcmp(all->list[i].name, name) &&
		    (!subsystem || !strcmp(all->list[i].subsystem, subsystem)))
			return &all->list[i];
	return NULL;
}

/* DEVICE, if it is below; one that goes while we look is not. */
static int add_if_below(struct device_names *names, const char *device, const char *subsystem,
			const char *name)
{
	struct ancestry all;
	int err = ancestry_of(&all, device);

	if (!err && find(&all, subsystem, name))
		err = add_name(names, device);
	ancestry_free(&all);
	return err == -ENOENT ? 0 : err;
}

int devices_below(struct device_names *names, const char *subsystem, const char *name)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *list = NULL;
	int err = 0;

	memset(names, 0, sizeof(*names));
	if (real_path(path, "bus/dax/devices"))
		list = opendir(path);
	while (list && !err && (entry = readdir(list)))
		if (*entry->d_name != '.')
			err = add_if_below(names, entry->d_name, subsystem, name);
	if (list)
		closedir(list);
	if (names->nr)
		qsort(names->name, names->nr, sizeof(*names->name), compare_pointers);
	return err;
}

/* --- what was typed --- */

/*
 * Is there a device of that name on that bus which could be above another?  Memory blocks and
 * processors are above nothing.
 */
static bool is_on(const char *bus, const char *name)
{
	char path[PATH_MAX], top[PATH_MAX];

	return *bus && *bus != '.' && *name && *name != '.' && !strchr(name, '/') &&
	       real_path(path, "bus/%s/devices/%s", bus, name) &&
	       real_path(top, "devices/system") && strncmp(path, top, strlen(top));
}

static bool is_above_any(const char *bus, const char *name)
{
	struct device_names names;
	bool above = !devices_below(&names, bus, name) && names.nr;

	device_names_free(&names);
	return above;
}

/*
 * What firmware says of a device has the device's own name, but is on a bus of its own: is
 * this the one of the two that does not matter?
 */
static bool is_double(const char *bus, const char *name)
{
	char path[PATH_MAX], *other;
	bool result;

	if (is_above_any(bus, name))
		return false;
	if (real_path(path, "bus/%s/devices/%s/physical_node", bus, name))
		return true;
	if (!real_path(path, "bus/%s/devices/%s/firmware_node", bus, name) ||
	    strcmp(strrchr(path, '/') + 1, name))
		return false;
	other = bus_of(path);
	result = other && is_above_any(other, name);
	free(other);
	return result;
}

/*
 * The first two buses, by name, that have a device NAME; two that are one thing count once.
 * Returns how many.
 */
static size_t buses_of(char *buses[2], const char *name)
{
	struct dirent **entries;
	char path[PATH_MAX];
	const char *bus;
	int i, found = 0;
	size_t nr = 0;

	if (real_path(path, "bus"))
		found = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < found; i++) {
		bus = entries[i]->d_name;
		if (nr < 2 && strcmp(bus, "dax") && is_on(bus, name) && !is_double(bus, name) &&
		    (buses[nr] = strdup(bus)))
			nr++;
		free(entries[i]);
	}
	if (found > 0)
		free(entries);
	return nr;
}

static int say_errno(const char *text, int err, struct why *why)
{
	return set_why(why, DAXGUARD_RESULT_FAILED,
		       "what is below '%s' cannot be read (%s): try again", text,
		       strerror(-err));
}

/* Those below the device NAME of that bus. */
static int named_below(struct device_names *names, const char *text, const char *bus,
		       const char *name, struct why *why)
{
	int err = devices_below(names, bus, name);

	if (err)
		return say_errno(text, err, why);
	if (names->nr)
		return 0;
	if (!is_on(bus, name))
		return set_why(why, DAXGUARD_RESULT_FAILED,
			       "there is no device '%s' on the bus '%s': see 'daxguard list "
			       "--tree'",
			       name, bus);
	return set_why(why, DAXGUARD_RESULT_FAILED,
		       "no dax device is below '%s', or it is gone: see 'daxguard list --tree'",
		       text);
}

/* TEXT is a name alone: it has to be clear whose. */
static int named_alone(struct device_names *names, const char *text, struct why *why)
{
	char *buses[2];
	size_t i, nr = buses_of(buses, text);
	int result = 0;

	if (nr == 2)
		result = set_why(
			why, DAXGUARD_RESULT_USAGE,
			"'%s' is a device of the bus '%s' and one of the bus '%s': write "
			"'%s/%s' or '%s/%s'",
			text, buses[0], buses[1], buses[0], text, buses[1], text);
	else if (nr)
		result = named_below(names, text, buses[0], text, why);
	for (i = 0; i < nr; i++)
		free(buses[i]);
	return result;
}

/* The NAME behind BUS/NAME; NULL where TEXT is no such pair, such as "../dax0.0". */
static const char *name_on_bus(const char *text, char *bus, size_t size)
{
	const char *slash = strchr(text, '/');
	char path[PATH_MAX];

	if (!slash || *text == '.' || (size_t)(slash - text) >= size || strchr(slash + 1, '/'))
		return NULL;
	snprintf(bus, size, "%.*s", (int)(slash - text), text);
	return *bus && real_path(path, "bus/%s", bus) ? slash + 1 : NULL;
}

int devices_named(struct device_names *names, const char *text, struct why *why)
{
	struct daxguard_name key;
	char bus[NAME_MAX + 1], path[PATH_MAX];
	const char *name = name_on_bus(text, bus, sizeof(bus));
	int result = 0;

	memset(names, 0, sizeof(*names));
	if (name) {
		text = strcmp(bus, "dax") ? text : name;
		if (strcmp(bus, "dax"))
			result = named_below(names, text, bus, name, why);
	} else if (!dax_path(path, text) && device_key(&key, text, false)) {
		result = named_alone(names, text, why);
	}
	if (!result && !names->nr && add_name(names, text))
		result = say_errno(text, -ENOMEM, why);
	return result;
}
