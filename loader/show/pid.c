// SPDX-License-Identifier: GPL-2.0-only
/* Processes that are known by the host's number, as they are seen from here. */
#include "show/pid.h"

#include <stdbool.h>
#include <stdio.h>

#include "pidns.h"
#include "show/report.h"

/* Our pid namespace does not change, and is asked for with every event. */
static bool on_host(void)
{
	static int known = -1;

	if (known < 0)
		known = pidns_is_host();
	return known;
}

void add_pid(struct json_object *obj, __u32 host)
{
	struct pid_pair pair = { .here = (pid_t)host, .host = host };
	bool found = on_host() || pidns_here(&pair, host);

	json_object_object_add(obj, "pid", found ? json_number(pair.here) : NULL);
	if (!found || (__u32)pair.here != host)
		json_object_object_add(obj, "host_pid", json_number(host));
}

void pid_text(char *buf, size_t size, __u32 host)
{
	if (on_host())
		snprintf(buf, size, "%u", host);
	else
		pidns_text(buf, size, host);
}
