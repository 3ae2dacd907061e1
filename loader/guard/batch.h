/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes of several entries of pinned maps: in an order that opens no hole, all or none. */
#ifndef DAXGUARD_BATCH_H
#define DAXGUARD_BATCH_H

#include <stddef.h>

/* Room for the keys and values of the maps that are changed like that. */
#define BATCH_KEY 32
#define BATCH_VALUE 128
#define BATCH_MAPS 8

struct batch_op;

/*
 * In this order, in which none opens a hole: who is refused neither by what was nor by what
 * is to be may be refused for a moment, who is refused by both never gets through.
 */
enum batch_phase {
	BATCH_ORIGINS_FIRST, /* of what is put on a list */
	BATCH_TIGHTER, /* who is never refused goes; what changes last gets an own entry */
	BATCH_DEVICES, /* entries of devices are written, */
	BATCH_ANY, /* then that of '*', */
	BATCH_FALL_BACK, /* and devices without one fall back to it; */
	BATCH_CONTROLLERS, /* looser for them, tighter for all others */
	BATCH_LAST, /* see policy_last_half() */
	BATCH_LOOSER,
	BATCH_ORIGINS,
};

struct batch {
	struct batch_op *list;
	size_t nr;
	enum batch_phase phase; /* of what is added next */
	size_t done; /* that had to be changed, once it has run */
	const char *failed; /* the map of the one that could not be */
	int err; /* no memory for one of them */
};

/* MAP is a text that lasts.  An entry that is as it is to be already is not touched. */
void batch_put(struct batch *b, const char *map, const void *key, size_t key_size,
	       const void *value, size_t value_size);
void batch_drop(struct batch *b, const char *map, const void *key, size_t key_size,
		size_t value_size);

/*
 * Make them, phase by phase.  Each entry is changed in one step, from what it was to what it is
 * to be.  Where one cannot be made, those before it are taken back.  Returns 0 or a negative
 * errno.
 */
int batch_run(struct batch *b);

void batch_free(struct batch *b);

#endif
