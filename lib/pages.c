// SPDX-License-Identifier: LGPL-2.1-or-later
/* What keeps a block from going offline, as far as /proc/kpageflags tells. */
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan.h"

/* Not in the uapi header. */
#define RESERVED (1ULL << 32)

/* Nothing there that would have to move. */
#define NOTHING \
	(1ULL << KPF_BUDDY | 1ULL << KPF_NOPAGE | 1ULL << KPF_HWPOISON | 1ULL << KPF_OFFLINE)

/* Of a process, a file or the huge page pool. */
#define USER (1ULL << KPF_LRU | 1ULL << KPF_ANON | 1ULL << KPF_HUGE | 1ULL << KPF_MMAP)

/* Frames read at a time. */
#define CHUNK 8192

void pages_count(struct page_counts *counts, const __u64 *flags, size_t nr, __u64 pfn)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (flags[i] & NOTHING)
			continue;
		if (flags[i] & USER) {
			counts->user++;
		} else if (flags[i]) {
			counts->kernel++;
		} else {
			counts->bare++;
			continue;
		}
		if (counts->first < 0)
			counts->first = pfn + i;
	}
}

/* How the kernel marks a page of a block's own map, without any other flag, since v6.11. */
#define OWN_MAP (1ULL << 37)

/* Leading pages may be the block's own map (memmap_on_memory), which goes with it. */
static size_t skip_own_map(const __u64 *flags, size_t nr)
{
	size_t i = 0;

	while (i < nr && (flags[i] & RESERVED || flags[i] == OWN_MAP))
		i++;
	return i;
}

static int count_frames(struct page_counts *counts, int fd, __u64 pfn, __u64 nr)
{
	__u64 *flags = malloc(CHUNK * sizeof(*flags));
	size_t some, skip = 0;
	bool leading = true;
	ssize_t len = 0;

	if (!flags)
		return -ENOMEM;
	for (; nr; nr -= some, pfn += some) {
		some = nr < CHUNK ? nr : CHUNK;
		len = pread(fd, flags, some * sizeof(*flags), pfn * sizeof(*flags));
		if (len <= 0)
			break;
		some = len / sizeof(*flags);
		skip = leading ? skip_own_map(flags, some) : 0;
		leading = skip == some;
		pages_count(counts, flags + skip, some - skip, pfn + skip);
	}
	free(flags);
	return len < 0 ? -errno : 0;
}

int pages_of_block(struct page_counts *counts, __u32 nr)
{
	__u64 size, per_block;
	int fd, err;

	memset(counts, 0, sizeof(*counts));
	counts->first = -1;
	err = model_block_size(&size);
	if (err)
		return err;
	fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	per_block = size / sysconf(_SC_PAGESIZE);
	err = count_frames(counts, fd, nr * per_block, per_block);
	close(fd);
	return err;
}

unsigned long pages_unmovable(const struct page_counts *counts, const char *zone,
			      bool after_failure)
{
	unsigned long nr = counts->kernel;

	if (after_failure && zone_is_movable(zone))
		nr += counts->user;
	/* in the movable zone they are almost certainly free pages of a processor's list */
	if (!nr && !zone_is_movable(zone))
		nr = counts->bare;
	return nr;
}

bool page_owner_name(const char *text, char *name, size_t size)
{
	const char *at = strstr(text, ", pid ");
	char comm[64];
	int pid;

	if (!at || sscanf(at, ", pid %d, tgid %*d (%63[^)])", &pid, comm) != 2)
		return false;
	snprintf(name, size, "'%s' (pid %d)", comm, pid);
	return true;
}

bool page_owner(__u64 pfn, char *name, size_t size)
{
	int fd = open("/sys/kernel/debug/page_owner", O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t len;

	if (fd < 0)
		return false;
	/* its position is a frame number; a record goes in one piece or not at all */
	len = pread(fd, text, sizeof(text) - 1, pfn);
	close(fd);
	if (len <= 0)
		return false;
	text[len] = 0;
	return page_owner_name(text, name, size);
}
