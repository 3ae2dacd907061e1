/* SPDX-License-Identifier: GPL-2.0-only */
/* The history as a picture: blocks down, time across; what is where, in pixels. */
#include "screen/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "clock.h"
#include "text.h"

#define DEVICE_HEIGHT 20
#define ROW_HEIGHT 13
#define GAP 8 /* between two devices */
#define NS_PER_MS 1000000ULL

/* One more element at the end of a list, all zero; NULL where no memory is left. */
static void *add(void **list, size_t *nr, size_t size)
{
	char *more = *list;

	/* in powers of two: there are many events */
	if (!(*nr & (*nr - 1))) {
		more = reallocarray(*list, *nr ? 2 * *nr : 1, size);
		if (!more)
			return NULL;
		*list = more;
	}
	memset(more + *nr * size, 0, size);
	return more + (*nr)++ * size;
}

#define ADD(list, nr) add((void **)&(list), &(nr), sizeof(*(list)))

static bool is_named(const struct timeline_input *in, const char *device)
{
	size_t i;

	for (i = 0; i < in->nr_names; i++)
		if (!strcmp(in->names[i], device))
			return true;
	return !in->nr_names;
}

/* An event that is drawn; begins as all zero. */
struct drawn {
	const struct timeline_event *e;
	char device[DAXGUARD_NAME_LEN + 1];
};

/* The first event that is drawn, or the next after D; false: there is none. */
static bool next_drawn(const struct timeline_input *in, struct drawn *d)
{
	size_t i = d->e ? d->e - in->events + 1 : 0;

	for (; i < in->nr; i++) {
		d->e = &in->events[i];
		clean_text(d->device, sizeof(d->device), d->e->event.device,
			   sizeof(d->e->event.device));
		if (is_named(in, d->device))
			return true;
	}
	return false;
}

static struct timeline_device *find_device(const struct timeline *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->nr_devices; i++)
		if (!strcmp(t->devices[i].name, name))
			return &t->devices[i];
	return NULL;
}

static struct timeline_device *need_device(struct timeline *t, const char *name)
{
	struct timeline_device *dev = find_device(t, name);

	if (!dev)
		dev = ADD(t->devices, t->nr_devices);
	if (dev)
		snprintf(dev->name, sizeof(dev->name), "%s", name);
	return dev;
}

static bool add_block(struct timeline_device *dev, __u32 nr)
{
	__u32 *block;
	size_t i;

	/* events come in bursts about the same ones */
	for (i = dev->nr_blocks; i-- > 0;)
		if (dev->blocks[i] == nr)
			return true;
	block = ADD(dev->blocks, dev->nr_blocks);
	if (block)
		*block = nr;
	return block;
}

static int compare_devices(const void *a, const void *b)
{
	const struct timeline_device *x = a, *y = b;

	/* what is about no device comes last */
	if (!*x->name != !*y->name)
		return *x->name ? -1 : 1;
	return compare_names(x->name, y->name);
}

