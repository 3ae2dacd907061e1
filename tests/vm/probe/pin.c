// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb pin: keeps one page of a memory block from moving, so that taking the
 * block offline goes on and on until the page is let go.
 *
 * A page in a pipe (vmsplice) has a reference for a short time, as the kernel sees it:
 * it may lie in movable memory and migration is tried again without end.
 */
#include <fcntl.h>
#include <glob.h>
#include <linux/mempolicy.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "dgprobe.h"

#define CHUNK (16UL << 20)
#define MOST_CHUNKS 512
#define PRESENT (1ULL << 63)
#define PFN(entry) ((entry) & ((1ULL << 55) - 1))

static unsigned long page_size;

static unsigned long hex_in(const char *path)
{
	char text[64];

	if (read_text(path, text, sizeof(text)) <= 0)
		cannot("read %s", path);
	return strtoul(text, NULL, 16);
}

static int node_of(const char *block)
{
	char pattern[512];
	glob_t g;
	int node;

	snprintf(pattern, sizeof(pattern), "%s/node[0-9]*", block);
	if (glob(pattern, 0, NULL, &g))
		cannot("find the node of %s", block);
	node = to_number(g.gl_pathv[0] + snprintf(NULL, 0, "%s/node", block));
	globfree(&g);
	return node;
}

/* A chunk of the node's memory, made of small pages that are all there. */
static char *touched_chunk(int node)
{
	unsigned long mask = 1UL << node, off;
	char *chunk;

	chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chunk == MAP_FAILED)
		cannot("map a chunk: %m");
	madvise(chunk, CHUNK, MADV_NOHUGEPAGE);
	if (syscall(SYS_mbind, chunk, CHUNK, MPOL_BIND, &mask, 8 * sizeof(mask), 0))
		cannot("bind to node %d: %m", node);
	for (off = 0; off < CHUNK; off += page_size)
		chunk[off] = 1;
	return chunk;
}

static bool in_blocks(uint64_t pfn, char **blocks, unsigned long pages_per_block)
{
	char path[512];

	for (; *blocks; blocks++) {
		snprintf(path, sizeof(path), "%s/phys_index", *blocks);
		if (pfn / pages_per_block == hex_in(path))
			return true;
	}
	return false;
}

static char *page_in(char *chunk, char **blocks, unsigned long pages_per_block)
{
	static uint64_t entries[CHUNK >> 12];
	size_t i, n = CHUNK / page_size;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (pread(fd, entries, n * sizeof(*entries),
		  (uintptr_t)chunk / page_size * sizeof(*entries)) < 0)
		cannot("read /proc/self/pagemap: %m");
	close(fd);
	/* the pages of a chunk come in long runs: one in 256 tells */
	for (i = 0; i < n; i += 256)
		if ((entries[i] & PRESENT) &&
		    in_blocks(PFN(entries[i]), blocks, pages_per_block))
			return chunk + i * page_size;
	return NULL;
}

static void keep_in_pipe(char *page)
{
	struct iovec iov = { .iov_base = page, .iov_len = page_size };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) || vmsplice(ends[1], &iov, 1, 0) != (ssize_t)page_size)
		cannot("put a page into a pipe: %m");
}

int verb_pin(int argc, char **argv)
{
	unsigned long per_block = hex_in("/sys/devices/system/memory/block_size_bytes");
	char *chunks[MOST_CHUNKS], *page = NULL;
	int n, node = node_of(argv[2]);

	(void)argc;
	page_size = sysconf(_SC_PAGESIZE);
	for (n = 0; !page && n < MOST_CHUNKS; n++) {
		chunks[n] = touched_chunk(node);
		page = page_in(chunks[n], argv + 2, per_block / page_size);
	}
	if (!page)
		cannot("get a page in %s", argv[2]);
	keep_in_pipe(page);
	/* all else may go; the chunk with the page stays mapped as a whole */
	while (--n > 0)
		munmap(chunks[n - 1], CHUNK);
	say_ready(argv[1]);
	wait_for_go(argv[1]);
	return 0;
}
