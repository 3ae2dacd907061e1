/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands where on the screen of 'daxguard top'. */
#include "screen/top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "clock.h"
#include "show/device.h"
#include "show/report.h"

#define HEAD_LINES 3 /* title, counters, what is shown */
#define FOOT_LINES 1
#define DETAIL_LINES 3 /* of the selected device, with the empty one above */
#define WHO_LEAST 5 /* lines for who is refused, where somebody is */

static const char version[] = DAXGUARD_VERSION;

/* "12.3s", "4m05s", "2h03m", "5d01h", in BUF. */
static const char *age_text(__u64 ns, char *buf, size_t size)
{
	unsigned long long s = ns / NS_PER_S;

	if (s < 60)
		snprintf(buf, size, "%.1fs", (double)ns / NS_PER_S);
	else if (s < 3600)
		snprintf(buf, size, "%llum%02llus", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, size, "%lluh%02llum", s / 3600, s / 60 % 60);
	else
		snprintf(buf, size, "%llud%02lluh", s / 86400, s / 3600 % 24);
	return buf;
}

/* Short enough for a column of seven, in BUF. */
static const char *rate_text(double rate, char *buf, size_t size)
{
	if (rate < 1000)
		snprintf(buf, size, "%.1f", rate);
	else if (rate < 1000000)
		snprintf(buf, size, "%.1fk", rate / 1000);
	else
		snprintf(buf, size, "%.1fM", rate / 1000000);
	return buf;
}

static void put_title(struct page *page, const struct sample *sample)
{
	time_t seconds = sample->when / NS_PER_S;
	char clock[16], rate[16];
	struct tm tm;
	int col;

	strftime(clock, sizeof(clock), "%H:%M:%SZ", gmtime_r(&seconds, &tm));
	col = page_put(page, 0, 0, STYLE_TITLE, "daxguard %s", version);
	if (!sample->loaded) {
		col = page_put(page, 0, col + 2, STYLE_BAD, "not guarded");
		page_put(page, 1, 0, STYLE_BAD, "%s", sample->why_not);
	} else {
		col = page_put(page, 0, col + 2, STYLE_PLAIN, "%s (%s)", sample->mode,
			       sample->hooks);
		rate_text(sample->refused_rate, rate, sizeof(rate));
		col = page_put(page, 0, col + 2, sample->nr_held ? STYLE_BUSY : STYLE_PLAIN,
			       "held %zu", sample->nr_held);
		col = page_put(page, 0, col + 2,
			       sample->refused_rate > 0 ? STYLE_BUSY : STYLE_PLAIN,
			       "refused %llu, %s/s", sample_counter(sample, "refused"), rate);
	}
	if (col + 2 + (int)strlen(clock) <= page->cols)
		page_put_right(page, 0, page->cols, STYLE_DIM, "%s", clock);
}

static void put_counters(struct page *page, const struct sample *sample)
{
	static const struct {
		const char *name;
		bool bad; /* where it is not 0 */
	} shown[] = { { "slipped", true },  { "leaked", true },	   { "expired", true },
		      { "audited", false }, { "undecided", true }, { "dropped", false },
		      { "healed", false },  { "released", false } };
	enum page_style style;
	char text[48];
	__u64 sum;
	size_t i;
	int col = 0;

	for (i = 0; i < ARRAY_SIZE(shown); i++) {
		sum = sample_counter(sample, shown[i].name);
		snprintf(text, sizeof(text), "%s %llu", shown[i].name, sum);
		if (col + (int)strlen(text) > page->cols)
			break;
		style = !sum ? STYLE_DIM : shown[i].bad ? STYLE_BAD : STYLE_PLAIN;
		col = page_put(page, 1, col, style, "%s", text) + 2;
	}
}

static void put_what(struct page *page, const struct sample *sample,
		     const struct top_view *view)
{
	int col = 0;

	if (sample->problem)
		col = page_put(page, 2, col, STYLE_BAD, "%s", sample->problem) + 2;
	if (view->paused)
		col = page_put(page, 2, col, STYLE_BUSY, "paused") + 2;
	if (view->typing || view->filter[0])
		col = page_put(page, 2, col, STYLE_BUSY, "filter: %s%s", view->filter,
			       view->typing ? "_" : "") +
		      2;
	if (view->held_only)
		col = page_put(page, 2, col, STYLE_BUSY, "held only") + 2;
	if (view->sort != SORT_NAME || view->reverse)
		page_put(page, 2, col, STYLE_DIM, "by %s%s", sort_name(view->sort),
			 view->reverse ? ", the other way round" : "");
}

