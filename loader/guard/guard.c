/* SPDX-License-Identifier: GPL-2.0-only */
/* What the loaded guard's maps say, for the verbs that report. */
#include "guard/guard.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "control.h"
#include "guard/pins.h"
#include "show/pid.h"
#include "show/report.h"

#define NS_PER_MS 1000000ULL

/* A map that changes meanwhile may start over for good: MOST ends that. */
static int walk(int fd, char *key, char *next, char *value, __u64 most, size_t key_size,
		guard_entry_fn fn, void *ctx)
{
	char *prev = NULL;
	int err;

	while (most-- && !bpf_map_get_next_key(fd, prev, next)) {
		memcpy(key, next, key_size);
		prev = key;
		if (bpf_map_lookup_elem(fd, key, value))
			continue; /* gone since */
		err = fn(key, value, ctx);
		if (err)
			return err;
	}
	return 0;
}

/* The pinned map NAME, of keys and values of these sizes.  Descriptor or a negative errno. */
static int open_sized(const char *name, size_t key_size, size_t value_size,
		      struct bpf_map_info *info)
{
	__u32 len = sizeof(*info);
	int err = 0, fd = pins_map(name);

	if (fd < 0)
		return fd;
	if (bpf_obj_get_info_by_fd(fd, info, &len))
		err = -errno;
	else if (info->key_size != key_size || info->value_size != value_size)
		err = -EPROTO;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int guard_walk(const char *name, size_t key_size, size_t value_size, guard_entry_fn fn,
	       void *ctx)
{
	struct bpf_map_info info = {};
	char *room;
	int fd = open_sized(name, key_size, value_size, &info);
	int err = -ENOMEM;

	if (fd < 0)
		return fd;
	room = calloc(1, 2 * key_size + value_size);
	if (room)
		err = walk(fd, room + value_size, room + value_size + key_size, room,
			   2ULL * info.max_entries, key_size, fn, ctx);
	free(room);
	close(fd);
	return err;
}

int guard_entry(const char *name, const struct daxguard_name *device, void *value,
		size_t value_size)
{
	struct bpf_map_info info = {};
	int err, fd = open_sized(name, sizeof(*device), value_size, &info);

	if (fd < 0)
		return fd;
	err = bpf_map_lookup_elem(fd, device, value) ? -errno : 0;
	close(fd);
	return err;
}

int guard_failed(int err)
{
	return fail(EXIT_FAILED,
		    "the maps under '" PIN_MAPS "' cannot be read (%s): see 'daxguard check'",
		    strerror(-err));
}

/* LIST, of which NR elements are in use, with room for one more; or NULL. */
static void *grow(void *list, size_t nr, size_t size)
{
	/* in powers of two: a big machine has many blocks */
	if (nr & (nr - 1))
		return list;
	return reallocarray(list, nr ? 2 * nr : 1, size);
}

/*
 * A transition's fields belong together only while its state stands still.  A
 * claim lasts as long as a few stores: wait for it.
 */
static bool read_held(int map, struct guard_transition *held)
{
	struct daxguard_transition again;
	int tries;

	for (tries = 0; tries < 100; tries++) {
		if (bpf_map_lookup_elem(map, &held->device, &held->t) ||
		    DAXGUARD_PHASE(held->t.state) == DAXGUARD_FREE)
			return false;
		if (DAXGUARD_PHASE(held->t.state) == DAXGUARD_HELD &&
		    !bpf_map_lookup_elem(map, &held->device, &again) &&
		    again.state == held->t.state)
			return true;
		sched_yield();
	}
	return true;
}

struct transitions_walk {
	struct guard_transitions *running;
	int map;
};

static int add_transition(const void *key, const void *value, void *ctx)
{
	const struct daxguard_transition *t = value;
	struct transitions_walk *w = ctx;
	struct guard_transition held = {}, *list;

	memcpy(&held.device, key, sizeof(held.device));
	held.device.name[DAXGUARD_NAME_LEN - 1] = 0;
	if (DAXGUARD_PHASE(t->state) == DAXGUARD_FREE || !read_held(w->map, &held))
		return 0;
	list = grow(w->running->list, w->running->nr, sizeof(*list));
	if (!list)
		return -ENOMEM;
	w->running->list = list;
	list[w->running->nr++] = held;
	return 0;
}

static int compare_transitions(const void *a, const void *b)
{
	const struct guard_transition *x = a, *y = b;

	return compare_names(x->device.name, y->device.name);
}

/* When the adopted ones were last changed, as long as that is about the same transition. */
static void read_changed(struct guard_transitions *running)
{
	struct guard_transition *held = running->list;
	struct daxguard_adopted adopted;
	int map = pins_map("adopted");

	if (map < 0)
		return;
	for (size_t i = 0; i < running->nr; i++, held++)
		if (held->t.kind == DAXGUARD_KIND_ADOPTED &&
		    !bpf_map_lookup_elem(map, &held->device, &adopted) &&
		    DAXGUARD_NEXT(adopted.state) == DAXGUARD_NEXT(held->t.state))
			held->changed_ns = adopted.changed_ns;
	close(map);
}

int guard_transitions(struct guard_transitions *running)
{
	struct transitions_walk w = { .running = running };
	int err;

	memset(running, 0, sizeof(*running));
	w.map = pins_map("transitions");
	if (w.map < 0)
		return w.map;
	err = guard_walk("transitions", sizeof(struct daxguard_name),
			 sizeof(struct daxguard_transition), add_transition, &w);
	close(w.map);
	read_changed(running);
	if (running->nr)
		qsort(running->list, running->nr, sizeof(*running->list), compare_transitions);
	return err;
}

const struct guard_transition *guard_held(const struct guard_transitions *running,
					  const char *device)
{
	size_t i;

	for (i = 0; i < running->nr; i++)
		if (!strcmp(running->list[i].device.name, device))
			return &running->list[i];
	return NULL;
}

static __u64 ms_since(__u64 ns)
{
	__u64 now = now_ns();

	return now > ns ? (now - ns) / NS_PER_MS : 0;
}

/* What is left until the deadline, 0 where it is over and not noticed yet. */
static __u64 left_ms(const struct guard_transition *held)
{
	__u64 now = now_ns();

	return held->t.deadline_ns > now ? (held->t.deadline_ns - now) / NS_PER_MS : 0;
}

struct json_object *guard_transition_json(const struct guard_transition *held)
{
	const struct daxguard_transition *t = &held->t;
	struct json_object *obj = json_object_new_object();
	struct json_object *owner = json_object_new_object();

