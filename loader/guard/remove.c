// SPDX-License-Identifier: GPL-2.0-only
/* Taking directories of pins away. */
#include "guard/remove.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_LEN 256

/*
 * The kernel detaches a link some time after its last pin went, but at once when its last
 * descriptor is closed: so that is ours.
 */
static int remove_pin(const char *path)
{
	int fd = bpf_obj_get(path);
	int err = unlink(path) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

/* Directories stay: what is in them has to be removed first. */
static int remove_entry(const char *dir, const char *name)
{
	char path[PATH_LEN];
	int err;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return 0;
	err = remove_pin(path);
	return err == -EISDIR || err == -EPERM ? 0 : err;
}

int remove_pins(const struct bpf_object *obj, const char *path, known_fn known, char *what,
		size_t size)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int err = 0, failed;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || (known && !known(obj, entry->d_name)))
			continue;
		failed = remove_entry(path, entry->d_name);
		if (failed)
			err = failed;
	}
	closedir(dir);
	if (!err && rmdir(path))
		err = -errno;
	if (err)
		snprintf(what, size, "%s", path);
	return err;
}
