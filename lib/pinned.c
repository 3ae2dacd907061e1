// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opening what the guard has pinned. */
#include "pinned.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define PATH_LEN 256

static int get_pin(const char *dir, const char *name)
{
	char path[PATH_LEN];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int pins_map(const char *name)
{
	return get_pin(PIN_MAPS, name);
}

int pins_prog(const char *name)
{
	return get_pin(PIN_PROGS, name);
}

int pins_link(const char *name)
{
	return get_pin(PIN_LINKS, name);
}

int pins_iter(const char *name)
{
	int link = pins_link(name);
	int fd;

	if (link < 0)
		return link;
	fd = bpf_iter_create(link);
	close(link);
	return fd < 0 ? -errno : fd;
}

int pins_take(const char *map, const void *key)
{
	int err, fd = pins_map(map);

	if (fd < 0)
		return fd;
	err = bpf_map_delete_elem(fd, key) ? -errno : 0;
	close(fd);
	return err;
}
