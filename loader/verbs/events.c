/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard events: prints who was refused, and what began and ended. */
#include "guard/events.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "control.h"
#include "guard/pins.h"
#include "policy/allow.h"
#include "show/event.h"
#include "show/origin.h"
#include "verbs/follow.h"
#include "verbs/since.h"

struct request {
	struct since since;
	bool follow;
	struct cgroups cgroups;
};

static int show_event(const struct event_record *e, void *ctx)
{
	const struct request *req = ctx;
	__u64 when = event_when(&e->event);

	return since_has(&req->since, when) ? print_event(e, when, &req->cgroups) : 0;
}

static void open_cgroups(struct cgroups *cgroups)
{
	cgroups->path = cgroup_root();
	cgroups->fd = cgroups->path ? open(cgroups->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				    : -1;
}

static int read_events(struct events *events, bool follow)
{
	int err;

	if (follow) {
		err = follow_events(events);
	} else {
		control_sweep();
		err = events_take(events);
	}
	if (!err)
		return EXIT_DONE;
	if (ferror(stdout))
		return EXIT_FAILED; /* said at exit, for every verb */
	return events_failed(err);
}

static int show_events(struct request *req)
{
	struct events events;
	int status;

	open_cgroups(&req->cgroups);
	status = events_open(&events, show_event, req);
	if (!status)
		status = read_events(&events, req->follow);
	events_close(&events);
	if (req->cgroups.fd >= 0)
		close(req->cgroups.fd);
	return status;
}

const struct opt events_opts[] = {
	{ "follow", 'f', .help = "go on with what happens from now on" },
	{ "since", OPT_SINCE, "WHEN",
	  .help = "only from WHEN: 2026-01-31T12:00:00Z, @1769860800 or -10m" },
	{},
};

static int parse_events(int argc, char **argv, struct request *req)
{
	int option, status;

	while ((option = next_option(argc, argv, events_opts)) != OPTIONS_END) {
		if (option == 'f') {
			req->follow = true;
			continue;
		}
		status = since_parse(&req->since, optarg);
		if (status)
			return status;
	}
	return need_operands(argc, argv, 0, 0);
}

int verb_events(int argc, char **argv)
{
	struct request req = {};
	int status = parse_events(argc, argv, &req);

	if (!status)
		status = pins_need_loaded();
	if (status)
		return status;
	setvbuf(stdout, NULL, _IOLBF, 0); /* whoever reads on sees each event at once */
	return show_events(&req);
}
