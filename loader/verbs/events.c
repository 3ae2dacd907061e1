/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard events: takes the events out of the ring buffer and prints them. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "clock.h"
#include "control.h"
#include "guard/guard.h"
#include "locks.h"
#include "pidns.h"
#include "guard/pins.h"
#include "policy/policy.h"
#include "process.h"
#include "show/report.h"
#include "show/when.h"

/* How often --follow looks for deadlines and for an unload. */
static const struct timespec tick = { .tv_sec = 1 };

static volatile sig_atomic_t interrupted;

struct reader {
	struct ring_buffer *ring;
	__u64 since; /* 0: all */
	__u32 map_id;
	int lock;
	int map;
	int cgroups; /* the root of cgroup v2, or negative */
	bool follow;
};

static const char *const event_names[] = {
	[DAXGUARD_EV_BEGIN] = "begin",	     [DAXGUARD_EV_END] = "end",
	[DAXGUARD_EV_REFUSED] = "refused",   [DAXGUARD_EV_AUDITED] = "audited",
	[DAXGUARD_EV_SLIPPED] = "slipped",   [DAXGUARD_EV_EXPIRED] = "expired",
	[DAXGUARD_EV_RELEASED] = "released", [DAXGUARD_EV_DESYNC] = "desync",
	[DAXGUARD_EV_LEAK] = "leak",	     [DAXGUARD_EV_SEEN] = "seen",
	[DAXGUARD_EV_HEALED] = "healed",
};

static const char *const hook_names[] = {
	[DAXGUARD_HOOK_NONE] = "none",	     [DAXGUARD_HOOK_LSM] = "lsm",
	[DAXGUARD_HOOK_KERNEL] = "kernel",   [DAXGUARD_HOOK_OBSERVER] = "observer",
	[DAXGUARD_HOOK_CONTROL] = "control",
};

/* A newer guard may say what this command has no word for. */
static const char *name_of(const char *const *names, size_t nr, __u32 which)
{
	return which < nr && names[which] ? names[which] : "unknown";
}

#define NAME_OF(names, which) name_of(names, ARRAY_SIZE(names), which)

static __u64 wall_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* Events carry the time since boot, which no one sets; people read the wall clock. */
static __u64 wall_clock(__u64 boot_ns)
{
	return wall_now() - now_ns() + boot_ns;
}

/* Does the process of an event that is about another task still go by that name? */
static bool same_comm(const struct daxguard_event *e)
{
	char comm[DAXGUARD_COMM_LEN + 1];

	return pidns_is_host() && process_name(e->pid, comm, sizeof(comm)) &&
	       !strncmp(comm, e->comm, sizeof(e->comm));
}

/*
 * The whole path of the executable while its process lives, if it is still the one
 * that the event names: that has the last part only, and perhaps not all of it.
 */
static void exe_path(const struct daxguard_event *e, char *buf, size_t size)
{
	size_t recorded = strnlen(e->exe, sizeof(e->exe));
	char link[64], path[4096];
	const char *last;
	ssize_t len;

	/* in a container that number is another process's */
	snprintf(link, sizeof(link), "/proc/%u/exe", pidns_is_host() ? e->pid : 0);
	len = readlink(link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = 0;
	last = strrchr(path, '/');
	last = last ? last + 1 : "";
	if ((recorded && !strncmp(last, e->exe, recorded) &&
	     (!last[recorded] || recorded == sizeof(e->exe) - 1)) ||
	    (!recorded && same_comm(e)))
		clean_text(buf, size, path, sizeof(path));
	else
		clean_text(buf, size, e->exe, sizeof(e->exe));
}

/* The path below the root of cgroup v2, which outlives the process; or its number. */
static void cgroup_path(const struct reader *r, __u64 id, char *buf, size_t size)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} u = { .handle = { .handle_bytes = sizeof(id), .handle_type = 0xfe } };
	const char *root = cgroup_root();
	char link[64], path[4096];
	ssize_t len = -1;
	int fd = -1;

	snprintf(buf, size, "%llu", id);
	memcpy(u.handle.f_handle, &id, sizeof(id));
	if (root && r->cgroups >= 0)
		fd = open_by_handle_at(r->cgroups, &u.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	close(fd);
	path[len > 0 ? len : 0] = 0;
	if (!strncmp(path, root, strlen(root)) && path[strlen(root)] == '/')
		clean_text(buf, size, path + strlen(root), sizeof(path) - strlen(root));
	else if (!strcmp(path, root))
		snprintf(buf, size, "/");
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
		"auto_online_blocks",
		"hard_offline_page",
		"soft_offline_page",
	};
	size_t i;

	clean_text(buf, size, e->file, sizeof(e->file));
	for (i = 0; i < ARRAY_SIZE(longer); i++) {
		if (!strncmp(longer[i], buf, sizeof(e->file) - 1))
			return longer[i];
	}
	return buf;
}

