// SPDX-License-Identifier: GPL-2.0-only
/* Methods that come to the same file by another path: symlink, bind mount, another sysfs. */
#include <glob.h>
#include <libgen.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dgprobe.h"

static int open_by(struct attempt *at, const char *path)
{
	const char *file = at->file;
	int err;

	at->file = path;
	err = open_target(at);
	at->file = file;
	return err;
}

/* .../memoryN/ATTR by the link that the block's node has to it. */
static int prepare_symlink(struct attempt *at)
{
	char pattern[512], *copy = strdup(at->file);
	char *attr, *block;
	glob_t g;
	int err;

	attr = basename(copy);
	*strrchr(copy, '/') = '\0';
	block = basename(copy);
	snprintf(pattern, sizeof(pattern), "/sys/devices/system/node/node[0-9]*/%s/%s", block,
		 attr);
	if (strncmp(block, "memory", 6) || glob(pattern, 0, NULL, &g))
		cannot("find %s: no node has such a link", pattern);
	err = open_by(at, g.gl_pathv[0]);
	globfree(&g);
	free(copy);
	return err;
}

static void own_mounts(int flags)
{
	if (unshare(CLONE_NEWNS | flags))
		cannot("leave the namespaces: %m");
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		cannot("make mounts private: %m");
}

static int prepare_bind_mount(struct attempt *at)
{
	char target[] = "/tmp/dgprobe.XXXXXX";
	int err, fd;

	own_mounts(0);
	fd = mkstemp(target);
	if (fd < 0 || mount(at->file, target, NULL, MS_BIND, NULL))
		cannot("bind %s to %s: %m", at->file, target);
	close(fd);
	err = open_by(at, target);
	if (umount2(target, MNT_DETACH) || unlink(target))
		cannot("remove %s: %m", target);
	return err;
}

/* Another network namespace has a superblock of its own. */
static void must_differ(const char *dir)
{
	struct stat first, second;

	if (stat("/sys", &first) || stat(dir, &second))
		cannot("compare /sys and %s: %m", dir);
	if (first.st_dev == second.st_dev)
		cannot("mount a second sysfs: %s is the first one again", dir);
}

static int prepare_second_sysfs(struct attempt *at)
{
	char dir[] = "/tmp/dgprobe.XXXXXX", path[4096];
	int err;

	if (strncmp(at->file, "/sys/", 5))
		cannot("find %s in another sysfs: it does not begin with /sys/", at->file);
	own_mounts(CLONE_NEWNET);
	if (!mkdtemp(dir) || mount("sysfs", dir, "sysfs", 0, NULL))
		cannot("mount sysfs on %s: %m", dir);
	must_differ(dir);
	snprintf(path, sizeof(path), "%s/%s", dir, at->file + 5);
	err = open_by(at, path);
	if (umount2(dir, MNT_DETACH) || rmdir(dir))
		cannot("remove %s: %m", dir);
	return err;
}

const struct method path_methods[] = {
	{ "symlink", prepare_symlink, put_plain, true },
	{ "bind-mount", prepare_bind_mount, put_plain, true },
	{ "second-sysfs", prepare_second_sysfs, put_plain, true },
	{ 0 },
};
