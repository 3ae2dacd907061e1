/* SPDX-License-Identifier: GPL-2.0-only */
/* A timeline as SVG, and as a page of HTML around it. */
#include "screen/svg.h"

#include <string.h>
#include <time.h>

#include "array.h"
#include "clock.h"
#include "control.h"
#include "screen/xml.h"
#include "show/when.h"

#define PICTURE_WIDTH (TIMELINE_LEFT + TIMELINE_WIDTH + TIMELINE_RIGHT)
#define TITLE_HEIGHT 52
#define LEGEND_HEIGHT 22 /* of one line */
#define AXIS_HEIGHT 24
#define LETTER 7 /* about as wide as one is */
#define HOLDER_COLOURS 8

/* Light and dark by what the reader has set; red, orange and violet are for marks. */
static const char style[] =
	".dg{--bg:#fff;--fg:#1c2126;--dim:#667079;--line:#dfe3e7;--band:#f5f7f9;"
	"--bad:#d1242f;--warn:#d9730d;--odd:#8250df;background:var(--bg);color-scheme:light "
	"dark;"
	"font:12px system-ui,sans-serif}\n"
	"@media (prefers-color-scheme:dark){.dg{--bg:#14181c;--fg:#e4e8eb;--dim:#98a2ab;"
	"--line:#30373d;--band:#1b2025;--bad:#ff6b66;--warn:#f2994a;--odd:#b392f0}}\n"
	".dg text{fill:var(--fg)}.dg .dim{fill:var(--dim)}.dg "
	".h{font-size:16px;font-weight:600}"
	".dg .d{font-weight:600}.dg .e{text-anchor:end}.dg .c{text-anchor:middle}\n"
	".dg .bg{fill:var(--bg)}.dg .band{fill:var(--band)}.dg .tick{stroke:var(--line)}\n"
	".dg .span{stroke-width:1;fill-opacity:.35}.dg .open{stroke-dasharray:4 3}"
	".dg .late{stroke:var(--bad)!important;stroke-width:2}\n"
	".dg .h0{fill:#4e79a7;stroke:#4e79a7}.dg .h1{fill:#59a14f;stroke:#59a14f}"
	".dg .h2{fill:#0e9aa7;stroke:#0e9aa7}.dg .h3{fill:#b6992d;stroke:#b6992d}"
	".dg .h4{fill:#9c755f;stroke:#9c755f}.dg .h5{fill:#7f7f7f;stroke:#7f7f7f}"
	".dg .h6{fill:#3969ac;stroke:#3969ac}.dg .h7{fill:#80ba5a;stroke:#80ba5a}\n"
	".dg .m{stroke-width:1.6}.dg "
	".refused{fill:var(--warn);stroke:var(--bg);stroke-width:.8}"
	".dg .audited{fill:var(--bg);stroke:var(--warn)}.dg "
	".seen{fill:var(--bg);stroke:var(--dim)}"
	".dg .bad{fill:var(--bad);stroke:var(--bad)}.dg "
	".odd{fill:var(--bg);stroke:var(--odd)}\n"
	".dg g:hover>.m,.dg g:hover>.span{stroke:var(--fg);stroke-width:2}\n";

/* How a mark of each event looks: a shape of its own, so that colour is not needed. */
static const struct shape {
	__u32 type;
	const char *class;
	const char *path;
	const char *name;
	const char *legend;
} shapes[] = {
	{ DAXGUARD_EV_REFUSED, "refused", "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0", "refused",
	  "refused" },
	{ DAXGUARD_EV_AUDITED, "audited", "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0", "audited",
	  "would be refused" },
	{ DAXGUARD_EV_SEEN, "seen", "M-2.5-2.5h5v5h-5z", "seen", "seen" },
	{ DAXGUARD_EV_SLIPPED, "bad", "M-4-4L4 4M4-4L-4 4", "slipped", "slipped" },
	{ DAXGUARD_EV_LEAK, "bad", "M0-5L5 4H-5z", "leak", "leak" },
	{ DAXGUARD_EV_EXPIRED, "bad", "M0-5L5 0L0 5L-5 0z", "expired", "expired" },
	{ DAXGUARD_EV_RELEASED, "odd", "M0-5L5 0L0 5L-5 0z", "released", "released" },
	{ DAXGUARD_EV_HEALED, "odd", "M0-5V5M-5 0H5", "healed", "healed" },
	{ DAXGUARD_EV_DESYNC, "odd", "M-3-3h6v6h-6z", "desync", NULL },
	/* of a newer guard */
	{ 0, "seen", "M-3-3h6v6h-6z", "unknown", NULL },
};

static const struct shape *shape_of(__u32 type)
{
	size_t i;

	for (i = 0; i + 1 < ARRAY_SIZE(shapes) && shapes[i].type != type; i++)
		;
	return &shapes[i];
}