/* Where the columns of a device begin, or end where they are numbers. */
struct columns {
	int online_end;
	int size_end; /* 0 where there is no room */
	int strip;
	int strip_width;
	int holder;
	int holder_width;
	int age_end;
	int rate_end;
};

static struct columns columns_of(const struct page *page)
{
	struct columns c = { .online_end = 20, .rate_end = page->cols };

	if (page->cols >= 100)
		c.size_end = c.online_end + 10;
	c.strip = (c.size_end ? c.size_end : c.online_end) + 2;
	c.age_end = c.rate_end - 8;
	c.holder_width = page->cols >= 100 ? 32 : 24;
	c.holder = c.age_end - 7 - c.holder_width;
	c.strip_width = c.holder - 2 - c.strip;
	return c;
}

static void put_headings(struct page *page, int row, const struct columns *c)
{
	int col;

	for (col = 0; col < page->cols; col++)
		page_put(page, row, col, STYLE_HEADING, " ");
	page_put(page, row, 0, STYLE_HEADING, "DEVICE");
	page_put_right(page, row, c->online_end, STYLE_HEADING, "ONLINE");
	if (c->size_end)
		page_put_right(page, row, c->size_end, STYLE_HEADING, "SIZE");
	page_put(page, row, c->strip, STYLE_HEADING, "BLOCKS");
	page_put(page, row, c->holder, STYLE_HEADING, "HELD BY");
	page_put_right(page, row, c->age_end, STYLE_HEADING, "AGE");
	page_put_right(page, row, c->rate_end, STYLE_HEADING, "REF/S");
}

static int put_device(struct page *page, int row, const struct columns *c,
		      const struct top_row *r, bool selected)
{
	enum page_style held = r->held ? STYLE_BUSY : STYLE_DIM;
	char text[64];
	int used;

	page_put(page, row, 0, selected ? STYLE_SELECTED : STYLE_PLAIN, "%-11.11s",
		 r->dev->name);
	page_put_right(page, row, c->online_end, STYLE_PLAIN, "%zu/%zu", r->online, r->blocks);
	if (c->size_end) {
		size_text(r->dev->size, text, sizeof(text));
		page_put_right(page, row, c->size_end, STYLE_PLAIN, "%s", text);
	}
	if (dax_is_kmem(r->dev) || r->blocks) {
		used = page_put_strip(page, row, c->strip, c->strip_width, r->dev->blocks,
				      r->dev->nr_blocks);
		if (used < 0)
			return used;
	} else {
		page_put(page, row, c->strip, STYLE_DIM, "%.*s", c->strip_width,
			 r->dev->driver ? r->dev->driver : "no driver");
	}
	if (r->held) {
		page_put(page, row, c->holder, held, "%s %.*s", r->held->kind,
			 c->holder_width - (int)strlen(r->held->kind) - 1, r->held->holder);
		page_put_right(page, row, c->age_end, held, "%s",
			       age_text(r->held->age_ns, text, sizeof(text)));
	} else {
		page_put(page, row, c->holder, held, "-");
	}
	page_put_right(page, row, c->rate_end, r->rate > 0 ? STYLE_BUSY : STYLE_DIM, "%s",
		       rate_text(r->rate, text, sizeof(text)));
	return 0;
}

/* The selected device in full: who holds it, and its strip over the whole width. */
static int put_detail(struct page *page, int row, const struct top_row *r)
{
	char zones[128];
	int used;

	zones_text(r->dev, zones, sizeof(zones));
	page_put(page, row, 0, STYLE_PLAIN, "%s: %s%s%s", r->dev->name, zones,
		 r->held ? "; " : "; not held", r->held ? r->held->text : "");
	if (!dax_is_kmem(r->dev) && !r->blocks)
		return 0;
	used = page_put_strip(page, row + 1, 0, page->cols, r->dev->blocks, r->dev->nr_blocks);
	return used < 0 ? used : 0;
}

