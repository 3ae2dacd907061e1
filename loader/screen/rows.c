/* SPDX-License-Identifier: GPL-2.0-only */
/* The devices of 'daxguard top' in the order and choice that was asked for. */
#include "screen/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "show/device.h"

#define SHORTEST_MS 100
#define LONGEST_MS 60000

static const char *const sort_names[NR_SORTS] = {
	[SORT_NAME] = "name",	 [SORT_RATE] = "refusals a second", [SORT_REFUSED] = "refused",
	[SORT_AGE] = "hold age", [SORT_ONLINE] = "blocks online",
};

const char *sort_name(enum top_sort sort)
{
	return sort_names[sort];
}

/* While the filter is typed a letter is a letter. */
static void type_filter(struct top_view *view, int key)
{
	size_t len = strlen(view->filter);

	view->selected = 0;
	if (key == TOP_KEY_ENTER || key == TOP_KEY_ESCAPE) {
		view->typing = false;
		if (key == TOP_KEY_ESCAPE)
			view->filter[0] = 0;
	} else if (key == TOP_KEY_BACKSPACE && len) {
		view->filter[len - 1] = 0;
	} else if (key >= ' ' && key < 0x7f && len + 1 < sizeof(view->filter)) {
		view->filter[len] = key;
		view->filter[len + 1] = 0;
	}
}

static void set_interval(struct top_view *view, unsigned int ms)
{
	if (ms >= SHORTEST_MS && ms <= LONGEST_MS)
		view->interval_ms = ms;
}

/* One row up is past the first one 0; what is past the last the page puts right. */
static void move(struct top_view *view, int key)
{
	size_t step = key == TOP_KEY_PAGE_UP || key == TOP_KEY_PAGE_DOWN ? 10 : 1;

	if (key == TOP_KEY_HOME)
		view->selected = 0;
	else if (key == TOP_KEY_END)
		view->selected = (size_t)-1 / 2;
	else if (key == TOP_KEY_UP || key == TOP_KEY_PAGE_UP)
		view->selected -= view->selected < step ? view->selected : step;
	else
		view->selected += step;
}

static enum top_next command(struct top_view *view, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		return TOP_QUIT;
	case '?':
		view->help = true;
		return TOP_DRAW;
	case 's':
		view->sort = (view->sort + 1) % NR_SORTS;
		return TOP_DRAW;
	case 'r':
		view->reverse = !view->reverse;
		return TOP_DRAW;
	case 'h':
		view->held_only = !view->held_only;
		return TOP_DRAW;
	case '/':
		view->typing = true;
		view->filter[0] = 0;
		return TOP_DRAW;
	case TOP_KEY_ESCAPE:
		view->filter[0] = 0;
		return TOP_DRAW;
	case ' ':
		view->paused = !view->paused;
		return view->paused ? TOP_DRAW : TOP_LOOK;
	case '+':
		set_interval(view, view->interval_ms * 2);
		return TOP_DRAW;
	case '-':
		set_interval(view, view->interval_ms / 2);
		return TOP_DRAW;
	case TOP_KEY_ENTER:
		return TOP_LOOK;
	}
	return TOP_DRAW;
}

enum top_next top_key(struct top_view *view, int key)
{
	if (key == TOP_KEY_RESIZE)
		return TOP_DRAW;
	if (view->help) {
		view->help = false; /* whatever the key is */
		return key == 'q' || key == 'Q' ? TOP_QUIT : TOP_DRAW;
	}
	if (view->typing) {
		type_filter(view, key);
		return TOP_DRAW;
	}
	if (key == 'k')
		key = TOP_KEY_UP;
	if (key == 'j')
		key = TOP_KEY_DOWN;
	if (key >= TOP_KEY_UP && key <= TOP_KEY_END) {
		move(view, key);
		return TOP_DRAW;
	}
	return command(view, key);
}

static bool has(const struct top_view *view, const char *text)
{
	return strcasestr(text, view->filter) != NULL;
}

bool top_shows(const struct top_view *view, const struct who *who)
{
	return has(view, who->program) || has(view, who->device);
}

static bool wanted(const struct top_view *view, const struct sample *sample,
		   const struct top_row *row)
{
	size_t i;

	if (view->held_only && !row->held)
		return false;
	if (has(view, row->dev->name) || (row->held && has(view, row->held->holder)))
		return true;
	for (i = 0; i < sample->who.nr; i++)
		if (!strcmp(sample->who.list[i].device, row->dev->name) &&
		    has(view, sample->who.list[i].program))
			return true;
	return false;
}

/* More than 0 where Y comes first: the most of it, by name where it is the same. */
static int by_what(enum top_sort sort, const struct top_row *x, const struct top_row *y)
{
	double a = 0, b = 0;

	if (sort == SORT_RATE) {
		a = x->rate;
		b = y->rate;
	} else if (sort == SORT_REFUSED) {
		a = x->refused;
		b = y->refused;
	} else if (sort == SORT_AGE) {
		a = x->held ? x->held->age_ns + 1 : 0;
		b = y->held ? y->held->age_ns + 1 : 0;
	} else if (sort == SORT_ONLINE) {
		a = x->online;
		b = y->online;
	}
	if (a != b)
		return a < b ? 1 : -1;
	return compare_names(x->dev->name, y->dev->name);
}

static int compare(const void *a, const void *b, void *ctx)
{
	const struct top_view *view = ctx;
	int order = by_what(view->sort, a, b);

	return view->reverse ? -order : order;
}

int top_rows(struct top_rows *rows, const struct sample *sample, const struct top_view *view)
{
	const struct dax_device *dev;
	struct top_row row;
	size_t i;

	*rows = (struct top_rows){};
	rows->list = calloc(sample->devices.nr + 1, sizeof(*rows->list));
	if (!rows->list)
		return -ENOMEM;
	for (i = 0; i < sample->devices.nr; i++) {
		dev = &sample->devices.dev[i];
		row = (struct top_row){ .dev = dev, .held = sample_held(sample, dev->name) };
		row.online = count_online(dev);
		row.blocks = row.online + dax_count(dev, BLOCK_OFFLINE);
		row.refused = who_refused(&sample->who, dev->name, &row.rate);
		if (wanted(view, sample, &row))
			rows->list[rows->nr++] = row;
	}
	qsort_r(rows->list, rows->nr, sizeof(*rows->list), compare, (void *)view);
	return 0;
}