static void text(FILE *out, const char *words)
{
	xml_text(out, words, strlen(words));
}

/* The time of day, as exact as the ticks need it. */
static void print_clock(FILE *out, __u64 when, __u64 tick)
{
	time_t seconds = when / NS_PER_S;
	__u64 ns = when % NS_PER_S;
	char day[24];
	struct tm tm;

	strftime(day, sizeof(day), tick < 86400 * NS_PER_S ? "%H:%M:%S" : "%Y-%m-%d",
		 gmtime_r(&seconds, &tm));
	fputs(day, out);
	if (tick < 1000000)
		fprintf(out, ".%06llu", ns / 1000);
	else if (tick < NS_PER_S)
		fprintf(out, ".%03llu", ns / 1000000);
}

static void print_when(FILE *out, __u64 when)
{
	char buf[64];

	format_when(when, buf, sizeof(buf));
	fputs(buf, out);
}

/* A period for people: "12.3 s". */
static void print_period(FILE *out, __u64 ns)
{
	double s = (double)ns / NS_PER_S;

	if (s < 1)
		fprintf(out, "%.1f ms", s * 1000);
	else if (s < 120)
		fprintf(out, "%.1f s", s);
	else if (s < 7200)
		fprintf(out, "%.0f min", s / 60);
	else
		fprintf(out, "%.1f h", s / 3600);
}

static void print_head(FILE *out, const struct timeline *t, const struct svg_words *words)
{
	fputs("<text class=\"h\" x=\"12\" y=\"24\">daxguard timeline", out);
	if (*words->host) {
		fputs(" of ", out);
		text(out, words->host);
	}
	fputs("</text>\n<text class=\"dim\" x=\"12\" y=\"42\">", out);
	print_when(out, t->from);
	fputs(", ", out);
	print_period(out, t->to - t->from);
	fprintf(out, ", %zu event%s", t->nr_events, t->nr_events == 1 ? "" : "s");
	if (words->lost)
		fprintf(out, ", %llu before that are not kept any more", words->lost);
	fputs("</text>\n", out);
}

/* Begin a line anew where WIDTH does not fit behind X any more. */
static void need_room(int *x, int *y, int width)
{
	if (*x > 12 && *x + width > PICTURE_WIDTH - 12) {
		*x = 12;
		*y += LEGEND_HEIGHT;
	}
}

static void legend_entry(FILE *out, int *x, int y, const char *words)
{
	fprintf(out, "<text x=\"%d\" y=\"%d\">", *x, y + 4);
	text(out, words);
	fputs("</text>\n", out);
	*x += LETTER * (int)strlen(words) + 14;
}

static bool has_marks(const struct timeline *t, __u32 type)
{
	size_t i;

	for (i = 0; i < t->nr_marks; i++)
		if (t->marks[i].type == type)
			return true;
	return false;
}

/* Holders, then what can be seen of the marks.  Returns where it ends; OUT NULL only measures. */
static int print_legend(FILE *out, const struct timeline *t, int y)
{
	char held[DAXGUARD_EXE_LEN + 16];
	int x = 12;
	size_t i;

	for (i = 0; i < t->nr_holders; i++) {
		snprintf(held, sizeof(held), "held by %s", t->holders[i].name);
		need_room(&x, &y, 36 + LETTER * (int)strlen(held));
		fprintf(out,
			"<rect class=\"span h%zu\" x=\"%d\" y=\"%d\" width=\"16\" "
			"height=\"10\"/>\n",
			i % HOLDER_COLOURS, x, y - 5);
		x += 22;
		legend_entry(out, &x, y, held);
	}
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		/* what must not be is named also where it was not */
		if (!shapes[i].legend ||
		    (!has_marks(t, shapes[i].type) && !timeline_is_bad(shapes[i].type)))
			continue;
		need_room(&x, &y, 36 + LETTER * (int)strlen(shapes[i].legend));
		fprintf(out, "<path class=\"m %s\" transform=\"translate(%d,%d)\" d=\"%s\"/>\n",
			shapes[i].class, x + 5, y, shapes[i].path);
		x += 15;
		legend_entry(out, &x, y, shapes[i].legend);
	}
	return y + LEGEND_HEIGHT;
}

static void print_axis(FILE *out, const struct timeline *t, int top, int bottom)
{
	__u64 when = (t->from / t->tick + 1) * t->tick;
	int x, last = -1000, room = t->tick < NS_PER_S ? 100 : 62;

	for (; when < t->to; when += t->tick) {
		x = timeline_x(t, when);
		fprintf(out, "<path class=\"tick\" d=\"M%d.5 %dV%d\"/>\n", x, top, bottom);
		if (x - last < room || x + room / 2 > PICTURE_WIDTH)
			continue;
		last = x;
		fprintf(out, "<text class=\"dim c\" x=\"%d\" y=\"%d\">", x, top - 6);
		print_clock(out, when, t->tick);
		fputs("</text>\n", out);
	}
}

