// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for events: the ring buffer "events" rings for everybody who listens.
 *
 * The guard wakes all who poll it with each record, and who polls it edge-triggered learns of
 * each.  So its records stay where they are, for nobody is to take from others what they are
 * to hear of.  Only a ring that is full takes no record and rings no more: who listens
 * makes room in time.
 */
#include "guard/bell.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "guard/pins.h"
#include "show/report.h"

struct bell {
	int map;
	int epoll;
	size_t page;
	__u64 size; /* of the ring, a power of two */
	__u64 *consumer; /* up to where it is free again */
	const char *shared; /* the page of the producer, and behind it the records, twice */
};

static int map_ring(struct bell *bell)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	void *at;

	if (bpf_obj_get_info_by_fd(bell->map, &info, &len))
		return -errno;
	bell->size = info.max_entries;
	bell->page = sysconf(_SC_PAGESIZE);
	at = mmap(NULL, bell->page, PROT_READ | PROT_WRITE, MAP_SHARED, bell->map, 0);
	if (at == MAP_FAILED)
		return -errno;
	bell->consumer = at;
	at = mmap(NULL, bell->page + 2 * bell->size, PROT_READ, MAP_SHARED, bell->map,
		  bell->page);
	if (at == MAP_FAILED)
		return -errno;
	bell->shared = at;
	return 0;
}

static int listen_to(struct bell *bell)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int err;

	bell->map = pins_map("events");
	if (bell->map < 0)
		return bell->map;
	err = map_ring(bell);
	if (err)
		return err;
	bell->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (bell->epoll < 0 || epoll_ctl(bell->epoll, EPOLL_CTL_ADD, bell->map, &event))
		return -errno;
	return 0;
}

int bell_open(struct bell **ret)
{
	struct bell *bell = calloc(1, sizeof(*bell));
	int err;

	*ret = NULL;
	if (!bell)
		return fail(EXIT_FAILED, "no memory is left to wait for events: free some");
	bell->map = bell->epoll = -1;
	err = listen_to(bell);
	if (!err) {
		*ret = bell;
		return 0;
	}
	bell_close(bell);
	return fail(EXIT_FAILED,
		    "'" PIN_MAPS "/events' cannot be waited for (%s): see 'daxguard check'",
		    strerror(-err));
}

int bell_poll_fd(const struct bell *bell)
{
	return bell->epoll;
}

/*
 * Where the last record of those from AT to END begins.  What is read may have been
 * overwritten, if somebody else has made room; then it is not used.
 */
static __u64 last_record(const struct bell *bell, __u64 at, __u64 end)
{
	const char *records = bell->shared + bell->page;
	__u64 next = at;
	__u32 len;

	while (next < end) {
		at = next;
		len = __atomic_load_n((const __u32 *)(records + (at & (bell->size - 1))),
				      __ATOMIC_ACQUIRE);
		if (len & BPF_RINGBUF_BUSY_BIT)
			break;
		len &= ~BPF_RINGBUF_DISCARD_BIT;
		next = at + ((len + BPF_RINGBUF_HDR_SZ + 7ULL) & ~7ULL);
	}
	return at;
}

/*
 * All but the last record go: while there is one, a wake-up finds the ring readable, whoever
 * makes room at that moment.  Of several who do it one does.
 */
static void make_room(struct bell *bell)
{
	__u64 from = __atomic_load_n(bell->consumer, __ATOMIC_ACQUIRE);
	__u64 end = __atomic_load_n((const __u64 *)bell->shared, __ATOMIC_ACQUIRE);

	if (end - from > bell->size / 2)
		__atomic_compare_exchange_n(bell->consumer, &from, last_record(bell, from, end),
					    false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

void bell_heard(struct bell *bell)
{
	struct epoll_event event;

	epoll_wait(bell->epoll, &event, 1, 0);
	make_room(bell);
}

void bell_close(struct bell *bell)
{
	if (!bell)
		return;
	if (bell->consumer)
		munmap(bell->consumer, bell->page);
	if (bell->shared)
		munmap((void *)bell->shared, bell->page + 2 * bell->size);
	if (bell->epoll >= 0)
		close(bell->epoll);
	if (bell->map >= 0)
		close(bell->map);
	free(bell);
}
