// SPDX-License-Identifier: GPL-2.0-only
/* A device's blocks and zones for people and as JSON. */
#include "show/device.h"

#include <stdio.h>
#include <string.h>

#include "show/report.h"

size_t count_online(const struct dax_device *dev)
{
	return dax_count(dev, BLOCK_ONLINE) + dax_count(dev, BLOCK_GOING_OFFLINE);
}

struct json_object *blocks_json(const struct dax_device *dev)
{
	size_t online = count_online(dev), offline = dax_count(dev, BLOCK_OFFLINE);
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "total", json_number(online + offline));
	json_object_object_add(obj, "online", json_number(online));
	json_object_object_add(obj, "offline", json_number(offline));
	return obj;
}

struct json_object *zones_json(const struct dax_device *dev)
{
	struct json_object *obj = json_object_new_object(), *nr;
	char zone[ZONE_LEN];
	size_t i;

	for (i = 0; i < dev->nr_blocks; i++) {
		if (dev->blocks[i].state != BLOCK_ONLINE)
			continue;
		clean_text(zone, sizeof(zone), dev->blocks[i].zone, ZONE_LEN);
		if (json_object_object_get_ex(obj, zone, &nr))
			json_object_int_inc(nr, 1);
		else
			json_object_object_add(obj, zone, json_number(1));
	}
	return obj;
}

struct json_object *text_or_null(const char *text)
{
	return text ? json_text(text, strlen(text)) : NULL;
}

void zones_text(const struct dax_device *dev, char *buf, size_t size)
{
	struct json_object *zones = zones_json(dev);
	size_t len = 0;

	snprintf(buf, size, "-");
	json_object_object_foreach (zones, zone, nr)
		if (len < size)
			len += snprintf(buf + len, size - len, "%s%s %d", len ? ", " : "", zone,
					json_object_get_int(nr));
	json_object_put(zones);
}

void size_text(__u64 size, char *buf, size_t buf_size)
{
	if (size && !(size % (1ULL << 30)))
		snprintf(buf, buf_size, "%llu GiB", size >> 30);
	else if (!(size % (1ULL << 20)))
		snprintf(buf, buf_size, "%llu MiB", size >> 20);
	else
		snprintf(buf, buf_size, "%.1f MiB", size / 1048576.0);
}