static void print_row_name(FILE *out, const struct timeline_row *row, int y)
{
	fprintf(out, "<text class=\"dim e\" x=\"%d\" y=\"%d\" font-size=\"10\">",
		TIMELINE_LEFT - 8, y + row->y + 10);
	if (row->nr == 1)
		fprintf(out, "memory%u", row->first);
	else
		fprintf(out, "memory%u\xe2\x80\x93%u", row->first, row->last);
	fputs("</text>\n", out);
}

/* A band for each device, with its name and the names of its blocks. */
static void print_device(FILE *out, const struct timeline *t, const struct timeline_device *dev,
			 int y)
{
	const struct timeline_row *first = &t->rows[dev->row];
	const struct timeline_row *last = &t->rows[dev->row + dev->nr_rows - 1];
	int height = last->y - first->y + (dev->nr_rows > 1 ? 15 : 20);
	size_t i;

	fprintf(out,
		"<rect class=\"band\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n"
		"<text class=\"d\" x=\"12\" y=\"%d\">",
		TIMELINE_LEFT, y + first->y, TIMELINE_WIDTH, height, y + first->y + 14);
	text(out, *dev->name ? dev->name : "no device");
	fputs("</text>\n", out);
	for (i = 1; i < dev->nr_rows; i++)
		print_row_name(out, &t->rows[dev->row + i], y);
}

static void print_span_title(FILE *out, const struct timeline *t,
			     const struct timeline_span *span)
{
	fputs("<title>", out);
	text(out, t->devices[span->device].name);
	fprintf(out, " held (%s) by ", kind_name(span->kind));
	text(out, span->comm);
	fprintf(out, ", pid %u, uid %u\n", span->pid, span->uid);
	if (span->began_before)
		fputs("from before", out);
	else
		print_when(out, span->from);
	if (span->ended_by) {
		fputs(" to ", out);
		print_when(out, span->to);
		fputs(" (", out);
		print_period(out, span->to - span->from);
		fprintf(out, ")\n%s, %llu refused meanwhile",
			span->ended_by == DAXGUARD_EV_END ? "ended by its owner"
							  : shape_of(span->ended_by)->name,
			span->refused);
	} else {
		fputs(", still held", out);
	}
	fputs("</title>", out);
}

static void print_span(FILE *out, const struct timeline *t, const struct timeline_span *span,
		       int y)
{
	const struct timeline_device *dev = &t->devices[span->device];
	const struct timeline_row *first = &t->rows[dev->row];
	const struct timeline_row *last = &t->rows[dev->row + dev->nr_rows - 1];
	int height = last->y - first->y + (dev->nr_rows > 1 ? 13 : 18);

	fputs("<g>", out);
	print_span_title(out, t, span);
	fprintf(out,
		"<rect class=\"span h%zu%s%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
		"rx=\"2\"/>",
		span->holder % HOLDER_COLOURS,
		span->began_before || !span->ended_by ? " open" : "",
		span->ended_by == DAXGUARD_EV_EXPIRED ? " late" : "", span->x, y + first->y + 1,
		span->width, height);
	if (span->width > LETTER * (int)strlen(span->comm) + 8) {
		fprintf(out, "<text x=\"%d\" y=\"%d\" font-size=\"11\">", span->x + 5,
			y + first->y + 14);
		text(out, span->comm);
		fputs("</text>", out);
	}
	fputs("</g>\n", out);
}

static void print_mark_title(FILE *out, const struct timeline *t,
			     const struct timeline_mark *mark)
{
	const struct timeline_row *row = &t->rows[mark->row];
	size_t i;

	for (i = 0; i + 1 < t->nr_devices && t->devices[i + 1].row <= mark->row; i++)
		;
	fprintf(out, "<title>%llu %s: ", mark->count, shape_of(mark->type)->name);
	text(out, *t->devices[i].name ? t->devices[i].name : "no device");
	fputs(" ", out);
	text(out, mark->what);
	if (row->nr > 1 && !strcmp(mark->what, "several files"))
		fprintf(out, " of memory%u to memory%u", row->first, row->last);
	fputs("\nby ", out);
	text(out, mark->whose);
	fputs("\n", out);
	print_when(out, mark->first);
	if (mark->last != mark->first) {
		fputs(" to ", out);
		print_when(out, mark->last);
	}
	if (mark->result < 0) {
		fputs("\n", out);
		text(out, strerror(-mark->result));
	}
	fputs("</title>", out);
}

