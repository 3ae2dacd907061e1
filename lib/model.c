/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dax devices and their memory blocks as sysfs shows them, read in one go. */
#include "model.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libudev.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "number.h"

/* Longer than any value that is read here. */
#define VALUE_LEN 256

static const char *sysfs_root = "/sys";

void model_set_root(const char *root)
{
	sysfs_root = root;
}

const char *model_root(void)
{
	return sysfs_root;
}

/* The first line of a file below DIR.  Returns 0 or a negative errno. */
static int read_value(int dir, const char *path, char value[VALUE_LEN])
{
	ssize_t len;
	int fd;

	fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, value, VALUE_LEN - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len < 0)
		return len;
	value[len] = 0;
	value[strcspn(value, "\n")] = 0;
	return 0;
}

static int read_number(int dir, const char *path, int base, __u64 *number)
{
	char value[VALUE_LEN];
	int err = read_value(dir, path, value);

	return err ? err : parse_number(value, base, UINT64_MAX, number);
}

static int open_dir(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_memory_dir(void)
{
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/devices/system/memory", sysfs_root) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	return open_dir(AT_FDCWD, path);
}

int model_block_size(__u64 *size)
{
	int dir = open_memory_dir();
	int err;

	if (dir < 0)
		return dir;
	err = read_number(dir, "block_size_bytes", 16, size);
	close(dir);
	if (!err && (!*size || *size & (*size - 1)))
		err = -EINVAL;
	return err;
}

long long blocks_inside(const struct dax_range *range, __u64 block_size, __u32 *first)
{
	__u64 from, to;

	if (range->start > range->end || !block_size || range->end / block_size >= UINT32_MAX)
		return -ERANGE;
	from = range->start / block_size + !!(range->start % block_size);
	/* END belongs to the range: its block counts if END is the block's last byte */
	to = range->end / block_size + (range->end % block_size == block_size - 1);
	*first = from;
	return to > from ? (long long)(to - from) : 0;
}

static int add_range(struct dax_device *dev, __u64 start, __u64 end)
{
	struct dax_range *ranges;

	ranges = reallocarray(dev->ranges, dev->nr_ranges + 1, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	dev->ranges = ranges;
	ranges[dev->nr_ranges].start = start;
	ranges[dev->nr_ranges].end = end;
	dev->nr_ranges++;
	return 0;
}

/* A range that goes while it is being read was taken from the device: not an error. */
static int read_mapping(struct dax_device *dev, int dir, const char *name)
{
	__u64 start, end;
	int mapping = open_dir(dir, name);
	int err;

	if (mapping < 0)
		return mapping == -ENOENT ? 0 : mapping;
	err = read_number(mapping, "start", 0, &start);
	if (!err)
		err = read_number(mapping, "end", 0, &end);
	close(mapping);
	if (err)
		return err == -ENOENT ? 0 : err;
	return add_range(dev, start, end);
}

static bool is_mapping(const char *name)
{
	__u64 nr;

	return !strncmp(name, "mapping", 7) && !parse_number(name + 7, 10, UINT32_MAX, &nr);
}

static int compare_ranges(const void *a, const void *b)
{
	const struct dax_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int read_mappings(struct dax_device *dev, int dir)
{
	struct dirent *entry;
	int copy = dup(dir);
	DIR *list;
	int err = 0;

	if (copy < 0)
		return -errno;
	list = fdopendir(copy);
	if (!list) {
		err = -errno;
		close(copy);
		return err;
	}
	while (!err && (entry = readdir(list)))
		if (is_mapping(entry->d_name))
			err = read_mapping(dev, dir, entry->d_name);
	closedir(list);
	if (dev->nr_ranges)
		qsort(dev->ranges, dev->nr_ranges, sizeof(*dev->ranges), compare_ranges);
	return err;
}

/* Devices of a static region have no mappings: they are one range. */
static int read_resource(struct dax_device *dev, int dir)
{
	__u64 start;
	int err;

	if (!dev->size)
		return 0;
	err = read_number(dir, "resource", 0, &start);
	if (err)
		return err;
	if (start > UINT64_MAX - (dev->size - 1))
		return -ERANGE;
	return add_range(dev, start, start + (dev->size - 1));
}

enum block_state parse_state(const char *text)
{
	if (!strcmp(text, "online"))
		return BLOCK_ONLINE;
	if (!strcmp(text, "going-offline"))
		return BLOCK_GOING_OFFLINE;
	return BLOCK_OFFLINE;
}

void parse_zone(const char *text, char zone[ZONE_LEN])
{
	size_t len = strcspn(text, " \t\n");

	if (len >= ZONE_LEN)
		len = ZONE_LEN - 1;
	memcpy(zone, text, len);
	zone[len] = 0;
}

static int read_block(int memory, struct dax_block *block)
{
	char path[64], value[VALUE_LEN];
	int err;

	snprintf(path, sizeof(path), "memory%u/state", block->nr);
	err = read_value(memory, path, value);
	if (err == -ENOENT || err == -ENODEV) {
		block->state = BLOCK_ABSENT;
		return 0;
	}
	if (err)
		return err;
	block->state = parse_state(value);
	if (block->state != BLOCK_ONLINE)
		return 0;
	snprintf(path, sizeof(path), "memory%u/valid_zones", block->nr);
	/* no memory hot-remove, no such file: the zone is then unknown */
	if (read_value(memory, path, value))
		snprintf(value, sizeof(value), "unknown");
	parse_zone(value, block->zone);
	return 0;
}

int model_read_block(struct dax_block *block)
{
	int memory = open_memory_dir();
	int err;

	if (memory < 0)
		return memory;
	memset(block->zone, 0, sizeof(block->zone));
	err = read_block(memory, block);
	close(memory);
	return err;
}

static int add_blocks(struct dax_device *dev, __u32 first, size_t nr)
{
	struct dax_block *blocks;
	size_t i;

	blocks = reallocarray(dev->blocks, dev->nr_blocks + nr, sizeof(*blocks));
	if (!blocks)
		return -ENOMEM;
	dev->blocks = blocks;
	memset(blocks + dev->nr_blocks, 0, nr * sizeof(*blocks));
	for (i = 0; i < nr; i++)
		blocks[dev->nr_blocks++].nr = first + i;
	return 0;
}

static int number_blocks(struct dax_device *dev)
{
	__u64 block_size;
	long long nr;
	__u32 first;
	size_t i;
	int err;

	err = model_block_size(&block_size);
	if (err)
		return err == -ENOENT ? 0 : err;
	/* ranges are sorted and do not overlap: so the blocks come sorted too */
	for (i = 0; i < dev->nr_ranges && !err; i++) {
		nr = blocks_inside(&dev->ranges[i], block_size, &first);
		if (nr > 0)
			err = add_blocks(dev, first, nr);
		else if (nr < 0)
			err = nr;
	}
	return err;
}

static int read_blocks(struct dax_device *dev)
{
	int err = number_blocks(dev);
	int memory;
	size_t i;

	if (err || !dev->nr_blocks)
		return err;
	memory = open_memory_dir();
	if (memory < 0)
		return memory;
	for (i = 0; i < dev->nr_blocks && !err; i++)
		err = read_block(memory, &dev->blocks[i]);
	close(memory);
	return err;
}

/* Linux 7.3 names the file "state"; the patch for older kernels "hotplug". */
static int read_attribute(struct dax_device *dev, int dir)
{
	static const char *const names[] = { "state", "hotplug" };
	char value[VALUE_LEN];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (faccessat(dir, names[i], F_OK, 0))
			continue;
		dev->attribute = names[i];
		if (!read_value(dir, names[i], value))
			dev->attribute_value = strdup(value);
		return 0;
	}
	return 0;
}

static int read_target_node(struct dax_device *dev, int dir)
{
	char value[VALUE_LEN];
	__u64 node;

	dev->target_node = -1;
	if (!read_value(dir, "target_node", value) &&
	    !parse_number(value, 10, INT32_MAX, &node))
		dev->target_node = node;
	return 0;
}

/* The driver's name is the last part of the link; no link, no driver. */
static int read_driver(struct dax_device *dev, int dir)
{
	char link[VALUE_LEN], *name;
	ssize_t len = readlinkat(dir, "driver", link, sizeof(link) - 1);

	if (len < 0)
		return errno == ENOENT ? 0 : -errno;
	link[len] = 0;
	name = strrchr(link, '/');
	dev->driver = strdup(name ? name + 1 : link);
	return dev->driver ? 0 : -ENOMEM;
}

int model_read(struct dax_device *dev, const char *path)
{
	int dir = open_dir(AT_FDCWD, path);
	int err;

	if (dir < 0)
		return dir;
	err = read_driver(dev, dir);
	if (!err)
		err = read_number(dir, "size", 0, &dev->size);
	if (!err)
		err = read_target_node(dev, dir);
	if (!err)
		err = read_mappings(dev, dir);
	if (!err && !dev->nr_ranges)
		err = read_resource(dev, dir);
	if (!err)
		err = read_attribute(dev, dir);
	close(dir);
	return err ? err : read_blocks(dev);
}

/* Append the device at PATH. */
static int add_device(struct dax_devices *devs, const char *name, const char *path)
{
	struct dax_device *dev = reallocarray(devs->dev, devs->nr + 1, sizeof(*dev));
	int err;

	if (!dev)
		return -ENOMEM;
	devs->dev = dev;
	dev += devs->nr++;
	memset(dev, 0, sizeof(*dev));
	dev->name = strdup(name);
	if (!dev->name)
		return -ENOMEM;
	err = model_read(dev, path);
	return err == -ENODEV ? -ENOENT : err;
}

static void free_device(struct dax_device *dev)
{
	free(dev->name);
	free(dev->driver);
	free(dev->ranges);
	free(dev->attribute_value);
	free(dev->blocks);
}

void model_free(struct dax_devices *devs)
{
	while (devs->nr)
		free_device(&devs->dev[--devs->nr]);
	free(devs->dev);
	devs->dev = NULL;
}

int compare_names(const char *a, const char *b)
{
	unsigned int region_a, region_b, id_a, id_b;

	if (sscanf(a, "dax%u.%u", &region_a, &id_a) != 2 ||
	    sscanf(b, "dax%u.%u", &region_b, &id_b) != 2)
		return strcmp(a, b);
	if (region_a != region_b)
		return region_a < region_b ? -1 : 1;
	return id_a < id_b ? -1 : id_a > id_b;
}

static int compare_devices(const void *a, const void *b)
{
	const struct dax_device *x = a, *y = b;

	return compare_names(x->name, y->name);
}

static int add_all(struct dax_devices *all, struct udev *udev, struct udev_enumerate *list)
{
	struct udev_list_entry *entry;
	struct udev_device *dev;
	int err;

	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(list))
	{
		dev = udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));
		if (!dev)
			continue; /* gone since it was listed */
		err = add_device(all, udev_device_get_sysname(dev),
				 udev_device_get_syspath(dev));
		udev_device_unref(dev);
		if (err == -ENOENT)
			free_device(&all->dev[--all->nr]);
		else if (err)
			return err;
	}
	if (all->nr)
		qsort(all->dev, all->nr, sizeof(*all->dev), compare_devices);
	return 0;
}

