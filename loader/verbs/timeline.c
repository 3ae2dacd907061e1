/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard timeline: the history as a picture for a browser. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "control.h"
#include "guard/history.h"
#include "guard/pins.h"
#include "model.h"
#include "screen/svg.h"
#include "show/report.h"
#include "show/when.h"
#include "text.h"
#include "verbs/since.h"

struct past {
	struct since since;
	__u64 offset; /* from the time since boot to that since 1970 */
	struct timeline_event *events;
	size_t nr;
	bool begun;
	__u64 lost; /* events that are not there any more, of those asked for */
};

static int take_event(const struct event_record *e, __u64 seq, void *ctx)
{
	struct past *past = ctx;
	__u64 when = past->offset + e->event.time_ns;
	struct timeline_event *events;

	/* what came before the first is not there any more; only if it was asked for it is
	 * missed */
	if (!past->begun && since_has(&past->since, when))
		past->lost = seq - 1;
	past->begun = true;
	if (!since_has(&past->since, when))
		return 0;
	if (!(past->nr & (past->nr - 1))) {
		events = reallocarray(past->events, past->nr ? 2 * past->nr : 1,
				      sizeof(*events));
		if (!events)
			return -ENOMEM;
		past->events = events;
	}
	events = &past->events[past->nr++];
	*events = (struct timeline_event){ .when = when, .event = e->event };
	if (e->has_above)
		clean_text(events->ancestor, sizeof(events->ancestor), e->above.ancestor.name,
			   sizeof(e->above.ancestor.name));
	return 0;
}

static int take_lost(__u64 first, __u64 last, void *ctx)
{
	struct past *past = ctx;

	past->lost += last - first + 1;
	return 0;
}

/* Events come in the order of their numbers, which is not always that of their times. */
static int compare_events(const void *a, const void *b)
{
	const struct timeline_event *x = a, *y = b;

	return x->when < y->when ? -1 : x->when > y->when;
}

static int read_past(struct past *past)
{
	struct history *history;
	int err, status = history_open(&history);

	if (status)
		return status;
	control_sweep();
	past->offset = when_of(0);
	err = history_read(history, 0, take_event, take_lost, past);
	history_close(history);
	if (past->nr)
		qsort(past->events, past->nr, sizeof(*past->events), compare_events);
	return err ? history_failed(err) : EXIT_DONE;
}

/* Devices need not be there any more to have a past; their blocks are told where they are. */
static int draw(const struct past *past, const struct dax_devices *devices, char **names,
		int nr_names,
		void (*print)(FILE *, const struct timeline *, const struct svg_words *))
{
	struct timeline_input in = { .events = past->events,
				     .nr = past->nr,
				     .devices = devices,
				     .names = names,
				     .nr_names = nr_names,
				     .now = when_now() };
	struct svg_words words = { .lost = past->lost };
	char host[256] = "";
	struct timeline t;
	int err = timeline_make(&t, &in);

	gethostname(host, sizeof(host) - 1);
	words.host = strcmp(host, "(none)") ? host : "";
	if (!err)
		print(stdout, &t, &words);
	timeline_free(&t);
	return err ? fail(EXIT_FAILED, "no memory is left for 'timeline': free some")
		   : EXIT_DONE;
}

static int check_names(char **names)
{
	struct daxguard_name key;

	for (; *names; names++)
		if (device_key(&key, *names, false))
			return fail(EXIT_USAGE, "'%s' is no dax device: see 'daxguard list'",
				    *names);
	return 0;
}

static int parse_since(struct since *since, const char *text)
{
	int status = since_parse(since, text);

	if (!status && since->seq)
		return fail(EXIT_USAGE,
			    "'%s' is a number and no time: see "
			    "'daxguard timeline --help'",
			    text);
	return status;
}

const struct opt timeline_opts[] = {
	{ "svg", OPT_SVG, .help = "a picture of its own", .usage = USAGE_OPERANDS },
	{ "html", OPT_HTML, .help = "a page with the picture and a table of who was refused",
	  .usage = USAGE_OPERANDS },
	{ "since", OPT_SINCE, "WHEN",
	  .help = "only from WHEN: 2026-01-31T12:00:00Z, @1769860800 or -10m" },
	{},
};

int verb_timeline(int argc, char **argv)
{
	void (*print)(FILE *, const struct timeline *, const struct svg_words *) = NULL;
	struct dax_devices devices;
	struct past past = {};
	int option, status = 0;

	while ((option = next_option(argc, argv, timeline_opts)) != OPTIONS_END) {
		if (option == OPT_SINCE)
			status = parse_since(&past.since, optarg);
		else
			print = option == OPT_SVG ? svg_print : html_print;
		if (status)
			return status;
	}
	if (!print)
		return fail(EXIT_USAGE, "'--svg' or '--html' is missing: see "
					"'daxguard timeline --help'");
	status = check_names(argv + optind);
	if (!status)
		status = pins_need_loaded();
	if (!status)
		status = read_past(&past);
	if (!status) {
		model_all(&devices); /* what cannot be read has no rows of its own */
		status = draw(&past, &devices, argv + optind, argc - optind, print);
		model_free(&devices);
	}
	free(past.events);
	return status;
}
