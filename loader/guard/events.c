/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading the events that the guard has written, which takes them out. */
#include "guard/events.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "guard/pins.h"
#include "guard/reader_lock.h"
#include "show/event.h"
#include "show/report.h"

static __u32 map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* Called by libbpf for each event; a negative result ends the reading. */
static int take_event(void *ctx, void *data, size_t size)
{
	const struct events *events = ctx;
	struct event_record e;

	return event_record(&e, data, size) ? events->fn(&e, events->ctx) : 0;
}

int events_open(struct events *events, event_fn fn, void *ctx)
{
	int status;

	*events = (struct events){ .fn = fn, .ctx = ctx, .lock = -1, .map = -1 };
	status = reader_lock(&events->lock);
	if (status)
		return status;
	events->map = pins_map("events");
	if (events->map >= 0) {
		events->map_id = map_id(events->map);
		events->ring = ring_buffer__new(events->map, take_event, events, NULL);
	}
	if (events->ring)
		return 0;
	return fail(EXIT_FAILED,
		    "'" PIN_MAPS "/events' cannot be opened (%s): "
		    "see 'daxguard check'",
		    strerror(events->map < 0 ? -events->map : errno));
}

int events_take(struct events *events)
{
	int taken = ring_buffer__consume(events->ring);

	return taken < 0 ? taken : 0;
}

int events_poll_fd(const struct events *events)
{
	return ring_buffer__epoll_fd(events->ring);
}

bool events_are_current(const struct events *events)
{
	int fd = pins_map("events");
	bool same;

	if (fd < 0)
		return false;
	same = map_id(fd) == events->map_id;
	close(fd);
	return same;
}

int events_failed(int err)
{
	if (err == -ENOLINK)
		return fail(EXIT_FAILED,
			    "the guard was unloaded while '" PIN_MAPS
			    "/events' was being read: run 'daxguard load' and read again");
	return fail(EXIT_FAILED,
		    "'" PIN_MAPS "/events' cannot be read (%s): see "
		    "'daxguard check'",
		    strerror(-err));
}

void events_close(struct events *events)
{
	ring_buffer__free(events->ring);
	if (events->map >= 0)
		close(events->map);
	if (events->lock >= 0)
		close(events->lock);
}
