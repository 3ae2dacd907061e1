/* SPDX-License-Identifier: GPL-2.0-only */
/* Pinned maps without a kernel: what libbpf's functions do to them, for tests of what is in
 * them. */
#ifndef DAXGUARD_FAKE_MAPS_H
#define DAXGUARD_FAKE_MAPS_H

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "daxguard_origins.h"

#define FAKE_ROOM 400
#define FAKE_MOST_FDS 64

struct fake_map {
	const char *name;
	size_t key_size;
	size_t value_size;
	size_t room;
	bool gone; /* nothing is pinned by that name */
	size_t written; /* how often an entry was put or taken away */
	size_t nr;
	unsigned char *keys; /* of FAKE_ROOM */
	unsigned char *values;
};

static struct fake_map fake_maps[] = {
	{ .name = "allow",
	  .key_size = sizeof(struct daxguard_allow_key),
	  .value_size = sizeof(struct daxguard_allow),
	  .room = 4 },
	{ .name = "controllers",
	  .key_size = sizeof(struct daxguard_allow_key),
	  .value_size = sizeof(struct daxguard_allow),
	  .room = 2 },
	{ .name = "programs",
	  .key_size = sizeof(struct daxguard_path),
	  .value_size = sizeof(struct daxguard_program),
	  .room = 6 },
	{ .name = "policy",
	  .key_size = sizeof(struct daxguard_name),
	  .value_size = sizeof(struct daxguard_policy),
	  .room = 6 },
	{ .name = "policy_more",
	  .key_size = sizeof(struct daxguard_name),
	  .value_size = sizeof(struct daxguard_policy_more),
	  .room = 6 },
	{ .name = "origins",
	  .key_size = sizeof(struct daxguard_origin_key),
	  .value_size = sizeof(struct daxguard_origin),
	  .room = FAKE_ROOM },
	{ .name = "requests",
	  .key_size = sizeof(__u32),
	  .value_size = sizeof(struct daxguard_request),
	  .room = 1 },
	{ .name = "tally",
	  .key_size = sizeof(struct daxguard_tally_key),
	  .value_size = sizeof(struct daxguard_tally),
	  .room = 8 },
};

static struct fake_map *fake_fds[FAKE_MOST_FDS];

/* What the task iterator was asked since. */
static struct daxguard_request fake_asked[8];
static size_t fake_nr_asked;

/* Called after each change of an entry, for tests of what is in force in between. */
static void (*fake_update)(void);

static inline void fake_changed(struct fake_map *m)
{
	m->written++;
	if (fake_update)
		fake_update();
}

static inline struct fake_map *fake_map(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(fake_maps); i++)
		if (!strcmp(fake_maps[i].name, name))
			return &fake_maps[i];
	return NULL;
}

static inline void fake_empty(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(fake_maps); i++) {
		struct fake_map *m = &fake_maps[i];

		free(m->keys);
		free(m->values);
		m->keys = calloc(FAKE_ROOM, m->key_size);
		m->values = calloc(FAKE_ROOM, m->value_size);
		m->nr = 0;
		m->written = 0;
		m->gone = false;
	}
	fake_nr_asked = 0;
	fake_update = NULL;
}

static inline void fake_free(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(fake_maps); i++) {
		free(fake_maps[i].keys);
		free(fake_maps[i].values);
	}
}

static inline size_t fake_find(const struct fake_map *m, const void *key)
{
	size_t i;

	for (i = 0; i < m->nr; i++)
		if (!memcmp(m->keys + i * m->key_size, key, m->key_size))
			break;
	return i;
}

static inline int fake_error(int err)
{
	errno = err;
	return -err;
}

int bpf_obj_get(const char *path)
{
	struct fake_map *m = fake_map(strrchr(path, '/') + 1);
	int fd;

	if (m && m->gone)
		return fake_error(ENOENT);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd >= FAKE_MOST_FDS)
		abort();
	fake_fds[fd] = m;
	return fd;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	const struct fake_map *m = fake_fds[fd];
	size_t i = fake_find(m, key);

	if (i == m->nr)
		return fake_error(ENOENT);
	memcpy(value, m->values + i * m->value_size, m->value_size);
	return 0;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	struct fake_map *m = fake_fds[fd];
	size_t i = fake_find(m, key);

	if (i < m->nr && flags == BPF_NOEXIST)
		return fake_error(EEXIST);
	if (i == m->room)
		return fake_error(E2BIG);
	memcpy(m->keys + i * m->key_size, key, m->key_size);
	memcpy(m->values + i * m->value_size, value, m->value_size);
	m->nr += i == m->nr;
	fake_changed(m);
	return 0;
}

int bpf_map_delete_elem(int fd, const void *key)
{
	struct fake_map *m = fake_fds[fd];
	size_t i = fake_find(m, key);

	if (i == m->nr)
		return fake_error(ENOENT);
	m->nr--;
	memmove(m->keys + i * m->key_size, m->keys + (i + 1) * m->key_size,
		(m->nr - i) * m->key_size);
	memmove(m->values + i * m->value_size, m->values + (i + 1) * m->value_size,
		(m->nr - i) * m->value_size);
	fake_changed(m);
	return 0;
}

int bpf_map_get_next_key(int fd, const void *key, void *next)
{
	const struct fake_map *m = fake_fds[fd];
	size_t i = key ? fake_find(m, key) + 1 : 0;

	if (i > m->nr) /* that one is gone: from the start */
		i = 0;
	if (i == m->nr)
		return fake_error(ENOENT);
	memcpy(next, m->keys + i * m->key_size, m->key_size);
	return 0;
}

int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *len)
{
	const struct fake_map *m = fake_fds[fd];

	memset(info, 0, *len);
	*(struct bpf_map_info *)info = (struct bpf_map_info){ .key_size = m->key_size,
							      .value_size = m->value_size,
							      .max_entries = FAKE_ROOM };
	return 0;
}

/* daxguard_ctl: says that the caller is thread 7. */
int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *run)
{
	struct daxguard_ctl *ctl = (void *)run->ctx_in;

	(void)fd;
	ctl->named_pid = 7;
	return 0;
}

/* The iterator sees no task, and remembers what it was asked. */
int bpf_iter_create(int link)
{
	const struct fake_map *m = fake_map("requests");

	(void)link;
	if (!m->nr || fake_nr_asked == ARRAY_SIZE(fake_asked))
		abort();
	memcpy(&fake_asked[fake_nr_asked++], m->values, m->value_size);
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

#endif
