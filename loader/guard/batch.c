// SPDX-License-Identifier: GPL-2.0-only
/* Changes of several entries of pinned maps: in an order that opens no hole, all or none. */
#include "guard/batch.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/pins.h"
#include "show/report.h"

struct batch_op {
	enum batch_phase phase;
	size_t nr; /* in its phase they come as they were added */
	const char *map;
	size_t value_size;
	bool put; /* else it is to go */
	bool had; /* there was one before, */
	bool changed; /* which is another now */
	char key[BATCH_KEY];
	char value[BATCH_VALUE];
	char before[BATCH_VALUE];
};

static void add(struct batch *b, const struct batch_op *op)
{
	struct batch_op *list = reallocarray(b->list, b->nr + 1, sizeof(*list));

	if (!list) {
		b->err = -ENOMEM;
		return;
	}
	b->list = list;
	list[b->nr] = *op;
	list[b->nr].phase = b->phase;
	list[b->nr].nr = b->nr;
	b->nr++;
}

void batch_put(struct batch *b, const char *map, const void *key, size_t key_size,
	       const void *value, size_t value_size)
{
	struct batch_op op = { .map = map, .value_size = value_size, .put = true };

	memcpy(op.key, key, key_size);
	memcpy(op.value, value, value_size);
	add(b, &op);
}

void batch_drop(struct batch *b, const char *map, const void *key, size_t key_size,
		size_t value_size)
{
	struct batch_op op = { .map = map, .value_size = value_size };

	memcpy(op.key, key, key_size);
	add(b, &op);
}

/* The maps that are open. */
struct maps {
	const char *name[BATCH_MAPS];
	int fd[BATCH_MAPS];
	size_t nr;
};

static int map_of(struct maps *maps, const char *name)
{
	size_t i;
	int fd;

	for (i = 0; i < maps->nr; i++)
		if (!strcmp(maps->name[i], name))
			return maps->fd[i];
	fd = i < BATCH_MAPS ? pins_map(name) : -EMFILE;
	if (fd >= 0) {
		maps->name[i] = name;
		maps->fd[maps->nr++] = fd;
	}
	return fd;
}

static int put(int fd, const void *key, const void *value)
{
	return bpf_map_update_elem(fd, key, value, BPF_ANY) ? -errno : 0;
}

static int drop(int fd, const void *key)
{
	return bpf_map_delete_elem(fd, key) ? -errno : 0;
}

static int make(struct maps *maps, struct batch_op *op)
{
	int err, fd = map_of(maps, op->map);

	if (fd < 0)
		return fd;
	op->had = !bpf_map_lookup_elem(fd, op->key, op->before);
	if (!op->had && errno != ENOENT)
		return -errno;
	if (op->put ? op->had && !memcmp(op->before, op->value, op->value_size) : !op->had)
		return 0;
	err = op->put ? put(fd, op->key, op->value) : drop(fd, op->key);
	op->changed = !err;
	return err;
}

static void take_back(struct maps *maps, const struct batch_op *op)
{
	int fd = map_of(maps, op->map);

	if (op->had ? put(fd, op->key, op->before) : drop(fd, op->key))
		warn("an entry of the map '" PIN_MAPS "/%s' cannot be put back: see "
		     "'daxguard policy list'",
		     op->map);
}

static void take_all_back(struct batch *b, struct maps *maps, size_t nr)
{
	while (nr--)
		if (b->list[nr].changed)
			take_back(maps, &b->list[nr]);
}

static int compare(const void *a, const void *b)
{
	const struct batch_op *x = a, *y = b;

	if (x->phase != y->phase)
		return x->phase < y->phase ? -1 : 1;
	return x->nr < y->nr ? -1 : 1;
}

int batch_run(struct batch *b)
{
	struct maps maps = {};
	int err = b->err;
	size_t i;

	if (b->nr)
		qsort(b->list, b->nr, sizeof(*b->list), compare);
	b->done = 0;
	for (i = 0; !err && i < b->nr; i++) {
		err = make(&maps, &b->list[i]);
		b->done += b->list[i].changed;
	}
	if (err && i) {
		b->failed = b->list[i - 1].map;
		take_all_back(b, &maps, i);
	}
	for (i = 0; i < maps.nr; i++)
		close(maps.fd[i]);
	return err;
}

void batch_free(struct batch *b)
{
	free(b->list);
	*b = (struct batch){};
}