int model_all(struct dax_devices *all)
{
	struct udev_enumerate *list = NULL;
	struct udev *udev = udev_new();
	int err = -ENOMEM;

	memset(all, 0, sizeof(*all));
	if (udev)
		list = udev_enumerate_new(udev);
	if (list) {
		err = udev_enumerate_add_match_subsystem(list, "dax");
		if (err >= 0)
			err = udev_enumerate_scan_devices(list);
		if (err >= 0)
			err = add_all(all, udev, list);
	}
	udev_enumerate_unref(list);
	udev_unref(udev);
	return err;
}

/* Its path is known: libudev would take it apart link by link, which costs as much as all the
 * rest. */
int model_one(struct dax_devices *one, const char *name)
{
	char path[4096];

	memset(one, 0, sizeof(*one));
	if (!*name || strchr(name, '/'))
		return -ENOENT;
	if ((size_t)snprintf(path, sizeof(path), "%s/bus/dax/devices/%s", sysfs_root, name) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	return add_device(one, name, path);
}

int model_names(void (*each)(void *arg, const char *name), void *arg)
{
	char pattern[4096];
	glob_t found;
	int err;

	snprintf(pattern, sizeof(pattern), "%s/bus/dax/devices/dax*", sysfs_root);
	err = glob(pattern, 0, NULL, &found);
	if (err)
		return err == GLOB_NOSPACE ? -ENOMEM : 0;
	for (size_t i = 0; i < found.gl_pathc; i++)
		each(arg, strrchr(found.gl_pathv[i], '/') + 1);
	globfree(&found);
	return 0;
}

bool dax_is_kmem(const struct dax_device *dev)
{
	return dev->driver && !strcmp(dev->driver, "kmem");
}

size_t dax_count(const struct dax_device *dev, enum block_state state)
{
	size_t i, nr = 0;

	for (i = 0; i < dev->nr_blocks; i++)
		nr += dev->blocks[i].state == state;
	return nr;
}

static bool all_online(const struct dax_device *dev)
{
	return dax_count(dev, BLOCK_ONLINE) == dev->nr_blocks;
}

static size_t count_movable(const struct dax_device *dev)
{
	size_t i, nr = 0;

	for (i = 0; i < dev->nr_blocks; i++)
		nr += !strcmp(dev->blocks[i].zone, "Movable");
	return nr;
}

bool dax_attribute_agrees(const struct dax_device *dev)
{
	const char *value = dev->attribute_value;

	if (!value)
		return true;
	if (!strcmp(value, "unplugged"))
		return dax_count(dev, BLOCK_ABSENT) == dev->nr_blocks;
	if (!strcmp(value, "offline"))
		return dax_count(dev, BLOCK_OFFLINE) == dev->nr_blocks;
	if (!strcmp(value, "online"))
		return all_online(dev);
	if (!strcmp(value, "online_kernel"))
		return all_online(dev) && !count_movable(dev);
	if (!strcmp(value, "online_movable"))
		return count_movable(dev) == dev->nr_blocks;
	return true;
}