	add_pid(owner, t->named_pid);
	json_object_object_add(owner, "comm", json_text(t->named_comm, sizeof(t->named_comm)));
	json_object_object_add(obj, "device",
			       json_text(held->device.name, sizeof(held->device.name)));
	json_object_object_add(obj, "kind", json_object_new_string(kind_name(t->kind)));
	json_object_object_add(obj, "owner", owner);
	json_object_object_add(obj, "age_ms", json_number(ms_since(t->begin_ns)));
	json_object_object_add(obj, "deadline_ms",
			       t->deadline_ns ? json_number(left_ms(held)) : NULL);
	json_object_object_add(obj, "refused", json_number(t->refused));
	json_object_object_add(obj, "audited", json_number(t->audited));
	json_object_object_add(obj, "begun", json_object_new_boolean(t->begun));
	if (t->kind == DAXGUARD_KIND_ADOPTED)
		json_object_object_add(
			obj, "idle_ms",
			held->changed_ns ? json_number(ms_since(held->changed_ns)) : NULL);
	return obj;
}

void guard_transition_text(const struct guard_transition *held, char *buf, size_t size)
{
	const struct daxguard_transition *t = &held->t;
	char comm[DAXGUARD_COMM_LEN + 1], left[48] = "no deadline", pid[48];
	char idle[48] = "";

	pid_text(pid, sizeof(pid), t->named_pid);
	if (t->deadline_ns)
		snprintf(left, sizeof(left), "%.1f s left", left_ms(held) / 1000.0);
	if (t->kind == DAXGUARD_KIND_ADOPTED && held->changed_ns)
		snprintf(idle, sizeof(idle), ", idle %.1f s",
			 ms_since(held->changed_ns) / 1000.0);
	snprintf(buf, size, "%s by %s (%s), %.1f s, %s, %llu refused%s%s", kind_name(t->kind),
		 pid, clean_text(comm, sizeof(comm), t->named_comm, sizeof(t->named_comm)),
		 ms_since(t->begin_ns) / 1000.0, left, t->refused, idle,
		 t->begun ? "" : ", waiting for writes under way");
}

void guard_holder_text(const struct guard_transition *held, char *buf, size_t size)
{
	const struct daxguard_transition *t = &held->t;
	char comm[DAXGUARD_COMM_LEN + 1], pid[48];

	pid_text(pid, sizeof(pid), t->named_pid);
	snprintf(buf, size, "%s (%s)", pid,
		 clean_text(comm, sizeof(comm), t->named_comm, sizeof(t->named_comm)));
}

static int add_block(const void *key, const void *value, void *ctx)
{
	struct guard_blocks *known = ctx;
	struct guard_block *list;

	list = grow(known->list, known->nr, sizeof(*list));
	if (!list)
		return -ENOMEM;
	known->list = list;
	list += known->nr++;
	memcpy(&list->nr, key, sizeof(list->nr));
	memcpy(&list->device, value, sizeof(list->device));
	list->device.name[DAXGUARD_NAME_LEN - 1] = 0;
	return 0;
}

static int compare_blocks(const void *a, const void *b)
{
	const struct guard_block *x = a, *y = b;

	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

/* The walk starts over when an entry goes: what it saw twice is one block. */
static void drop_doubles(struct guard_blocks *known)
{
	size_t in, out = 0;

	for (in = 0; in < known->nr; in++)
		if (!out || known->list[in].nr != known->list[out - 1].nr)
			known->list[out++] = known->list[in];
	known->nr = out;
}

int guard_blocks(struct guard_blocks *known)
{
	int err;

	memset(known, 0, sizeof(*known));
	err = guard_walk("blocks", sizeof(__u32), sizeof(struct daxguard_block), add_block,
			 known);
	if (known->nr)
		qsort(known->list, known->nr, sizeof(*known->list), compare_blocks);
	drop_doubles(known);
	return err;
}

/* Blocks that the guard should know: all of a kmem device, and any left behind. */
static bool should_know(const struct dax_device *dev, const struct dax_block *block)
{
	return dax_is_kmem(dev) || block->state != BLOCK_ABSENT;
}

bool guard_blocks_agree(const struct guard_blocks *known, const struct dax_device *dev)
{
	const struct guard_block *found;
	struct guard_block want = {};
	size_t i, own = 0, wanted = 0;

	for (i = 0; i < known->nr; i++)
		own += !strcmp(known->list[i].device.name, dev->name);
	for (i = 0; i < dev->nr_blocks; i++) {
		if (!should_know(dev, &dev->blocks[i]))
			continue;
		wanted++;
		want.nr = dev->blocks[i].nr;
		found = known->nr ? bsearch(&want, known->list, known->nr, sizeof(want),
					    compare_blocks)
				  : NULL;
		if (!found || strcmp(found->device.name, dev->name))
			return false;
	}
	return own == wanted;
}