static struct json_object *event_json(const struct reader *r, const struct daxguard_event *e,
				      const char *time)
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
	cgroup_path(r, e->cgroup, text, sizeof(text));
	json_object_object_add(obj, "cgroup", json_text(text, sizeof(text)));
	json_object_object_add(obj, "result", json_object_new_int(e->result));
	json_object_object_add(obj, "count", json_number(e->count));
	return obj;
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

static int print_text(const struct daxguard_event *e, const char *time)
{
	char device[DAXGUARD_NAME_LEN + 1], comm[DAXGUARD_COMM_LEN + 1];
	char exe[4096], target[64], count[64], pid[48], result[128] = "";

	target_text(e, target, sizeof(target));
	count_text(e, count, sizeof(count));
	exe_path(e, exe, sizeof(exe));
	if (e->result < 0)
		snprintf(result, sizeof(result), ": %s", strerror(-e->result));
	pid_text(pid, sizeof(pid), e->pid);
	return printf("%s %-8s %s%s%s%s by %s (%s%s%s) uid %u%s%s\n", time,
		      NAME_OF(event_names, e->event),
		      clean_text(device, sizeof(device), e->device, sizeof(e->device)),
		      e->kind ? " " : "", e->kind ? kind_name(e->kind) : "", target, pid,
		      clean_text(comm, sizeof(comm), e->comm, sizeof(e->comm)),
		      *exe ? ", " : "", exe, e->uid, count, result);
}

