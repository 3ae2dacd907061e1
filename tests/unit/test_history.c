/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading the history: order, gaps, and places that are being written or have been lost. */
#include <bpf/bpf.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "clock.h"
#include "guard/history.h"
#include "show/event.h"
#include "verbs/since.h"

#define ROOM DAXGUARD_HISTORY

/* The pinned maps, as memory that the reader shares. */
static struct daxguard_history *places;
static __u64 *next;
static int places_fd, next_fd;

int bpf_obj_get(const char *path)
{
	return dup(strstr(path, "history_next") ? next_fd : places_fd);
}

int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *len)
{
	(void)fd;
	memset(info, 0, *len);
	return 0;
}

static void *share(int *fd, size_t size)
{
	void *at;

	*fd = memfd_create("map", MFD_CLOEXEC);
	assert_int_equal(ftruncate(*fd, size), 0);
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	return at;
}

static int begin(void **state)
{
	struct history *h;

	places = share(&places_fd, ROOM * sizeof(*places));
	next = share(&next_fd, sizeof(*next));
	*next = 1;
	assert_int_equal(history_open(&h), 0);
	*state = h;
	return 0;
}

static int end(void **state)
{
	history_close(*state);
	munmap(places, ROOM * sizeof(*places));
	munmap(next, sizeof(*next));
	close(places_fd);
	close(next_fd);
	return 0;
}

/* What a program does; the event has its number as its pid. */
static struct daxguard_history *put(void)
{
	struct daxguard_history *h = &places[*next % ROOM];

	h->event.event.pid = *next;
	h->seq = (*next)++;
	return h;
}

static void put_many(__u64 nr)
{
	while (nr--)
		put();
}

/* What was read, as "2 3 (4-6) 7". */
static char told[512];

static void tell(const char *text)
{
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s%s", *told ? " " : "",
		 text);
}

static int tell_event(const struct event_record *e, __u64 seq, void *ctx)
{
	char text[32];

	(void)ctx;
	assert_int_equal(e->event.pid, seq);
	snprintf(text, sizeof(text), "%llu", seq);
	tell(text);
	return 0;
}

static int tell_gap(__u64 first, __u64 last, void *ctx)
{
	char text[64];

	(void)ctx;
	snprintf(text, sizeof(text), "(%llu-%llu)", first, last);
	tell(text);
	return 0;
}

static const char *reads(struct history *h, __u64 from)
{
	*told = 0;
	assert_int_equal(history_read(h, from, tell_event, tell_gap, NULL), 0);
	return told;
}

static void test_all(void **state)
{
	struct history *h = *state;

	assert_string_equal(reads(h, 0), "");
	assert_int_equal(history_reached(h), 1);
	assert_int_equal(history_next(h), 1);
	put_many(3);
	assert_string_equal(reads(h, 0), "1 2 3");
	assert_string_equal(reads(h, 0), "1 2 3");
	assert_string_equal(reads(h, 2), "2 3");
	assert_int_equal(history_reached(h), 4);
	assert_string_equal(reads(h, history_reached(h)), "");
	put();
	assert_string_equal(reads(h, history_reached(h)), "4");
	assert_string_equal(reads(h, 17), "");
	assert_int_equal(history_reached(h), 17);
}

static void test_overwritten(void **state)
{
	struct history *h = *state;
	char want[64];

	put_many(ROOM + 2);
	/* what there is begins with 3, of which who asks for no number has missed nothing */
	reads(h, 0);
	assert_memory_equal(told, "3 4 5 ", 6);
	reads(h, 1);
	assert_memory_equal(told, "(1-2) 3 4 5 ", 12);
	snprintf(want, sizeof(want), "%u %u", ROOM + 1, ROOM + 2);
	assert_string_equal(reads(h, ROOM + 1), want);
}

static void test_lost(void **state)
{
	struct history *h = *state;
	__u64 begun = now_ns();

	put();
	put()->seq |= DAXGUARD_SEQ_LOST;
	/* whom it was lost to is still writing */
	put()->seq |= DAXGUARD_SEQ_LOST | DAXGUARD_SEQ_WRITING;
	put();
	assert_string_equal(reads(h, 0), "1 (2-3) 4");
	put()->seq |= DAXGUARD_SEQ_LOST;
	assert_string_equal(reads(h, 4), "4 (5-5)");
	assert_int_equal(history_reached(h), 6);
	/* a place that a later one has already */
	put()->seq += ROOM;
	put();
	assert_string_equal(reads(h, 6), "(6-6) 7");
	/* nobody was waited for */
	assert_true(now_ns() - begun < 5 * NS_PER_S);
}

static void *publish(void *place)
{
	struct daxguard_history *h = place;

	usleep(50000);
	__atomic_and_fetch(&h->seq, ~DAXGUARD_SEQ_WRITING, __ATOMIC_SEQ_CST);
	return NULL;
}

static void test_being_written(void **state)
{
	struct daxguard_history *place;
	struct history *h = *state;
	pthread_t writer;

	put();
	place = put();
	place->seq |= DAXGUARD_SEQ_WRITING;
	put();
	assert_int_equal(pthread_create(&writer, NULL, publish, place), 0);
	assert_string_equal(reads(h, 0), "1 2 3");
	pthread_join(writer, NULL);
}

static int is_full(const struct event_record *e, __u64 seq, void *ctx)
{
	(void)e;
	(void)ctx;
	return seq == 2 ? -ENOSPC : 0;
}

static void test_broken_off(void **state)
{
	struct history *h = *state;

	put_many(3);
	assert_int_equal(history_read(h, 0, is_full, NULL, NULL), -ENOSPC);
}

static void test_since(void **state)
{
	struct since since;

	(void)state;
	assert_int_equal(since_parse(&since, "seq:1234"), 0);
	assert_int_equal(since.seq, 1234);
	assert_true(since_has(&since, 0));
	assert_int_equal(since_parse(&since, "@5"), 0);
	assert_int_equal(since.seq, 0);
	assert_false(since_has(&since, 4999999999));
	assert_true(since_has(&since, 5000000000));
	assert_int_equal(since_parse(&since, "seq:0"), 2);
	assert_int_equal(since_parse(&since, "seq:"), 2);
	assert_int_equal(since_parse(&since, "seq:-1"), 2);
	assert_int_equal(since_parse(&since, "seq:4611686018427387904"), 2);
	assert_int_equal(since_parse(&since, "1234"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all, begin, end),
		cmocka_unit_test_setup_teardown(test_overwritten, begin, end),
		cmocka_unit_test_setup_teardown(test_lost, begin, end),
		cmocka_unit_test_setup_teardown(test_being_written, begin, end),
		cmocka_unit_test_setup_teardown(test_broken_off, begin, end),
		cmocka_unit_test(test_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
