// SPDX-License-Identifier: GPL-2.0-only
/* Guards of another layout version: found beside ours, taken over, or left alone. */
#include "guard/version.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "daxguard.h"
#include "guard/pins.h"
#include "guard/remove.h"
#include "guard/skeleton.h"
#include "show/report.h"

#define PATH_LEN 256

unsigned int version_number(const char *name)
{
	unsigned int nr;
	int used = -1;

	if (sscanf(name, "v%u%n", &nr, &used) != 1 || used < 0 || name[used])
		return 0;
	return nr;
}

/* A directory; a name that version_replace() has left is none. */
static bool has_pins(unsigned int nr)
{
	char path[PATH_LEN];
	struct stat st;

	snprintf(path, sizeof(path), PIN_TOP "/v%u", nr);
	return !lstat(path, &st) && S_ISDIR(st.st_mode);
}

/* The version next to ours on that side. */
static bool find_version(unsigned int *found, bool newer)
{
	struct dirent *entry;
	DIR *dir = opendir(PIN_TOP);
	unsigned int nr;

	*found = 0;
	while (dir && (entry = readdir(dir))) {
		nr = version_number(entry->d_name);
		if (!nr || nr == DAXGUARD_ABI || (nr > DAXGUARD_ABI) != newer || !has_pins(nr))
			continue;
		if (!*found || (nr > *found) != newer)
			*found = nr;
	}
	if (dir)
		closedir(dir);
	return *found;
}

bool version_older(unsigned int *nr)
{
	return find_version(nr, false);
}

bool version_newer(unsigned int *nr)
{
	return find_version(nr, true);
}

static int carry_map(const struct bpf_map *map, const char *from, const char *to)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_obj_get(from), status = 0;

	if (fd < 0 && errno == ENOENT)
		return 0; /* that version had none */
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		status = fail(EXIT_FAILED,
			      "cannot take over the map '%s' (%s): run the older daxguard's "
			      "'daxguard unload' first",
			      from, strerror(errno));
	else if (!map_has_layout(map, &info))
		status = fail(
			EXIT_FAILED,
			"the map '%s' has a layout that this version cannot take over: run "
			"the older daxguard's 'daxguard unload' first",
			from);
	else if (bpf_obj_pin(fd, to) && errno != EEXIST)
		status = fail(EXIT_FAILED, "cannot pin '%s' (%s): run 'daxguard load' again",
			      to, strerror(errno));
	if (fd >= 0)
		close(fd);
	return status;
}

int version_carry(unsigned int nr, struct bpf_object *obj)
{
	char from[PATH_LEN], to[PATH_LEN];
	struct bpf_map *map;
	const char *name;
	int status = 0;

	bpf_object__for_each_map (map, obj) {
		name = map_pin_name(map);
		if (!name || status)
			continue;
		snprintf(from, sizeof(from), PIN_TOP "/v%u/maps/%s", nr, name);
		snprintf(to, sizeof(to), PIN_MAPS "/%s", name);
		status = carry_map(map, from, to);
	}
	return status;
}

int version_remove(unsigned int nr, char *what, size_t size)
{
	static const char *const dirs[] = { "/links", "/progs", "/maps", "" };
	char path[PATH_LEN];
	int err = 0;

	/* links first: nothing is enforced by half of the programs */
	for (size_t i = 0; !err && i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), PIN_TOP "/v%u%s", nr, dirs[i]);
		err = remove_pins(NULL, path, NULL, what, size);
	}
	return err;
}

static bool is_name(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode);
}

/* Each name of an older version in PIN_TOP stands for TARGET from now on, or goes. */
static void turn_names(const char *target)
{
	char path[PATH_LEN];
	struct dirent *entry;
	DIR *dir = opendir(PIN_TOP);

	while (dir && (entry = readdir(dir))) {
		if (!version_number(entry->d_name) ||
		    (size_t)snprintf(path, sizeof(path), PIN_TOP "/%s", entry->d_name) >=
			    sizeof(path) ||
		    !is_name(path) || unlink(path) || !target)
			continue;
		if (symlink(target, path))
			break;
	}
	if (dir)
		closedir(dir);
}

void version_remove_names(void)
{
	turn_names(NULL);
}

int version_replace(unsigned int nr, char *what, size_t size)
{
	const char *ours = strrchr(PIN_DIR, '/') + 1;
	int err = version_remove(nr, what, size);
	char path[PATH_LEN];

	if (err)
		return err;
	turn_names(ours);
	snprintf(path, sizeof(path), PIN_TOP "/v%u", nr);
	if (!symlink(ours, path))
		return 0;
	snprintf(what, size, "%s", path);
	return -errno;
}
