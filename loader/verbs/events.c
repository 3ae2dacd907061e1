/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard events: prints who was refused, and what began and ended. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "control.h"
#include "guard/bell.h"
#include "guard/history.h"
#include "guard/pins.h"
#include "policy/allow.h"
#include "show/event.h"
#include "show/journal.h"
#include "show/origin.h"
#include "show/report.h"
#include "verbs/cursor.h"
#include "verbs/follow.h"
#include "verbs/since.h"

struct request {
	struct since since;
	const char *device; /* NULL: of any */
	__u64 types; /* a bit for each enum daxguard_event_type, 0: of any */
	bool follow;
	bool journal;
	const char *cursor_file;
	struct cursor cursor;
	struct cgroups cgroups;
};

static bool wanted(const struct request *req, const struct daxguard_event *e)
{
	if (req->device && strncmp(req->device, e->device, sizeof(e->device)))
		return false;
	return !req->types || (e->event < 64 && req->types >> e->event & 1);
}

static int show_event(const struct event_record *e, __u64 seq, void *ctx)
{
	const struct request *req = ctx;
	__u64 when;
	int err;

	if (!wanted(req, &e->event))
		return 0;
	when = event_when(&e->event);
	if (!since_has(&req->since, when))
		return 0;
	err = req->journal ? journal_event(e, seq, when, &req->cgroups)
			   : print_event(e, seq, when, &req->cgroups);
	return err ? err : cursor_move(&req->cursor, seq);
}

/* Of which device and type they were is not known. */
static int show_lost(__u64 first, __u64 last, void *ctx)
{
	const struct request *req = ctx;

	return req->journal ? journal_lost_events(first, last) : print_lost_events(first, last);
}

static void open_cgroups(struct cgroups *cgroups)
{
	cgroups->path = cgroup_root();
	cgroups->fd = cgroups->path ? open(cgroups->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				    : -1;
}

/* Where to begin; a number that has not been yet is of a guard that was unloaded since. */
static __u64 begin_of(const struct since *since, const struct history *history)
{
	__u64 next = history_next(history);

	if (since->seq <= next)
		return since->seq;
	warn("the next event is number %llu, not %llu: the guard was unloaded since, and began "
	     "to count anew; what there is follows",
	     next, since->seq);
	return 0;
}

static int read_events(struct history *history, struct request *req)
{
	__u64 from = begin_of(&req->since, history);
	struct bell *bell;
	int status, err;

	if (req->follow) {
		status = bell_open(&bell);
		if (status)
			return status;
		err = follow_events(history, bell, from, show_event, show_lost, req);
		bell_close(bell);
	} else {
		control_sweep();
		err = history_read(history, from, show_event, show_lost, req);
	}
	if (!err)
		return EXIT_DONE;
	if (ferror(stdout))
		return EXIT_FAILED; /* said at exit, for every verb */
	return history_failed(err);
}

static int show_events(struct request *req)
{
	struct history *history;
	int status;

	status = history_open(&history);
	if (!status && req->cursor_file)
		status = cursor_open(&req->cursor, req->cursor_file, history_id(history),
				     &req->since.seq);
	open_cgroups(&req->cgroups);
	if (!status)
		status = read_events(history, req);
	history_close(history);
	cursor_close(&req->cursor);
	if (req->cgroups.fd >= 0)
		close(req->cgroups.fd);
	return status;
}

const struct opt events_opts[] = {
	{ "follow", 'f', .help = "go on with what happens from now on" },
	{ "since", OPT_SINCE, "WHEN",
	  .help = "only from WHEN: 2026-01-31T12:00:00Z, @1769860800, -10m or seq:1234" },
	{ "device", OPT_DEVICE, "DEV", .complete = "device", .help = "only those about DEV" },
	{ "event", OPT_EVENT, "EVENT[,EVENT...]", .help = "only those that are one of these" },
	{ "journal", OPT_JOURNAL, .help = "send them to systemd's journal, with fields" },
	{ "cursor-file", OPT_CURSOR_FILE, "FILE", .complete = "file",
	  .help = "go on behind the last one that FILE names, and write there how far it got" },
	{},
};

/* A list of names, separated by commas; may be given several times. */
static int parse_types(__u64 *types, const char *list)
{
	char name[16];
	size_t len;
	__u32 type;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, list);
		type = len < sizeof(name) ? event_type(name) : 0;
		if (!type)
			return fail(EXIT_USAGE,
				    "'%.*s' is no event: 'man daxguard-events' lists them",
				    (int)len, list);
		*types |= 1ULL << type;
		if (!list[len])
			return 0;
	}
}

static int take_option(struct request *req, int option)
{
	switch (option) {
	case 'f':
		req->follow = true;
		return 0;
	case OPT_SINCE:
		return since_parse(&req->since, optarg);
	case OPT_DEVICE:
		req->device = optarg;
		return 0;
	case OPT_JOURNAL:
		req->journal = true;
		return 0;
	case OPT_CURSOR_FILE:
		req->cursor_file = optarg;
		return 0;
	default:
		return parse_types(&req->types, optarg);
	}
}

static int parse_events(int argc, char **argv, struct request *req)
{
	int option, status;

	while ((option = next_option(argc, argv, events_opts)) != OPTIONS_END) {
		status = take_option(req, option);
		if (status)
			return status;
	}
	return need_operands(argc, argv, 0, 0);
}

int verb_events(int argc, char **argv)
{
	struct request req = { .cursor.fd = -1 };
	int status = parse_events(argc, argv, &req);

	if (!status && req.journal)
		status = journal_need();
	if (!status)
		status = pins_need_loaded();
	if (status)
		return status;
	setvbuf(stdout, NULL, _IOLBF, 0); /* whoever reads on sees each event at once */
	return show_events(&req);
}
