/* SPDX-License-Identifier: GPL-2.0-only */
/* One event, as a line for people or as one of JSON. */
#include "show/event.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "show/output.h"
#include "control.h"
#include "knobs.h"
#include "show/origin.h"
#include "show/pid.h"
#include "show/report.h"
#include "show/when.h"

void event_record(struct event_record *e, const struct daxguard_history *h)
{
	memset(e, 0, sizeof(*e));
	e->has_zone = h->zone;
	e->has_above = h->event.ancestor.name[0];
	if (e->has_above)
		e->above = h->event;
	else
		e->event = h->event.event;
	if (e->has_zone) {
		e->zone.zone = h->zone;
		e->zone.allowed = h->allowed;
	}
}

static const char *const event_names[] = {
#define ONE_EVENT(id, number, name) [DAXGUARD_EV_##id] = name,
	DAXGUARD_EVENTS(ONE_EVENT)
#undef ONE_EVENT
};

static const char *const hook_names[] = {
	[DAXGUARD_HOOK_NONE] = "none",	     [DAXGUARD_HOOK_LSM] = "lsm",
	[DAXGUARD_HOOK_KERNEL] = "kernel",   [DAXGUARD_HOOK_OBSERVER] = "observer",
	[DAXGUARD_HOOK_CONTROL] = "control",
};

static const char *const zone_names[] = {
	[DAXGUARD_ONLY_ANY] = "any",
	[DAXGUARD_ONLY_MOVABLE] = "movable",
	[DAXGUARD_ONLY_KERNEL] = "kernel",
};

/* A newer guard may say what this command has no word for. */
static const char *name_of(const char *const *names, size_t nr, __u32 which)
{
	return which < nr && names[which] ? names[which] : "unknown";
}

#define NAME_OF(names, which) name_of(names, ARRAY_SIZE(names), which)

__u32 event_type(const char *name)
{
	__u32 type;

	for (type = 1; type < ARRAY_SIZE(event_names); type++)
		if (event_names[type] && !strcmp(event_names[type], name))
			return type;
	return 0;
}

const char *event_name(__u32 type)
{
	return NAME_OF(event_names, type);
}

static struct json_object *text_or_null(const char *text, size_t size)
{
	return *text ? json_text(text, size) : NULL;
}

/*
 * The whole name of the file.  An event has room for 15 letters of it, which the layout
 * promises; of the files that change a device's memory these have more.
 */
static const char *file_name(const struct daxguard_event *e, char *buf, size_t size)
{
	static const char *const longer[] = {
#define ONE_KNOB(place, file, kind) file,
		DAXGUARD_KNOBS(ONE_KNOB, ONE_KNOB)
#undef ONE_KNOB
	};
	size_t i;

	clean_text(buf, size, e->file, sizeof(e->file));
	for (i = 0; i < ARRAY_SIZE(longer); i++) {
		if (strlen(longer[i]) >= sizeof(e->file) &&
		    !strncmp(longer[i], buf, sizeof(e->file) - 1))
			return longer[i];
	}
	return buf;
}

static struct json_object *event_json(const struct daxguard_event *e, const char *time,
				      const struct cgroups *cgroups)
{
	struct json_object *obj = json_object_new_object();
	char text[4096];

	json_object_object_add(obj, "time", json_object_new_string(time));
	json_object_object_add(obj, "event",
			       json_object_new_string(NAME_OF(event_names, e->event)));
	json_object_object_add(obj, "device", text_or_null(e->device, sizeof(e->device)));
	json_object_object_add(obj, "kind",
			       e->kind ? json_object_new_string(kind_name(e->kind)) : NULL);
	json_object_object_add(obj, "block",
			       e->block >= 0 ? json_object_new_int(e->block) : NULL);
	json_object_object_add(obj, "file",
			       text_or_null(file_name(e, text, sizeof(text)), sizeof(text)));
	json_object_object_add(obj, "hook",
			       json_object_new_string(NAME_OF(hook_names, e->hook)));
	add_pid(obj, e->pid);
	json_object_object_add(obj, "comm", json_text(e->comm, sizeof(e->comm)));
	json_object_object_add(obj, "uid", json_number(e->uid));
	exe_path(e, text, sizeof(text));
	json_object_object_add(obj, "exe", text_or_null(text, sizeof(text)));
	cgroup_path(cgroups, e->cgroup, text, sizeof(text));
	json_object_object_add(obj, "cgroup", json_text(text, sizeof(text)));
	json_object_object_add(obj, "result", json_object_new_int(e->result));
	json_object_object_add(obj, "count", json_number(e->count));
	return obj;
}

