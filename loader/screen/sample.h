/* SPDX-License-Identifier: GPL-2.0-only */
/* One look at the devices and the guard: all that a screen of 'daxguard top' is drawn from. */
#ifndef DAXGUARD_SAMPLE_H
#define DAXGUARD_SAMPLE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "guard/counters.h"
#include "model.h"
#include "screen/who.h"

/* A transition, in words where they need the machine. */
struct sample_held {
	char device[DAXGUARD_NAME_LEN];
	const char *kind;
	char holder[DAXGUARD_COMM_LEN + 48]; /* "4711 (daxctl)" */
	char text[256]; /* the same as 'daxguard status' has it */
	__u64 age_ns;
};

struct sample {
	__u64 at_ns; /* CLOCK_BOOTTIME */
	__u64 when; /* nanoseconds since 1970 */
	bool loaded;
	char why_not[512]; /* where it is not loaded */
	const char *mode; /* of '*' */
	char hooks[40];
	const char *problem; /* why it does nothing although it is loaded, or NULL */
	struct counter counters[NR_COUNTERS];
	double refused_rate; /* a second */
	struct dax_devices devices;
	struct sample_held *held; /* by device */
	size_t nr_held;
	struct who_list who;
};

/*
 * Take a look.  That the guard is not loaded, or cannot be read, stands in it and is no
 * error.  Returns 0 or a negative errno, of the devices; sample_free() in both cases.
 */
int sample_take(struct sample *sample);

/* Fill in the rates, by what has happened since BEFORE, and sort who it was. */
void sample_rates(struct sample *now, const struct sample *before);

/* NULL where nobody holds the device. */
const struct sample_held *sample_held(const struct sample *sample, const char *device);

/* The sum of the counter of that name; 0 where there is none. */
__u64 sample_counter(const struct sample *sample, const char *name);

void sample_free(struct sample *sample);

#endif