/* What the guard had no room to tell apart has no name. */
static void put_one(struct page *page, int row, const struct who *w)
{
	char rate[16];

	page_put(page, row, 0, STYLE_PLAIN, "%.20s", *w->program ? w->program : "(others)");
	page_put(page, row, 21, STYLE_DIM, "%.22s", w->unit);
	page_put(page, row, 44, STYLE_PLAIN, "%.12s", w->device);
	page_put_right(page, row, 65, STYLE_PLAIN, "%llu", w->refused);
	page_put_right(page, row, 73, w->rate > 0 ? STYLE_BUSY : STYLE_DIM, "%s",
		       rate_text(w->rate, rate, sizeof(rate)));
	if (w->slipped)
		page_put(page, row, 75, STYLE_BAD, "%llu slipped", w->slipped);
	else if (w->would_be)
		page_put(page, row, 75, STYLE_DIM, "%llu audited", w->would_be);
}

static void put_who(struct page *page, int row, int end, const struct sample *sample,
		    const struct top_view *view)
{
	size_t i;
	int col;

	for (col = 0; col < page->cols; col++)
		page_put(page, row, col, STYLE_HEADING, " ");
	page_put(page, row, 0, STYLE_HEADING, "WHO IS REFUSED");
	page_put(page, row, 21, STYLE_HEADING, "UNIT");
	page_put(page, row, 44, STYLE_HEADING, "DEVICE");
	page_put_right(page, row, 65, STYLE_HEADING, "REFUSED");
	page_put_right(page, row, 73, STYLE_HEADING, "REF/S");
	for (i = 0, row++; i < sample->who.nr && row < end; i++)
		if (top_shows(view, &sample->who.list[i]))
			put_one(page, row++, &sample->who.list[i]);
}

static void put_foot(struct page *page, const struct top_view *view)
{
	page_put(page, page->rows - 1, 0, STYLE_DIM,
		 "q quit  ? help  s sort  r reverse  / filter  h held  space %s  +/- %g s",
		 view->paused ? "go on" : "pause", view->interval_ms / 1000.0);
}

static void put_help(struct page *page)
{
	static const char *const lines[] = {
		"up, down, j, k   select a device; page up, page down, home, end too",
		"s, r             sort by the next column; the other way round",
		"/                filter by part of a device, holder or program; escape: none",
		"h                only what is held",
		"space            pause, go on",
		"+, -             look half as often, twice as often; enter: now",
		"q                quit; any other key ends this help",
	};
	size_t i;
	int row = 2, cell;

	page_put(page, 0, 0, STYLE_TITLE, "daxguard top: keys");
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		page_put(page, row++, 0, STYLE_PLAIN, "%s", lines[i]);
	row++;
	page_put(page, row++, 0, STYLE_TITLE,
		 "a strip: one character for each block, or several");
	for (cell = 0; cell < NR_STRIP_CELLS; cell++) {
		page_put(page, row, 0, STYLE_CELL + cell, "%c", strip_char(cell));
		page_put(page, row++, 3, STYLE_PLAIN, "%s", strip_meaning(cell));
	}
}

/* The place in the list is one where there is a row, and the selected row is to be seen. */
static void place(struct top_view *view, size_t nr, size_t room)
{
	if (view->selected >= nr)
		view->selected = nr ? nr - 1 : 0;
	if (view->first > view->selected)
		view->first = view->selected;
	if (view->selected >= view->first + room)
		view->first = view->selected - room + 1;
	if (view->first + room > nr)
		view->first = nr > room ? nr - room : 0;
}

static int put_rows(struct page *page, const struct sample *sample, struct top_view *view,
		    const struct top_rows *rows)
{
	int body = page->rows - HEAD_LINES - 1 - FOOT_LINES;
	int detail = body >= 12 && rows->nr ? DETAIL_LINES : 0;
	int who = sample->who.nr ? (int)sample->who.nr + 2 : 0, room, row = HEAD_LINES + 1;
	int err = 0, most = body / 3 > WHO_LEAST ? body / 3 : WHO_LEAST;
	struct columns c = columns_of(page);
	size_t i;

	room = body - detail - (who < most ? who : most);
	if (room < 1)
		room = 1;
	place(view, rows->nr, room);
	put_headings(page, HEAD_LINES, &c);
	for (i = view->first; !err && i < rows->nr && (int)(i - view->first) < room; i++)
		err = put_device(page, row++, &c, &rows->list[i], i == view->selected);
	if (!rows->nr)
		page_put(page, row++, 0, STYLE_DIM, "%s",
			 sample->devices.nr ? "nothing that the filter lets through"
					    : "there are no dax devices");
	if (!err && detail)
		err = put_detail(page, row + 1, &rows->list[view->selected]);
	row += detail;
	if (who && row + 2 < page->rows - FOOT_LINES)
		put_who(page, row + 1, page->rows - FOOT_LINES, sample, view);
	return err;
}

