/* SPDX-License-Identifier: GPL-2.0-only */
/* The devices of 'daxguard top' in the order and choice that was asked for. */
#ifndef DAXGUARD_ROWS_H
#define DAXGUARD_ROWS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "screen/sample.h"

enum top_sort {
	SORT_NAME,
	SORT_RATE,
	SORT_REFUSED,
	SORT_AGE,
	SORT_ONLINE,
	NR_SORTS,
};

/* Keys that are no characters, as top_key() takes them. */
enum top_key {
	TOP_KEY_UP = 0x200,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_BACKSPACE,
	TOP_KEY_ENTER,
	TOP_KEY_ESCAPE,
	TOP_KEY_RESIZE,
};

/* What is shown of a sample, and how. */
struct top_view {
	enum top_sort sort;
	bool reverse;
	bool held_only;
	bool paused;
	bool help;
	bool typing; /* the filter is being typed */
	char filter[32]; /* in the name of a device, its holder or a program */
	size_t selected; /* among the rows */
	size_t first; /* the row at the top of the list */
	unsigned int interval_ms;
};

/* What a key asks for besides a screen that is drawn anew. */
enum top_next {
	TOP_DRAW,
	TOP_LOOK, /* take a sample now */
	TOP_QUIT,
};

/* Take a key: it changes the view. */
enum top_next top_key(struct top_view *view, int key);

/* What it is sorted by, for people. */
const char *sort_name(enum top_sort sort);

struct top_row {
	const struct dax_device *dev;
	const struct sample_held *held; /* or NULL */
	size_t online; /* blocks */
	size_t blocks; /* that are there */
	__u64 refused;
	double rate; /* refusals a second */
};

struct top_rows {
	struct top_row *list; /* points into the sample */
	size_t nr;
};

/* Returns 0 or -ENOMEM; free(list) in both cases. */
int top_rows(struct top_rows *rows, const struct sample *sample, const struct top_view *view);

/* Does the filter let this one of the refused programs be seen? */
bool top_shows(const struct top_view *view, const struct who *who);

#endif