static int print_line(const struct reader *r, const struct daxguard_event *e, const char *time)
{
	struct json_object *obj;
	int written;

	if (!opts.json)
		return print_text(e, time);
	obj = event_json(r, e, time);
	written = puts(json_object_to_json_string_ext(
		obj, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
	return written;
}

/* Called by libbpf for each event; a negative result ends the reading. */
static int take_event(void *ctx, void *data, size_t size)
{
	const struct reader *r = ctx;
	struct daxguard_event e;
	char time[64];
	__u64 when;

	if (size < sizeof(e))
		return 0; /* none of this layout */
	memcpy(&e, data, sizeof(e));
	when = wall_clock(e.time_ns);
	if (when < r->since)
		return 0;
	format_when(when, time, sizeof(time));
	errno = EIO;
	if (print_line(r, &e, time) < 0)
		return -errno;
	return interrupted ? -EINTR : 0;
}

static __u32 map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* Is what is being read still what the guard writes to? */
static bool still_pinned(const struct reader *r)
{
	int fd = pins_map("events");
	bool same;

	if (fd < 0)
		return false;
	same = map_id(fd) == r->map_id;
	close(fd);
	return same;
}

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

/*
 * Wait for events, a signal, or the tick.  Signals come through only here, so that
 * none is lost between looking and waiting.  False where nobody reads stdout.
 */
static bool wait_for_events(const struct reader *r, const sigset_t *open)
{
	struct pollfd fds[] = {
		{ .fd = ring_buffer__epoll_fd(r->ring), .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};

	if (ppoll(fds, 2, &tick, open) <= 0)
		return true;
	return !(fds[1].revents & (POLLERR | POLLHUP));
}

/* Returns 0 at a signal or when stdout is gone, else a negative errno. */
static int follow(const struct reader *r, const sigset_t *open)
{
	__u64 swept = 0;
	int err;

	while (!interrupted) {
		err = ring_buffer__consume(r->ring);
		if (err < 0)
			return err == -EINTR || err == -EPIPE ? 0 : err;
		if (now_ns() - swept >= NS_PER_S) {
			if (!still_pinned(r))
				return -ENOLINK;
			control_sweep();
			swept = now_ns();
		}
		if (!wait_for_events(r, open))
			return 0;
	}
	return 0;
}

static int follow_until_signal(const struct reader *r)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t ours, before;
	int err;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, &before);
	sigdelset(&before, SIGINT);
	sigdelset(&before, SIGTERM);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	signal(SIGPIPE, SIG_IGN); /* the write then says EPIPE */
	err = follow(r, &before);
	/* a reader that has gone is the end, not an error, at exit too */
	if (!err && (ferror(stdout) || fflush(stdout)) && !freopen("/dev/null", "w", stdout))
		return -errno;
	return err;
}

static int read_events(const struct reader *r)
{
	int err;

	if (r->follow) {
		err = follow_until_signal(r);
	} else {
		control_sweep();
		err = ring_buffer__consume(r->ring);
	}
	if (err >= 0)
		return EXIT_DONE;
	if (err == -ENOLINK)
		return fail(EXIT_FAILED,
			    "the guard was unloaded while '" PIN_MAPS
			    "/events' was being read: run 'daxguard load' and read again");
	if (ferror(stdout))
		return EXIT_FAILED; /* said at exit, for every verb */
	return fail(EXIT_FAILED,
		    "'" PIN_MAPS "/events' cannot be read (%s): see "
		    "'daxguard check'",
		    strerror(-err));
}

/* One reader at a time: an event that one of two takes, the other never sees. */
static int lock_events(struct reader *r)
{
	char holder[LOCKS_LEN];

	r->lock = open(PIN_MAPS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->lock < 0)
		return fail(EXIT_FAILED,
			    "'" PIN_MAPS "' cannot be opened (%s): see "
			    "'daxguard check'",
			    strerror(errno));
	if (!flock(r->lock, LOCK_EX | LOCK_NB))
		return 0;
	if (errno != EWOULDBLOCK)
		return fail(EXIT_FAILED, "'" PIN_MAPS "' cannot be locked (%s): try again",
			    strerror(errno));
	return fail(EXIT_HELD, "%s is reading '" PIN_MAPS "/events': end it first",
		    locks_holder(holder, sizeof(holder), r->lock));
}

static int open_events(struct reader *r)
{
	const char *root = cgroup_root();
	int status = lock_events(r);

	if (status)
		return status;
	r->map = pins_map("events");
	if (r->map >= 0) {
		r->map_id = map_id(r->map);
		r->ring = ring_buffer__new(r->map, take_event, r, NULL);
	}
	if (!r->ring)
		return fail(EXIT_FAILED,
			    "'" PIN_MAPS "/events' cannot be opened (%s): "
			    "see 'daxguard check'",
			    strerror(r->map < 0 ? -r->map : errno));
	if (root)
		r->cgroups = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return 0;
}

static void close_events(struct reader *r)
{
	ring_buffer__free(r->ring);
	if (r->map >= 0)
		close(r->map);
	if (r->cgroups >= 0)
		close(r->cgroups);
	if (r->lock >= 0)
		close(r->lock);
}

const struct opt events_opts[] = {
	{ "follow", 'f', .help = "go on with what happens from now on" },
	{ "since", OPT_SINCE, "WHEN",
	  .help = "only from WHEN: 2026-01-31T12:00:00Z, @1769860800 or -10m" },
	{},
};

static int parse_events(int argc, char **argv, struct reader *r)
{
	int option;

	while ((option = next_option(argc, argv, events_opts)) != OPTIONS_END) {
		if (option == 'f')
			r->follow = true;
		else if (parse_when(optarg, wall_now(), &r->since))
			return fail(EXIT_USAGE,
				    "'%s' is not a time: write '2026-01-31T"
				    "12:00:00Z', '@1769860800' or '-10m'",
				    optarg);
	}
	return need_operands(argc, argv, 0, 0);
}

int verb_events(int argc, char **argv)
{
	struct reader r = { .lock = -1, .map = -1, .cgroups = -1 };
	int status = parse_events(argc, argv, &r);

	if (!status)
		status = pins_need_loaded();
	if (status)
		return status;
	setvbuf(stdout, NULL, _IOLBF, 0);
	status = open_events(&r);
	if (!status)
		status = read_events(&r);
	close_events(&r);
	return status;
}
