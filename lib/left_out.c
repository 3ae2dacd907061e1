// SPDX-License-Identifier: LGPL-2.1-or-later
/* Blocks of others that came while auto_online_blocks was off: who brings them online. */
#include "left_out.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job.h"
#include "lock.h"

#define MEMORY "/sys/devices/system/memory"

static int compare_blocks(const void *a, const void *b)
{
	const __u32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int add_block(struct left_out *l, const char *name)
{
	__u32 *more, nr;

	if (sscanf(name, "memory%u", &nr) != 1)
		return 0;
	/* doubled each time that it is full */
	if (!(l->nr_blocks & (l->nr_blocks - 1))) {
		more = realloc(l->blocks, (l->nr_blocks * 2 + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		l->blocks = more;
	}
	l->blocks[l->nr_blocks++] = nr;
	return 0;
}

static int note_blocks(struct left_out *l)
{
	DIR *dir = opendir(MEMORY);
	struct dirent *entry;
	int err = dir ? 0 : -errno;

	while (!err && (entry = readdir(dir)))
		err = add_block(l, entry->d_name);
	if (dir)
		closedir(dir);
	if (!err && l->nr_blocks)
		qsort(l->blocks, l->nr_blocks, sizeof(*l->blocks), compare_blocks);
	return err;
}

int left_out_note(struct left_out *before)
{
	int err;

	memset(before, 0, sizeof(*before));
	err = note_blocks(before);
	return err ? err : model_all(&before->devs);
}

void left_out_free(struct left_out *before)
{
	free(before->blocks);
	model_free(&before->devs);
	memset(before, 0, sizeof(*before));
}

static const struct dax_device *named(const struct dax_devices *devs, const char *name)
{
	for (size_t i = 0; i < devs->nr; i++)
		if (!strcmp(devs->dev[i].name, name))
			return &devs->dev[i];
	return NULL;
}

/* Has somebody else bound it to kmem since? */
static bool has_come(const struct left_out *before, const struct job *job,
		     const struct dax_device *dev)
{
	const struct dax_device *then = named(&before->devs, dev->name);

	return strcmp(dev->name, job->name) && dax_is_kmem(dev) && !(then && dax_is_kmem(then));
}

/*
 * The binds of others are done: 7.3 reads auto_online_blocks before it makes the first
 * block, so that one that is under way may have seen it off.
 */
static void wait_for_binds(const struct left_out *before, struct job *job)
{
	int ms = PAUSE_FIRST_MS;
	struct dax_devices now;
	bool coming;

	do {
		coming = false;
		if (!model_all(&now))
			for (size_t i = 0; i < now.nr; i++)
				coming |= has_come(before, job, &now.dev[i]) &&
					  dax_count(&now.dev[i], BLOCK_ABSENT);
		model_free(&now);
	} while (coming && job_pause(job, &ms));
}

static const struct dax_device *device_of(const struct dax_devices *devs, __u32 nr)
{
	size_t i, k;

	for (i = 0; i < devs->nr; i++)
		for (k = 0; k < devs->dev[i].nr_blocks; k++)
			if (devs->dev[i].blocks[k].nr == nr)
				return &devs->dev[i];
	return NULL;
}

/* Where the guard refuses it, its device is held: that is its owner's matter. */
static void online_block(const struct left_out *now, const struct job *job, __u32 nr,
			 const char *word)
{
	const struct dax_device *dev = device_of(&now->devs, nr);
	struct dax_block block = { .nr = nr };
	char path[64];
	int fd;

	/* where it is changed as a whole, what is offline is so on purpose */
	if (dev && (!strcmp(dev->name, job->name) || device_is_locked(dev->name)))
		return;
	if (model_read_block(&block) || block.state != BLOCK_OFFLINE)
		return;
	snprintf(path, sizeof(path), MEMORY "/memory%u/state", nr);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	/* also where our own time is up: the kernel would have done so, too */
	while (write(fd, word, strlen(word)) < 0 && errno == EINTR)
		;
	close(fd);
}

void left_out_online(const struct left_out *before, struct job *job, const char *word)
{
	struct left_out now;
	__u32 *nr;

	wait_for_binds(before, job);
	if (!left_out_note(&now))
		for (nr = now.blocks; nr < now.blocks + now.nr_blocks; nr++)
			if (!before->nr_blocks ||
			    !bsearch(nr, before->blocks, before->nr_blocks, sizeof(*nr),
				     compare_blocks))
				online_block(&now, job, *nr, word);
	left_out_free(&now);
}