/* The device above that takes the others along, and these; where the event is about one. */
static void add_ancestor(struct json_object *obj, const struct daxguard_event_above *e)
{
	struct json_object *ancestor = json_object_new_object();
	struct json_object *below = json_object_new_array();
	size_t i;

	if (!e->ancestor.name[0]) {
		json_object_put(ancestor);
		json_object_put(below);
		return;
	}
	json_object_object_add(ancestor, "name",
			       json_text(e->ancestor.name, sizeof(e->ancestor.name)));
	json_object_object_add(ancestor, "subsystem",
			       json_text(e->ancestor.subsystem, sizeof(e->ancestor.subsystem)));
	for (i = 0; i < ARRAY_SIZE(e->below) && e->below[i].name[0]; i++)
		json_object_array_add(below,
				      json_text(e->below[i].name, sizeof(e->below[i].name)));
	json_object_object_add(obj, "ancestor", ancestor);
	json_object_object_add(obj, "below", below);
	json_object_object_add(obj, "below_total", json_number(e->nr_below));
}

/* The same as ", by way of region0 (cxl), which takes dax0.0 along", or nothing. */
static void ancestor_text(const struct daxguard_event_above *e, char *buf, size_t size)
{
	char name[DAXGUARD_ANCESTOR_LEN + 1], bus[DAXGUARD_NAME_LEN + 1];
	char devices[128] = "", device[DAXGUARD_NAME_LEN + 1], more[32] = "", rightly[192] = "";
	const char *what = name;
	size_t i, len = 0;

	*buf = 0;
	if (!e->ancestor.name[0])
		return;
	clean_text(name, sizeof(name), e->ancestor.name, sizeof(e->ancestor.name));
	clean_text(bus, sizeof(bus), e->ancestor.subsystem, sizeof(e->ancestor.subsystem));
	for (i = 0; i < ARRAY_SIZE(e->below) && e->below[i].name[0]; i++) {
		clean_text(device, sizeof(device), e->below[i].name, sizeof(e->below[i].name));
		len += snprintf(devices + len, sizeof(devices) - len, " %s", device);
	}
	if (e->nr_below > i)
		snprintf(more, sizeof(more), " and %zu more", e->nr_below - i);
	/* these are not above it in sysfs, where the verb looks for a name */
	if (*devices && (!strcmp(bus, "acpi") || !strcmp(bus, "slot")))
		what = devices + 1;
	/* where somebody holds one it is for that one to do */
	if (e->event.event == DAXGUARD_EV_REFUSED && e->event.kind == DAXGUARD_KIND_UNBIND)
		snprintf(rightly, sizeof(rightly), "; run 'daxguard unplug %s' first", what);
	snprintf(buf, size, ", by way of %s (%s), which takes%s%s along%s", name, bus, devices,
		 more, rightly);
}

/* Into which zone, and into which one only it may. */
static void add_zone(struct json_object *obj, const struct daxguard_event_zone *e)
{
	json_object_object_add(obj, "zone",
			       json_object_new_string(NAME_OF(zone_names, e->zone)));
	json_object_object_add(obj, "zone_allowed",
			       json_object_new_string(NAME_OF(zone_names, e->allowed)));
}

/* The same as ", online into the kernel zone, only movable is allowed". */
static void zone_text(const struct daxguard_event_zone *e, char *buf, size_t size)
{
	bool any = e->zone == DAXGUARD_ONLY_ANY;

	snprintf(buf, size, ", online into %s%s zone, only %s is allowed", any ? "" : "the ",
		 NAME_OF(zone_names, e->zone), NAME_OF(zone_names, e->allowed));
}

