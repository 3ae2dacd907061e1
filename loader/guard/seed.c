// SPDX-License-Identifier: GPL-2.0-only
/* Filling the maps with what was there before the observers: devices and blocks. */
#include "guard/load.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "model.h"
#include "guard/pins.h"

static int seed_blocks(int map, const struct dax_device *dev, const struct daxguard_name *name)
{
	struct daxguard_block block = { .device = *name };

	for (size_t i = 0; i < dev->nr_blocks; i++)
		if (bpf_map_update_elem(map, &dev->blocks[i].nr, &block, BPF_ANY))
			return -errno;
	return 0;
}

struct seed_maps {
	int devices;
	int blocks;
	int transitions;
};

static int seed_device(const struct seed_maps *maps, const struct dax_device *dev)
{
	struct daxguard_device value = { .learnt_ns = now_ns(),
					 .blocks = dev->nr_blocks,
					 .ranges = dev->nr_ranges,
					 .target_node = dev->target_node,
					 .bound = 1 };
	struct daxguard_transition none = {};
	struct daxguard_name name;
	int err;

	err = device_key(&name, dev->name, false);
	if (!err)
		err = seed_blocks(maps->blocks, dev, &name);
	if (err)
		return err;
	if (bpf_map_update_elem(maps->transitions, &name, &none, BPF_NOEXIST) &&
	    errno != EEXIST)
		return -errno;
	if (bpf_map_update_elem(maps->devices, &name, &value, BPF_ANY))
		return -errno;
	return 0;
}

static int seed_all_devices(const struct seed_maps *maps)
{
	struct dax_devices all;
	int err = model_all(&all);

	for (size_t i = 0; !err && i < all.nr; i++)
		if (dax_is_kmem(&all.dev[i]))
			err = seed_device(maps, &all.dev[i]);
	model_free(&all);
	return err;
}

int seed_devices(void)
{
	struct seed_maps maps = { .devices = pins_map("devices"),
				  .blocks = pins_map("blocks"),
				  .transitions = pins_map("transitions") };
	int err = -ENOENT;

	if (maps.devices >= 0 && maps.blocks >= 0 && maps.transitions >= 0)
		err = seed_all_devices(&maps);
	if (maps.devices >= 0)
		close(maps.devices);
	if (maps.blocks >= 0)
		close(maps.blocks);
	if (maps.transitions >= 0)
		close(maps.transitions);
	return err;
}

/* Opening FILE is all: the guard learns whose file it is.  Gone is no error. */
static int touch(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	close(fd);
	return 0;
}

static int touch_device(const struct dax_device *dev)
{
	char path[96];
	size_t i;
	int err;

	snprintf(path, sizeof(path), DAX_DEVICES "/%s/size", dev->name);
	err = touch(path);
	for (i = 0; !err && dax_is_kmem(dev) && i < dev->nr_blocks; i++) {
		snprintf(path, sizeof(path), "/sys/devices/system/memory/memory%u/state",
			 dev->blocks[i].nr);
		err = touch(path);
	}
	return err;
}

int seed_objects(__u32 *seeding)
{
	struct dax_devices all;
	size_t i;
	int err = model_all(&all);

	__atomic_store_n(seeding, 1, __ATOMIC_SEQ_CST);
	for (i = 0; !err && i < all.nr; i++)
		err = touch_device(&all.dev[i]);
	__atomic_store_n(seeding, 0, __ATOMIC_SEQ_CST);
	model_free(&all);
	return err;
}
