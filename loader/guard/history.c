// SPDX-License-Identifier: GPL-2.0-only
/* What has happened: the last events, numbered, to any number of readers, again and again. */
#include "guard/history.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "guard/pins.h"
#include "show/event.h"
#include "show/report.h"

#define SIZE (DAXGUARD_HISTORY * sizeof(struct daxguard_history))

/*
 * An event is written in an instant, but its writer may be preempted meanwhile, and nobody
 * can tell that from one who never comes.
 */
#define WRITER_NS (10 * NS_PER_S)

struct history {
	const struct daxguard_history *at; /* shared with the guard */
	const __u64 *next;
	__u64 reached;
	__u32 map_id;
};

static __u32 map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* The memory of the pinned map NAME, to be read; NULL with errno. */
static const void *map_memory(const char *name, size_t size, __u32 *id)
{
	int fd = pins_map(name);
	void *at;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	*id = map_id(fd);
	at = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	return at == MAP_FAILED ? NULL : at;
}

static int open_failed(const char *name, int err)
{
	if (err == ENOENT)
		return fail(EXIT_FAILED,
			    "the guard that is loaded is of an older daxguard and keeps no "
			    "history ('" PIN_MAPS "/%s'): run 'daxguard load'",
			    name);
	return fail(EXIT_FAILED,
		    "'" PIN_MAPS "/%s' cannot be opened (%s): see "
		    "'daxguard check'",
		    name, strerror(err));
}

int history_open(struct history **ret)
{
	struct history *h = calloc(1, sizeof(*h));
	int status = 0;
	__u32 id;

	*ret = NULL;
	if (!h)
		return fail(EXIT_FAILED, "no memory is left to read the history: free some");
	h->at = map_memory("history", SIZE, &h->map_id);
	if (!h->at)
		status = open_failed("history", errno);
	else if (!(h->next = map_memory("history_next", sizeof(*h->next), &id)))
		status = open_failed("history_next", errno);
	if (!status)
		*ret = h;
	else
		history_close(h);
	return status;
}

__u32 history_id(const struct history *h)
{
	return h->map_id;
}

__u64 history_next(const struct history *h)
{
	return __atomic_load_n(h->next, __ATOMIC_ACQUIRE);
}

enum found {
	FOUND, /* the event is in the record */
	FOUND_WRITING, /* it is about to come */
	FOUND_LOST,
};

/* What the place SHARED has of the event SEQ. */
static enum found look(const struct daxguard_history *shared, __u64 seq,
		       struct daxguard_history *copy)
{
	__u64 now = __atomic_load_n(&shared->seq, __ATOMIC_ACQUIRE);
	__u64 nr = now & ~DAXGUARD_SEQ_FLAGS;

	if (nr > seq || (nr == seq && now & DAXGUARD_SEQ_LOST))
		return FOUND_LOST;
	if (now != seq)
		return FOUND_WRITING;
	memcpy(copy, (const void *)shared, sizeof(*copy));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&shared->seq, __ATOMIC_RELAXED) == seq ? FOUND : FOUND_LOST;
}

/* The same, having waited for who is about to write it. */
static enum found get(const struct history *h, __u64 seq, struct daxguard_history *copy)
{
	static const struct timespec pause = { .tv_nsec = 1000000 };
	const struct daxguard_history *shared = &h->at[seq % DAXGUARD_HISTORY];
	enum found found = look(shared, seq, copy);
	__u64 begun = now_ns();

	while (found == FOUND_WRITING && now_ns() - begun < WRITER_NS) {
		nanosleep(&pause, NULL);
		found = look(shared, seq, copy);
	}
	return found;
}

/* The first number that there can be, of those before NEXT. */
static __u64 oldest(__u64 next)
{
	return next > DAXGUARD_HISTORY ? next - DAXGUARD_HISTORY : 1;
}

/* FIRST is 0 where nobody has asked for a certain event, nor got one. */
static int tell_lost(history_lost_fn fn, __u64 first, __u64 end, void *ctx)
{
	return fn && first && first < end ? fn(first, end - 1, ctx) : 0;
}

int history_read(struct history *h, __u64 from, history_fn fn, history_lost_fn lost, void *ctx)
{
	__u64 end = history_next(h), seq = from ? from : oldest(end), gap = from;
	struct daxguard_history copy;
	struct event_record e;
	int err = 0;

	/* what has no number yet is for the next time */
	h->reached = seq;
	for (; !err && seq < end; h->reached = ++seq) {
		if (seq < oldest(history_next(h)))
			seq = oldest(history_next(h));
		if (get(h, seq, &copy) != FOUND)
			continue;
		err = tell_lost(lost, gap, seq, ctx);
		event_record(&e, &copy);
		if (!err)
			err = fn(&e, seq, ctx);
		gap = seq + 1;
	}
	return err ? err : tell_lost(lost, gap, h->reached, ctx);
}

__u64 history_reached(const struct history *h)
{
	return h->reached;
}

bool history_is_current(const struct history *h)
{
	int fd = pins_map("history");
	bool same;

	if (fd < 0)
		return false;
	same = map_id(fd) == h->map_id;
	close(fd);
	return same;
}

int history_failed(int err)
{
	if (err == -ENOLINK)
		return fail(EXIT_FAILED,
			    "the guard was unloaded while '" PIN_MAPS
			    "/history' was being read: run 'daxguard load' and read again");
	return fail(EXIT_FAILED,
		    "'" PIN_MAPS "/history' cannot be read (%s): see "
		    "'daxguard check'",
		    strerror(-err));
}

void history_close(struct history *h)
{
	if (!h)
		return;
	if (h->at)
		munmap((void *)h->at, SIZE);
	if (h->next)
		munmap((void *)h->next, sizeof(*h->next));
	free(h);
}
