/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dax devices and their memory blocks as sysfs shows them. */
#ifndef DAXGUARD_MODEL_H
#define DAXGUARD_MODEL_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* The kernel's files of the devices, and of their drivers. */
#define DAX_DEVICES "/sys/bus/dax/devices"
#define DAX_DRIVERS "/sys/bus/dax/drivers"

/* Physical addresses, END belongs to it. */
struct dax_range {
	__u64 start;
	__u64 end;
};

enum block_state {
	BLOCK_ABSENT, /* inside the ranges, but there is no memoryN */
	BLOCK_OFFLINE,
	BLOCK_GOING_OFFLINE,
	BLOCK_ONLINE,
};

#define ZONE_LEN 16

struct dax_block {
	__u32 nr; /* of memoryN */
	enum block_state state;
	char zone[ZONE_LEN]; /* of an online block, else "" */
};

struct dax_device {
	char *name;
	char *driver; /* "kmem", "device_dax", or NULL */
	int target_node; /* -1 where unknown */
	__u64 size;
	struct dax_range *ranges;
	size_t nr_ranges;
	const char *attribute; /* "state", "hotplug", or NULL */
	char *attribute_value; /* NULL where it cannot be read */
	struct dax_block *blocks; /* by number, absent ones too */
	size_t nr_blocks;
};

struct dax_devices {
	struct dax_device *dev; /* by name, dax0.2 before dax0.10 */
	size_t nr;
};

/* All devices.  Returns 0 or a negative errno; model_free() in both cases. */
int model_all(struct dax_devices *all);

/* The device NAME alone.  -ENOENT where there is none; model_free() in any case. */
int model_one(struct dax_devices *one, const char *name);

void model_free(struct dax_devices *devs);

/*
 * EACH is called with the name of every device that is there, in the order of their bytes; of
 * the devices nothing is read.  Returns 0, also where there is none, or -ENOMEM.
 */
int model_names(void (*each)(void *arg, const char *name), void *arg);

/* Bytes in a memory block; -ENOENT where the kernel has no memory hotplug. */
int model_block_size(__u64 *size);

/* Read state and zone of one block anew.  Returns 0 or a negative errno. */
int model_read_block(struct dax_block *block);

/* Whether kmem has it. */
bool dax_is_kmem(const struct dax_device *dev);

/* How many blocks are in STATE. */
size_t dax_count(const struct dax_device *dev, enum block_state state);

/*
 * Whether the whole-device attribute says what the blocks say.  An unknown word
 * contradicts nothing.
 */
bool dax_attribute_agrees(const struct dax_device *dev);

/* The pure parts, for the unit test. */

/* Where memory/ and the devices' paths begin; "/sys" unless set. */
void model_set_root(const char *root);
const char *model_root(void);

/* Fill DEV, but for the name, from the directory PATH. */
int model_read(struct dax_device *dev, const char *path);

/*
 * The whole blocks inside a range, as kmem takes them.  Returns their number,
 * *FIRST the first one's; -ERANGE for a range that no machine has.
 */
long long blocks_inside(const struct dax_range *range, __u64 block_size, __u32 *first);

/* "daxN.M" before "daxN.K" where M < K; other names by their bytes. */
int compare_names(const char *a, const char *b);

enum block_state parse_state(const char *text);

/* The first word of valid_zones. */
void parse_zone(const char *text, char zone[ZONE_LEN]);

#endif
