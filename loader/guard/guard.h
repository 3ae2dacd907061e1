/* SPDX-License-Identifier: GPL-2.0-only */
/* What the loaded guard's maps say, for the verbs that report. */
#ifndef DAXGUARD_GUARD_H
#define DAXGUARD_GUARD_H

#include <json-c/json.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "daxguard.h"
#include "model.h"

/* A call for each entry; anything but 0 ends the walk and is its result. */
typedef int (*guard_entry_fn)(const void *key, const void *value, void *ctx);

/*
 * Walk the pinned hash map NAME, whose keys and values have these sizes.  Returns
 * 0, what FN returned, or a negative errno (-EPROTO: other sizes).
 */
int guard_walk(const char *name, size_t key_size, size_t value_size, guard_entry_fn fn,
	       void *ctx);

/*
 * Fill VALUE with what the pinned map NAME, of a value of VALUE_SIZE bytes for each device,
 * has for DEVICE.  Returns 0 or a negative errno (-EPROTO: other sizes).
 */
int guard_entry(const char *name, const struct daxguard_name *device, void *value,
		size_t value_size);

/* Say that the maps cannot be read for that errno; EXIT_FAILED. */
int guard_failed(int err);

/* The running transitions. */
struct guard_transition {
	struct daxguard_name device;
	struct daxguard_transition t;
	__u64 changed_ns; /* adopted: of the last change, CLOCK_BOOTTIME; 0: not known */
};

struct guard_transitions {
	struct guard_transition *list; /* by device */
	size_t nr;
};

/* Returns 0 or a negative errno; free(list) in both cases. */
int guard_transitions(struct guard_transitions *running);

/* NULL where the device is not held. */
const struct guard_transition *guard_held(const struct guard_transitions *running,
					  const char *device);

/* As in `status` and `list`. */
struct json_object *guard_transition_json(const struct guard_transition *held);

/*
 * "declared by 4711 (daxctl), 12.3 s, 587.7 s left, 3 refused", in BUF; of an adopted one
 * also ", idle 2.1 s".
 */
void guard_transition_text(const struct guard_transition *held, char *buf, size_t size);

/* "4711 (daxctl)", in BUF. */
void guard_holder_text(const struct guard_transition *held, char *buf, size_t size);

/* What the map "blocks" has. */
struct guard_block {
	__u32 nr;
	struct daxguard_name device;
};

struct guard_blocks {
	struct guard_block *list; /* by number */
	size_t nr;
};

/* Returns 0 or a negative errno; free(list) in both cases. */
int guard_blocks(struct guard_blocks *known);

/* Whether the guard knows the blocks that the device has, and no others as its. */
bool guard_blocks_agree(const struct guard_blocks *known, const struct dax_device *dev);

#endif
