// SPDX-License-Identifier: GPL-2.0-only
/* Methods by way of a block device: a sector of it is the file's content, written by the
 * kernel. */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dgprobe.h"

/* All of a sysfs file, as stat(2) has it, and the sector of an nvmet namespace over one. */
#define SECTOR 4096

static int prepare_sector(struct attempt *at)
{
	at->fd = open(at->file, O_WRONLY | O_DIRECT | O_CLOEXEC);
	if (at->fd < 0)
		cannot("open %s: %m", at->file);
	return 0;
}

/* sysfs takes a word that ends with a zero byte, whatever follows. */
static ssize_t put_sector(struct attempt *at)
{
	static _Alignas(SECTOR) char sector[SECTOR];
	ssize_t ret;

	strncpy(sector, at->word, SECTOR - 1);
	ret = pwrite(at->fd, sector, SECTOR, 0);
	return ret < 0 ? -errno : ret;
}

static int free_loop_device(void)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int nr = ioctl(control, LOOP_CTL_GET_FREE);

	if (nr < 0)
		cannot("find a free loop device: %m");
	close(control);
	return nr;
}

/* The loop device goes with this process. */
static int prepare_loop(struct attempt *at)
{
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	char path[32];
	int fd;

	fd = open(at->file, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == EBUSY)
		return -EBUSY;
	config.fd = fd;
	snprintf(path, sizeof(path), "/dev/loop%d", free_loop_device());
	at->fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || at->fd < 0 || ioctl(at->fd, LOOP_CONFIGURE, &config))
		cannot("set up %s over %s: %m", path, at->file);
	close(fd);
	return 0;
}

const struct method sector_methods[] = {
	{ "sector", prepare_sector, put_sector, false },
	{ "loop", prepare_loop, put_sector, false },
	{ 0 },
};