/* The more it stands for, the bigger. */
static double scale_of(__u64 count)
{
	double scale = 1;

	for (; count >= 10 && scale < 1.6; count /= 10)
		scale += 0.2;
	return scale;
}

static void print_mark(FILE *out, const struct timeline *t, const struct timeline_mark *mark,
		       int y)
{
	const struct timeline_row *row = &t->rows[mark->row];
	const struct shape *shape = shape_of(mark->type);

	fputs("<g>", out);
	print_mark_title(out, t, mark);
	fprintf(out,
		"<path class=\"m %s\" transform=\"translate(%d,%d) scale(%.1f)\" "
		"d=\"%s\"/></g>\n",
		shape->class, mark->x, y + row->y + (row->nr ? 7 : 10), scale_of(mark->count),
		shape->path);
}

static void print_rows(FILE *out, const struct timeline *t, int y)
{
	size_t i;

	for (i = 0; i < t->nr_devices; i++)
		print_device(out, t, &t->devices[i], y);
	print_axis(out, t, y - 4, y + t->height);
	for (i = 0; i < t->nr_spans; i++)
		print_span(out, t, &t->spans[i], y);
	for (i = 0; i < t->nr_marks; i++)
		print_mark(out, t, &t->marks[i], y);
	if (!t->nr_devices)
		fprintf(out,
			"<text class=\"dim\" x=\"12\" y=\"%d\">nothing has happened</text>\n",
			y + 14);
}

/* How much room the legend takes: as it is printed, to nowhere. */
static int legend_end(const struct timeline *t)
{
	FILE *nowhere = fopen("/dev/null", "we");
	int end = TITLE_HEIGHT + 2 * LEGEND_HEIGHT;

	if (!nowhere)
		return end;
	end = print_legend(nowhere, t, TITLE_HEIGHT + 10);
	fclose(nowhere);
	return end;
}

static void print_picture(FILE *out, const struct timeline *t, const struct svg_words *words)
{
	int rows = legend_end(t) + AXIS_HEIGHT - 8;
	int height = rows + (t->nr_devices ? t->height : 24) + 8;

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"dg\" role=\"img\" "
		"width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
		"<style>\n%s</style>\n"
		"<rect class=\"bg\" width=\"%d\" height=\"%d\"/>\n",
		PICTURE_WIDTH, height, PICTURE_WIDTH, height, style, PICTURE_WIDTH, height);
	print_head(out, t, words);
	print_legend(out, t, TITLE_HEIGHT + 10);
	print_rows(out, t, rows);
	fputs("</svg>\n", out);
}

void svg_print(FILE *out, const struct timeline *t, const struct svg_words *words)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", out);
	print_picture(out, t, words);
}

static void print_who(FILE *out, const struct who *w)
{
	fputs("<tr><td>", out);
	text(out, w->program);
	fprintf(out, "</td><td>%u</td><td>", w->uid);
	text(out, w->device);
	fprintf(out, "</td><td>%llu</td><td>%llu</td><td%s>%llu</td><td>", w->refused,
		w->would_be, w->slipped ? " class=\"bad\"" : "", w->slipped);
	print_when(out, w->first);
	fputs("</td><td>", out);
	print_when(out, w->last);
	fputs("</td></tr>\n", out);
}

void html_print(FILE *out, const struct timeline *t, const struct svg_words *words)
{
	size_t i;

	fputs("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n"
	      "<head><meta charset=\"UTF-8\"/><title>daxguard timeline",
	      out);
	if (*words->host) {
		fputs(" of ", out);
		text(out, words->host);
	}
	fputs("</title>\n<style>\n:root{color-scheme:light dark}"
	      "body{margin:16px;font:13px system-ui,sans-serif;background:#fff;color:#1c2126}"
	      "svg{max-width:100%;height:auto}table{border-collapse:collapse;margin:16px 12px}"
	      "th,td{padding:3px 12px 3px 0;text-align:left;border-bottom:1px solid #8884}"
	      "caption{text-align:left;font-weight:600;padding-bottom:4px}"
	      "td.bad{color:#d1242f;font-weight:600}"
	      "@media (prefers-color-scheme:dark){body{background:#14181c;color:#e4e8eb}"
	      "td.bad{color:#ff6b66}}\n</style></head>\n<body>\n",
	      out);
	print_picture(out, t, words);
	if (t->who.nr) {
		fputs("<table><caption>Who it was</caption>\n<tr><th>Program</th><th>uid</th>"
		      "<th>Device</th><th>Refused</th><th>Would be</th><th>Slipped</th>"
		      "<th>First</th><th>Last</th></tr>\n",
		      out);
		for (i = 0; i < t->who.nr; i++)
			print_who(out, &t->who.list[i]);
		fputs("</table>\n", out);
	}
	fputs("</body>\n</html>\n", out);
}
