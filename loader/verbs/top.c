/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard top: devices, blocks, holders and who is refused, as they are now. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "screen/terminal.h"
#include "screen/top.h"
#include "show/report.h"

#define ONCE_COLS 100
#define MS_PER_S 1000
#define NS_PER_MS (NS_PER_S / MS_PER_S)

/* Two looks: the rates are what lies between them. */
struct looks {
	struct sample now, before;
	bool have; /* one of them at least */
};

static int devices_failed(int err)
{
	if (err == -EACCES || err == -EPERM)
		return fail(EXIT_LACKING, "only root can read the ranges of dax devices "
					  "in '/sys/bus/dax/devices': run daxguard as root");
	return fail(EXIT_FAILED,
		    "the dax devices in '/sys/bus/dax/devices' cannot be read (%s): run "
		    "'daxguard top' again",
		    strerror(-err));
}

static int look(struct looks *looks)
{
	struct sample fresh;
	int err = sample_take(&fresh);

	if (err) {
		sample_free(&fresh);
		return err;
	}
	if (looks->have)
		sample_free(&looks->before);
	looks->before = looks->now;
	looks->now = fresh;
	if (looks->have)
		sample_rates(&looks->now, &looks->before);
	else
		who_sort(&looks->now.who);
	looks->have = true;
	return 0;
}

static void free_looks(struct looks *looks)
{
	sample_free(&looks->now);
	sample_free(&looks->before);
}

static int show(const struct looks *looks, struct top_view *view)
{
	struct page page;
	int rows, cols, err;

	terminal_size(&rows, &cols);
	err = page_make(&page, rows, cols);
	if (!err)
		err = top_page(&page, &looks->now, view);
	if (!err)
		terminal_show(&page);
	page_free(&page);
	return err;
}

/* Milliseconds until the next look; a terminal that waits for ever is paused. */
static int time_left(const struct looks *looks, const struct top_view *view)
{
	__u64 passed = (now_ns() - looks->now.at_ns) / NS_PER_MS;

	if (view->paused)
		return -1;
	return passed < view->interval_ms ? view->interval_ms - passed : 0;
}

static int watch(struct looks *looks, struct top_view *view)
{
	enum top_next next = TOP_DRAW;
	int key, err = look(looks);

	while (!err && next != TOP_QUIT) {
		err = show(looks, view);
		key = err ? -1 : terminal_key(time_left(looks, view));
		next = key < 0 ? TOP_DRAW : top_key(view, key);
		if (!err && next != TOP_QUIT &&
		    (next == TOP_LOOK || (!view->paused && !time_left(looks, view))))
			err = look(looks);
	}
	return err;
}

static int on_terminal(struct looks *looks, struct top_view *view)
{
	int err, status = terminal_begin();

	if (status)
		return status;
	err = watch(looks, view);
	terminal_end();
	return err ? devices_failed(err) : EXIT_DONE;
}

static int print_page(const struct looks *looks, struct top_view *view)
{
	struct page page;
	int err = page_make(&page, top_lines(&looks->now), ONCE_COLS);

	if (!err)
		err = top_page(&page, &looks->now, view);
	if (!err) {
		memset(page.text + (size_t)(page.rows - 1) * page.cols, ' ', page.cols);
		page_print(&page, stdout);
	}
	page_free(&page);
	return err ? fail(EXIT_FAILED, "no memory is left for 'top': free some") : EXIT_DONE;
}

static int print_once(struct looks *looks, struct top_view *view)
{
	const struct timespec pause = { .tv_sec = view->interval_ms / MS_PER_S,
					.tv_nsec = view->interval_ms % MS_PER_S * NS_PER_MS };
	struct json_object *obj;
	int err = look(looks);

	if (!err) {
		nanosleep(&pause, NULL);
		err = look(looks);
	}
	if (err)
		return devices_failed(err);
	if (!opts.json)
		return print_page(looks, view);
	obj = top_json(&looks->now, view);
	return obj ? print_json(obj, 0)
		   : fail(EXIT_FAILED, "no memory is left for 'top': free some");
}

const struct opt top_opts[] = {
	{ "once", OPT_ONCE,
	  .help = "print one screen as text, with the rates of one interval" },
	{ "interval", OPT_INTERVAL, "S",
	  .help = "look every S seconds (0.1 to 60; default 1)" },
	{},
};

/* Seconds: "0.5". */
static int parse_interval(const char *text, unsigned int *ms)
{
	char *end;
	double s;

	errno = 0;
	s = strtod(text, &end);
	if (*end || end == text || errno || !(s >= 0.1 && s <= 60))
		return fail(EXIT_USAGE, "'%s' is no interval: write seconds, from 0.1 to 60",
			    text);
	*ms = s * MS_PER_S + 0.5;
	return 0;
}

int verb_top(int argc, char **argv)
{
	struct top_view view = { .interval_ms = MS_PER_S };
	struct looks looks = {};
	bool once = false;
	int option, status = 0;

	while ((option = next_option(argc, argv, top_opts)) != OPTIONS_END) {
		if (option == OPT_ONCE)
			once = true;
		else
			status = parse_interval(optarg, &view.interval_ms);
		if (status)
			return status;
	}
	status = need_operands(argc, argv, 0, 0);
	if (status)
		return status;
	status = once || opts.json ? print_once(&looks, &view) : on_terminal(&looks, &view);
	free_looks(&looks);
	return status;
}
