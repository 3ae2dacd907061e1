// SPDX-License-Identifier: GPL-2.0-only
/* How far a whole-device change is: a bar on a terminal, lines elsewhere. */
#include "show/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "show/output.h"
#include "show/report.h"

#define BAR_MOST 40
#define BAR_LEAST 5

/* Where stderr is no terminal: a line for each so many seconds that go by. */
#define LINE_S 5

static bool bar_shown;

double progress_rate(const struct daxguard_progress *p)
{
	return p->done && p->seconds > 0 ? p->done / p->seconds : 0;
}

double progress_left(const struct daxguard_progress *p)
{
	double rate = progress_rate(p);

	if (p->done >= p->total)
		return 0;
	return rate > 0 ? (p->total - p->done) / rate : -1;
}

static void left_text(double left, char *buf, size_t size)
{
	unsigned long s = left + 0.5;

	if (left < 0)
		snprintf(buf, size, "-:--");
	else if (s >= 3600)
		snprintf(buf, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(buf, size, "%lu:%02lu", s / 60, s % 60);
}

static void draw_bar(char *bar, int width, size_t done, size_t total)
{
	int full = total ? (int)(done * width / total) : 0;

	memset(bar, '#', full);
	memset(bar + full, '.', width - full);
	bar[width] = 0;
}

char *progress_text(const struct daxguard_progress *p, int width, char *buf, size_t size)
{
	char head[64], tail[96], left[24], bar[BAR_MOST + 1] = "";
	int room;

	left_text(progress_left(p), left, sizeof(left));
	snprintf(head, sizeof(head), "%s %s%s", p->device, p->verb,
		 p->rolling_back ? ", rolling back" : "");
	snprintf(tail, sizeof(tail), "%zu/%zu blocks, %.1f/s, %s left", p->done, p->total,
		 progress_rate(p), left);
	room = width - (int)strlen(head) - (int)strlen(tail) - 4;
	if (!p->total) {
		/* a driver comes or goes */
		snprintf(buf, size, "%s, %.0f s so far", head, p->seconds);
	} else if (room >= BAR_LEAST) {
		draw_bar(bar, room > BAR_MOST ? BAR_MOST : room, p->done, p->total);
		snprintf(buf, size, "%s [%s] %s", head, bar, tail);
	} else {
		snprintf(buf, size, "%s %s", head, tail);
	}
	if (width >= 0 && strlen(buf) > (size_t)width)
		buf[width] = 0;
	return buf;
}

static void show_json(const struct daxguard_progress *p)
{
	struct json_object *obj;

	if (p->block < 0)
		return;
	obj = json_object_new_object();
	json_object_object_add(obj, "device", json_object_new_string(p->device));
	json_object_object_add(obj, "verb", json_object_new_string(p->verb));
	json_object_object_add(obj, "event", json_object_new_string("block"));
	json_object_object_add(obj, "rolling_back", json_object_new_boolean(p->rolling_back));
	json_object_object_add(obj, "block", json_object_new_int(p->block));
	json_object_object_add(obj, "state", json_object_new_string(p->block_state));
	json_object_object_add(obj, "zone",
			       *p->block_zone ? json_object_new_string(p->block_zone) : NULL);
	json_object_object_add(obj, "done", json_number(p->done));
	json_object_object_add(obj, "total", json_number(p->total));
	json_object_object_add(obj, "seconds", json_object_new_double(p->seconds));
	print_json(obj, 1);
}

static void show_bar(const struct daxguard_progress *p)
{
	struct winsize size = { .ws_col = 80 };
	char text[256];

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 2)
		size.ws_col = 80;
	/* the last column is left alone: some terminals go to the next line there */
	fprintf(stderr, "\r\033[K%s", progress_text(p, size.ws_col - 1, text, sizeof(text)));
	fflush(stderr);
	bar_shown = true;
}

static void show_line(const struct daxguard_progress *p)
{
	static double next = LINE_S;
	char text[256];

	if (p->seconds < LINE_S)
		next = LINE_S;
	if (p->seconds < next)
		return;
	next = p->seconds + LINE_S;
	fprintf(stderr, "daxguard: %s\n", progress_text(p, -1, text, sizeof(text)));
}

void progress_show(void *context, const struct daxguard_progress *p)
{
	(void)context;
	if (opts.json)
		show_json(p);
	else if (isatty(STDERR_FILENO))
		show_bar(p);
	else
		show_line(p);
}

void progress_clear(void)
{
	if (bar_shown)
		fprintf(stderr, "\r\033[K");
	bar_shown = false;
}