static int compare_blocks(const void *a, const void *b)
{
	const __u32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Blocks that are there now, of a device that something has happened to or that is named. */
static int add_present(struct timeline *t, const struct timeline_input *in)
{
	const struct dax_device *present;
	struct timeline_device *dev;
	size_t i, j;

	for (i = 0; in->devices && i < in->devices->nr; i++) {
		present = &in->devices->dev[i];
		if (!is_named(in, present->name) || !present->nr_blocks)
			continue;
		dev = in->nr_names ? need_device(t, present->name)
				   : find_device(t, present->name);
		if (!dev && in->nr_names)
			return -ENOMEM;
		for (j = 0; dev && j < present->nr_blocks; j++)
			if (!add_block(dev, present->blocks[j].nr))
				return -ENOMEM;
	}
	return 0;
}

static int collect_one(struct timeline *t, const struct drawn *d)
{
	const struct daxguard_event *event = &d->e->event;
	struct timeline_device *dev = need_device(t, d->device);

	if (!dev || (event->block >= 0 && !add_block(dev, event->block)))
		return -ENOMEM;
	t->nr_events++;
	return who_add(&t->who, event, d->e->when) ? -ENOMEM : 0;
}

static int collect(struct timeline *t, const struct timeline_input *in)
{
	struct drawn d = {};

	while (next_drawn(in, &d))
		if (collect_one(t, &d))
			return -ENOMEM;
	return add_present(t, in);
}

/* Up to so many rows, each of as many blocks as the others. */
static int lay_blocks(struct timeline *t, struct timeline_device *dev)
{
	size_t each = (dev->nr_blocks + TIMELINE_MOST_ROWS - 1) / TIMELINE_MOST_ROWS, at, nr;
	struct timeline_row *row;

	for (at = 0; at < dev->nr_blocks; at += nr) {
		nr = dev->nr_blocks - at < each ? dev->nr_blocks - at : each;
		row = ADD(t->rows, t->nr_rows);
		if (!row)
			return -ENOMEM;
		*row = (struct timeline_row){ .first = dev->blocks[at],
					      .last = dev->blocks[at + nr - 1],
					      .nr = nr,
					      .y = t->height };
		t->height += ROW_HEIGHT;
	}
	return 0;
}

static int lay_rows(struct timeline *t)
{
	struct timeline_device *dev = t->devices;
	struct timeline_row *row;
	size_t i;

	if (t->nr_devices)
		qsort(dev, t->nr_devices, sizeof(*dev), compare_devices);
	for (i = 0; i < t->nr_devices; i++, dev++) {
		if (dev->nr_blocks)
			qsort(dev->blocks, dev->nr_blocks, sizeof(*dev->blocks),
			      compare_blocks);
		dev->row = t->nr_rows;
		row = ADD(t->rows, t->nr_rows);
		if (!row)
			return -ENOMEM;
		row->y = t->height;
		t->height += DEVICE_HEIGHT;
		if (lay_blocks(t, dev))
			return -ENOMEM;
		dev->nr_rows = t->nr_rows - dev->row;
		t->height += GAP;
	}
	return 0;
}

/* A period that begins with the first event and ends with what is still going on. */
static void set_period(struct timeline *t, const struct timeline_input *in, bool open)
{
	__u64 first = 0, last = 0;
	struct drawn d = {};

	while (next_drawn(in, &d)) {
		if (!first || d.e->when < first)
			first = d.e->when;
		if (d.e->when > last)
			last = d.e->when;
	}
	t->from = first;
	t->to = open || !last ? in->now : last;
	if (t->from > t->to || !t->from)
		t->from = t->to;
	/* some room, so that nothing lies on the edge */
	if (t->to - t->from < NS_PER_MS)
		t->to = t->from + NS_PER_MS;
	if (!open)
		t->to += (t->to - t->from) / 50;
	t->tick = timeline_tick(t->to - t->from);
}

__u64 timeline_tick(__u64 period)
{
	static const __u64 steps_s[] = { 1,   2,    5,	  10,	30,    60,    120,  300,
					 600, 1800, 3600, 7200, 21600, 43200, 86400 };
	__u64 tick;
	size_t i;

	for (tick = 1000; tick * 5 <= NS_PER_S; tick *= 10) {
		for (i = 1; i <= 5; i = i == 1 ? 2 : i == 2 ? 5 : 6)
			if (period / (tick * i) <= 12)
				return tick * i;
	}
	for (i = 0; i < ARRAY_SIZE(steps_s); i++)
		if (period / (steps_s[i] * NS_PER_S) <= 12)
			return steps_s[i] * NS_PER_S;
	return (period / (12 * 86400 * NS_PER_S) + 1) * 86400 * NS_PER_S;
}

int timeline_x(const struct timeline *t, __u64 when)
{
	if (when <= t->from)
		return TIMELINE_LEFT;
	if (when >= t->to)
		return TIMELINE_LEFT + TIMELINE_WIDTH;
	return TIMELINE_LEFT +
	       (int)((double)(when - t->from) * TIMELINE_WIDTH / (t->to - t->from));
}

bool timeline_is_bad(__u32 type)
{
	return type == DAXGUARD_EV_SLIPPED || type == DAXGUARD_EV_LEAK ||
	       type == DAXGUARD_EV_EXPIRED;
}

/* Does an event of that kind end a hold?  Blocks that were learnt late are "healed" too. */
static bool ends(const struct daxguard_event *e)
{
	return e->event == DAXGUARD_EV_END || e->event == DAXGUARD_EV_EXPIRED ||
	       e->event == DAXGUARD_EV_RELEASED || (e->event == DAXGUARD_EV_HEALED && e->kind);
}

static int holder_of(struct timeline *t, const struct daxguard_event *e, size_t *which)
{
	struct timeline_holder *holder;
	char name[DAXGUARD_COMM_LEN + 1];
	size_t i;

	clean_text(name, sizeof(name), e->comm, sizeof(e->comm));
	for (i = 0; i < t->nr_holders && strcmp(t->holders[i].name, name); i++)
		;
	if (i == t->nr_holders) {
		holder = ADD(t->holders, t->nr_holders);
		if (!holder)
			return -ENOMEM;
		memcpy(holder->name, name, sizeof(name));
	}
	t->holders[i].spans++;
	*which = i;
	return 0;
}

/* The last span of the device, or NULL. */
static struct timeline_span *last_span(struct timeline *t, size_t device)
{
	size_t i;

	for (i = t->nr_spans; i-- > 0;)
		if (t->spans[i].device == device)
			return &t->spans[i];
	return NULL;
}

static struct timeline_span *begin_span(struct timeline *t, size_t device,
					const struct timeline_event *e)
{
	struct timeline_span *span = ADD(t->spans, t->nr_spans);

	if (!span || holder_of(t, &e->event, &span->holder))
		return NULL;
	span->device = device;
	span->from = e->when;
	span->kind = e->event.kind;
	span->pid = e->event.pid;
	span->uid = e->event.uid;
	clean_text(span->comm, sizeof(span->comm), e->event.comm, sizeof(e->event.comm));
	return span;
}

/*
 * A begin whose end was lost is over with the next.  Of an end without a begin the begin was
 * before the history, if the device has had no other since.
 */
static int take_span(struct timeline *t, size_t device, const struct timeline_event *e)
{
	struct timeline_span *span = last_span(t, device);

	if (e->event.event == DAXGUARD_EV_BEGIN) {
		if (span && !span->ended_by) {
			span->ended_by = DAXGUARD_EV_HEALED;
			span->to = e->when;
		}
		return begin_span(t, device, e) ? 0 : -ENOMEM;
	}
	if (!ends(&e->event) || (span && span->ended_by))
		return 0;
	if (!span) {
		span = begin_span(t, device, e);
		if (!span)
			return -ENOMEM;
		span->from = 0;
		span->began_before = true;
	}
	span->to = e->when;
	span->ended_by = e->event.event;
	span->refused = e->event.count;
	return 0;
}

static int make_spans(struct timeline *t, const struct timeline_input *in)
{
	struct drawn d = {};

	while (next_drawn(in, &d))
		if (take_span(t, find_device(t, d.device) - t->devices, d.e))
			return -ENOMEM;
	return 0;
}

static bool some_open(const struct timeline *t)
{
	size_t i;

	for (i = 0; i < t->nr_spans; i++)
		if (!t->spans[i].ended_by)
			return true;
	return false;
}

static void lay_spans(struct timeline *t)
{
	struct timeline_span *span;
	size_t i;

	for (i = 0; i < t->nr_spans; i++) {
		span = &t->spans[i];
		if (span->began_before)
			span->from = t->from;
		if (!span->ended_by)
			span->to = t->to;
		span->x = timeline_x(t, span->from);
		span->width = timeline_x(t, span->to) - span->x;
		if (span->width < 2)
			span->width = 2; /* to be seen at all */
	}
}

static size_t row_of(const struct timeline *t, const struct timeline_device *dev, __s32 block)
{
	size_t i;

	for (i = dev->row + 1; block >= 0 && i < dev->row + dev->nr_rows; i++)
		if ((__u32)block <= t->rows[i].last)
			return i;
	return dev->row;
}

/* What is drawn as a mark: a begin and a plain end are the ends of a span. */
static bool is_mark(__u32 type)
{
	return type != DAXGUARD_EV_BEGIN && type != DAXGUARD_EV_END;
}

/* One event as a mark of its own, to be put together with others. */
struct draft {
	size_t event; /* its place among the events */
	size_t row;
	int x;
	__u32 type;
};

static int compare_drafts(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;
	bool bad = timeline_is_bad(x->type);

	if (bad != timeline_is_bad(y->type))
		return bad ? 1 : -1;
	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	if (x->x != y->x)
		return x->x < y->x ? -1 : 1;
	return x->event < y->event ? -1 : x->event > y->event;
}

/* Room for a few names; the others are counted. */
#define MOST_NAMES 4

struct names {
	char name[MOST_NAMES][DAXGUARD_EXE_LEN + 1];
	__u64 times[MOST_NAMES];
	__u64 others;
	size_t nr;
};

static void take_name(struct names *names, const struct daxguard_event *e, __u64 times)
{
	char raw[DAXGUARD_EXE_LEN + 1], name[DAXGUARD_EXE_LEN + 1];
	size_t i;

	who_program(e, raw);
	clean_text(name, sizeof(name), raw, sizeof(raw));
	for (i = 0; i < names->nr && strcmp(names->name[i], name); i++)
		;
	if (i == names->nr && i < MOST_NAMES)
		memcpy(names->name[names->nr++], name, sizeof(name));
	if (i < MOST_NAMES)
		names->times[i] += times;
	else
		names->others += times;
}

static void names_text(const struct names *names, char *buf, size_t size)
{
	size_t i, len = 0;

	for (i = 0; i < names->nr && len < size; i++)
		len += snprintf(buf + len, size - len, "%s%s %llu", i ? ", " : "",
				names->name[i], names->times[i]);
	if (names->others && len < size)
		snprintf(buf + len, size - len, ", others %llu", names->others);
}

/* "memory33/state", "unbind", "by way of region0". */
static void what_text(const struct timeline_event *e, char *buf, size_t size)
{
	char file[DAXGUARD_FILE_LEN + 1];

	clean_text(file, sizeof(file), e->event.file, sizeof(e->event.file));
	if (e->event.block >= 0)
		snprintf(buf, size, "memory%d%s%s", e->event.block, *file ? "/" : "", file);
	else if (*e->ancestor)
		snprintf(buf, size, "%s by way of %s", file, e->ancestor);
	else
		snprintf(buf, size, "%s", file);
}

/* How often it was; the end of a hold says how many were refused in it instead. */
static __u64 times_of(const struct daxguard_event *e)
{
	return ends(e) ? 1 : e->count;
}

/* Count the drafts from AT on that are one mark.  Returns how many, 0 where no memory is left. */
static size_t take_mark(struct timeline *t, const struct timeline_input *in,
			const struct draft *drafts, size_t at, size_t nr)
{
	struct timeline_mark *mark = ADD(t->marks, t->nr_marks);
	const struct draft *first = &drafts[at];
	const struct timeline_event *e;
	struct names names = {};
	char what[sizeof(mark->what)];
	size_t i;

	if (!mark)
		return 0;
	*mark = (struct timeline_mark){ .row = first->row, .type = first->type, .x = first->x };
	mark->first = in->events[first->event].when;
	mark->result = in->events[first->event].event.result;
	what_text(&in->events[first->event], mark->what, sizeof(mark->what));
	for (i = at; i < nr && drafts[i].row == first->row && drafts[i].type == first->type &&
		     drafts[i].x == first->x;
	     i++) {
		e = &in->events[drafts[i].event];
		mark->events++;
		mark->count += times_of(&e->event);
		mark->last = e->when;
		take_name(&names, &e->event, times_of(&e->event));
		what_text(e, what, sizeof(what));
		if (strcmp(what, mark->what))
			snprintf(mark->what, sizeof(mark->what), "several files");
	}
	names_text(&names, mark->whose, sizeof(mark->whose));
	return i - at;
}

static struct draft make_draft(const struct timeline *t, const struct timeline_input *in,
			       const struct drawn *d)
{
	const struct daxguard_event *event = &d->e->event;
	int x = timeline_x(t, d->e->when);

	return (struct draft){ .event = d->e - in->events,
			       .row = row_of(t, find_device(t, d->device), event->block),
			       .x = x - (x - TIMELINE_LEFT) % TIMELINE_MARK + TIMELINE_MARK / 2,
			       .type = event->event };
}

static int make_marks(struct timeline *t, const struct timeline_input *in)
{
	struct draft *drafts = calloc(in->nr + 1, sizeof(*drafts));
	size_t i, nr = 0, taken = 1;
	struct drawn d = {};

	if (!drafts)
		return -ENOMEM;
	while (next_drawn(in, &d))
		if (is_mark(d.e->event.event))
			drafts[nr++] = make_draft(t, in, &d);
	qsort(drafts, nr, sizeof(*drafts), compare_drafts);
	for (i = 0; i < nr && taken; i += taken)
		taken = take_mark(t, in, drafts, i, nr);
	free(drafts);
	return taken ? 0 : -ENOMEM;
}

int timeline_make(struct timeline *t, const struct timeline_input *in)
{
	int err;

	*t = (struct timeline){};
	err = collect(t, in);
	if (!err)
		err = lay_rows(t);
	if (!err)
		err = make_spans(t, in);
	if (err)
		return err;
	set_period(t, in, some_open(t));
	lay_spans(t);
	who_sort(&t->who);
	return make_marks(t, in);
}

void timeline_free(struct timeline *t)
{
	size_t i;

	for (i = 0; i < t->nr_devices; i++)
		free(t->devices[i].blocks);
	free(t->devices);
	free(t->rows);
	free(t->spans);
	free(t->marks);
	free(t->holders);
	who_free(&t->who);
}