/* What was touched: "memory33/state", "hotplug", or nothing. */
static void target_text(const struct daxguard_event *e, char *buf, size_t size)
{
	char buffer[DAXGUARD_FILE_LEN + 1];
	const char *file = file_name(e, buffer, sizeof(buffer));

	if (e->block >= 0)
		snprintf(buf, size, " memory%d%s%s", e->block, *file ? "/" : "", file);
	else
		snprintf(buf, size, "%s%s", *file ? " " : "", file);
}

static void count_text(const struct daxguard_event *e, char *buf, size_t size)
{
	bool over = e->event == DAXGUARD_EV_END || e->event == DAXGUARD_EV_EXPIRED ||
		    e->event == DAXGUARD_EV_RELEASED;

	*buf = 0;
	if (over)
		snprintf(buf, size, ", %llu refused meanwhile", e->count);
	else if (e->count > 1)
		snprintf(buf, size, ", stands for %llu", e->count);
}

int event_sentence(FILE *out, const struct event_record *record)
{
	const struct daxguard_event *e = &record->event;
	char device[DAXGUARD_NAME_LEN + 1], comm[DAXGUARD_COMM_LEN + 1];
	char exe[4096], target[64], count[64], pid[48], result[128] = "", ancestor[384] = "";
	char zone[80] = "";

	target_text(e, target, sizeof(target));
	count_text(e, count, sizeof(count));
	exe_path(e, exe, sizeof(exe));
	if (e->result < 0)
		snprintf(result, sizeof(result), ": %s",
			 strerror((int)-(unsigned int)e->result));
	pid_text(pid, sizeof(pid), e->pid);
	if (record->has_above)
		ancestor_text(&record->above, ancestor, sizeof(ancestor));
	if (record->has_zone)
		zone_text(&record->zone, zone, sizeof(zone));
	return fprintf(out, "%-8s %s%s%s%s by %s (%s%s%s) uid %u%s%s%s%s",
		       NAME_OF(event_names, e->event),
		       clean_text(device, sizeof(device), e->device, sizeof(e->device)),
		       e->kind ? " " : "", e->kind ? kind_name(e->kind) : "", target, pid,
		       clean_text(comm, sizeof(comm), e->comm, sizeof(e->comm)),
		       *exe ? ", " : "", exe, e->uid, count, zone, result, ancestor);
}

static int print_text(const struct event_record *e, const char *time)
{
	if (printf("%s ", time) < 0 || event_sentence(stdout, e) < 0)
		return -1;
	return putchar('\n');
}

static int put_json_line(struct json_object *obj)
{
	int written = puts(json_object_to_json_string_ext(
		obj, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(obj);
	return written;
}

struct json_object *event_object(const struct event_record *e, __u64 seq, __u64 when,
				 const struct cgroups *cgroups)
{
	struct json_object *obj;
	char time[64];

	format_when(when, time, sizeof(time));
	obj = event_json(&e->event, time, cgroups);
	if (e->has_above)
		add_ancestor(obj, &e->above);
	if (e->has_zone)
		add_zone(obj, &e->zone);
	json_object_object_add(obj, "seq", json_number(seq));
	return obj;
}

__u64 event_when(const struct daxguard_event *e)
{
	return when_of(e->time_ns);
}

int print_event(const struct event_record *e, __u64 seq, __u64 when,
		const struct cgroups *cgroups)
{
	char time[64];
	int written;

	format_when(when, time, sizeof(time));
	errno = EIO; /* where the library says nothing of its own */
	written = opts.json ? put_json_line(event_object(e, seq, when, cgroups))
			    : print_text(e, time);
	return written < 0 ? -errno : 0;
}

/* No time: all that is known is between which others they were. */
static struct json_object *lost_json(__u64 first, __u64 last)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "time", NULL);
	json_object_object_add(obj, "event", json_object_new_string("gap"));
	json_object_object_add(obj, "first", json_number(first));
	json_object_object_add(obj, "last", json_number(last));
	json_object_object_add(obj, "lost", json_number(last - first + 1));
	return obj;
}

int print_lost_events(__u64 first, __u64 last)
{
	int written;

	errno = EIO;
	if (opts.json)
		written = put_json_line(lost_json(first, last));
	else
		written = printf("%-27s %-8s %llu lost, from number %llu to %llu\n", "-", "gap",
				 last - first + 1, first, last);
	return written < 0 ? -errno : 0;
}