int top_page(struct page *page, const struct sample *sample, struct top_view *view)
{
	struct top_rows rows;
	int err;

	if (view->help) {
		put_help(page);
		return 0;
	}
	err = top_rows(&rows, sample, view);
	put_title(page, sample);
	if (sample->loaded)
		put_counters(page, sample);
	put_what(page, sample, view);
	if (!err)
		err = put_rows(page, sample, view, &rows);
	put_foot(page, view);
	free(rows.list);
	return err;
}

int top_lines(const struct sample *sample)
{
	int who = sample->who.nr ? sample->who.nr + 2 : 0;
	int devices = sample->devices.nr ? sample->devices.nr : 1;
	int body = devices + DETAIL_LINES + who;

	/* a third of it is for who is refused, and that has to be enough */
	return HEAD_LINES + 1 + (body > 3 * who ? body : 3 * who) + 12 + FOOT_LINES;
}

static struct json_object *device_json(const struct sample *sample, const struct top_row *r)
{
	struct json_object *obj = json_object_new_object();
	char *strip = calloc(1, r->dev->nr_blocks + 1);
	size_t i;

	for (i = 0; strip && i < r->dev->nr_blocks; i++)
		strip[i] = strip_char(strip_block(&r->dev->blocks[i]));
	(void)sample;
	json_object_object_add(obj, "device", json_text(r->dev->name, strlen(r->dev->name)));
	json_object_object_add(obj, "blocks", json_object_new_string(strip ? strip : ""));
	json_object_object_add(obj, "kind",
			       r->held ? json_object_new_string(r->held->kind) : NULL);
	json_object_object_add(obj, "holder",
			       r->held ? json_text(r->held->holder, sizeof(r->held->holder))
				       : NULL);
	json_object_object_add(obj, "age_ms",
			       r->held ? json_number(r->held->age_ns / 1000000) : NULL);
	json_object_object_add(obj, "refused", json_number(r->refused));
	json_object_object_add(obj, "refused_per_s", json_object_new_double(r->rate));
	free(strip);
	return obj;
}

static struct json_object *who_json(const struct who *w)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "program", json_text(w->program, sizeof(w->program)));
	json_object_object_add(obj, "unit", json_text(w->unit, sizeof(w->unit)));
	json_object_object_add(obj, "device", json_text(w->device, sizeof(w->device)));
	json_object_object_add(obj, "uid", json_number(w->uid));
	json_object_object_add(obj, "refused", json_number(w->refused));
	json_object_object_add(obj, "would_be", json_number(w->would_be));
	json_object_object_add(obj, "slipped", json_number(w->slipped));
	json_object_object_add(obj, "refused_per_s", json_object_new_double(w->rate));
	return obj;
}

struct json_object *top_json(const struct sample *sample, const struct top_view *view)
{
	struct json_object *obj, *devices, *who;
	struct top_rows rows;
	size_t i;

	if (top_rows(&rows, sample, view)) {
		free(rows.list);
		return NULL;
	}
	obj = json_object_new_object();
	devices = json_object_new_array();
	who = json_object_new_array();
	for (i = 0; i < rows.nr; i++)
		json_object_array_add(devices, device_json(sample, &rows.list[i]));
	for (i = 0; i < sample->who.nr; i++)
		json_object_array_add(who, who_json(&sample->who.list[i]));
	json_object_object_add(obj, "loaded", json_object_new_boolean(sample->loaded));
	json_object_object_add(obj, "refused_per_s",
			       json_object_new_double(sample->refused_rate));
	json_object_object_add(obj, "devices", devices);
	json_object_object_add(obj, "who", who);
	free(rows.list);
	return obj;
}
