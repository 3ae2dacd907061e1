// SPDX-License-Identifier: GPL-2.0-only
/* The pins under bpffs: opening, judging and removing them, under one lock. */
#include "guard/pins.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "guard/foreign.h"
#include "guard/hooks.h"
#include "show/report.h"
#include "guard/remove.h"
#include "guard/skeleton.h"
#include "guard/state.h"
#include "guard/version.h"

#ifndef BPF_FS_MAGIC
#define BPF_FS_MAGIC 0xcafe4a11
#endif

#define PATH_LEN 256

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned int)fs.f_type == BPF_FS_MAGIC;
}

/* Is FD still what PATH names?  An unload may have removed it meanwhile. */
static bool still_there(int fd, const char *path)
{
	struct stat held, named;

	return !fstat(fd, &held) && !stat(path, &named) && held.st_ino == named.st_ino &&
	       held.st_dev == named.st_dev;
}

int pins_lock(bool create)
{
	int fd;

	if (!is_bpffs(PIN_ROOT))
		return -ENODEV;
	for (;;) {
		if (create && mkdir(PIN_TOP, 0700) && errno != EEXIST)
			return -errno;
		fd = open(PIN_TOP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0) {
			if (errno == ENOENT && create)
				continue; /* removed between the two calls */
			return -errno;
		}
		if (flock(fd, LOCK_EX)) {
			int err = -errno;

			close(fd);
			return err;
		}
		if (still_there(fd, PIN_TOP))
			return fd;
		close(fd);
	}
}

int pins_lock_to_change(int *lock)
{
	*lock = pins_lock(false);
	if (*lock >= 0)
		return 0;
	return fail(EXIT_FAILED, "'" PIN_TOP "' cannot be locked (%s): see 'daxguard check'",
		    strerror(-*lock));
}

/* What was found while looking: the worst of it, and the first thing like that. */
struct finding {
	enum pins_state state;
	size_t found; /* pins that are there and right */
	char *what;
	size_t size;
};

__attribute__((format(printf, 3, 4))) static void note(struct finding *f, enum pins_state state,
						       const char *fmt, ...)
{
	va_list args;

	if (state <= f->state)
		return;
	f->state = state;
	va_start(args, fmt);
	vsnprintf(f->what, f->size, fmt, args);
	va_end(args);
}

/* Why PATH cannot be looked at, and what to do about it. */
static void tell_unseen(char *what, size_t size, const char *path, int err)
{
	if (err == EPERM || err == EACCES)
		snprintf(what, size,
			 "'%s' may not be looked at from here (%s): run daxguard outside of "
			 "the user namespace, as root with CAP_SYS_ADMIN",
			 path, strerror(err));
	else
		snprintf(what, size, "'%s' cannot be looked at (%s): run daxguard again", path,
			 strerror(err));
}

int pins_fail_unseen(const char *path, int err)
{
	char what[PINS_WHAT];

	tell_unseen(what, sizeof(what), path, err);
	return fail(EXIT_LACKING, "%s", what);
}

int pins_fail_broken(int err)
{
	return fail(EXIT_FAILED,
		    "the pins under '" PIN_DIR "' cannot be read (%s): repair them with "
		    "'daxguard load'",
		    strerror(-err));
}

/* Does that errno tell of us, and not of what is at PATH? */
static bool is_unseen(const char *path, int err)
{
	switch (err) {
	case EACCES: /* bpf_obj_get() says so of what is no pin, too */
		return access(path, R_OK | W_OK) && errno == EACCES;
	case EPERM:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EINTR:
	case EIO:
		return true;
	default:
		return false;
	}
}

/* DIR/NAME is not to be had for that errno; where it tells of the thing, it is WRONG. */
static void judge_error(struct finding *f, const char *dir, const char *name, int err,
			const char *wrong)
{
	char path[PATH_LEN], what[PINS_WHAT];

	snprintf(path, sizeof(path), "%s%s%s", dir, *name ? "/" : "", name);
	if (err == ENOENT) {
		note(f, PINS_PARTIAL, "%s is missing", path);
	} else if (is_unseen(path, err)) {
		tell_unseen(what, sizeof(what), path, err);
		note(f, PINS_UNSEEN, "%s", what);
	} else {
		note(f, PINS_FOREIGN, "%s %s", path, wrong);
	}
}

#define NO_MAP "is not a map of this version"
#define NO_PROG "is not that program"
#define NO_LINK "is not a link"

static void judge_map(struct finding *f, const struct bpf_map *map)
{
	const char *name = map_pin_name(map);
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int fd;

	if (!name)
		return;
	fd = pins_map(name);
	if (fd < 0)
		judge_error(f, PIN_MAPS, name, -fd, NO_MAP);
	else if (bpf_obj_get_info_by_fd(fd, &info, &len))
		judge_error(f, PIN_MAPS, name, errno, NO_MAP);
	else if (!map_has_layout(map, &info))
		note(f, PINS_FOREIGN, PIN_MAPS "/%s " NO_MAP, name);
	else
		f->found++;
	if (fd >= 0)
		close(fd);
}

static __u32 judge_prog(struct finding *f, const struct bpf_program *prog)
{
	const char *name = bpf_program__name(prog);
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info), id = 0;
	int fd = pins_prog(name);

	if (fd < 0)
		judge_error(f, PIN_PROGS, name, -fd, NO_PROG);
	else if (bpf_obj_get_info_by_fd(fd, &info, &len))
		judge_error(f, PIN_PROGS, name, errno, NO_PROG);
	else if (info.type != (__u32)bpf_program__type(prog) ||
		 strncmp(info.name, name, BPF_OBJ_NAME_LEN - 1))
		note(f, PINS_FOREIGN, PIN_PROGS "/%s " NO_PROG, name);
	else
		id = info.id;
	f->found += id != 0;
	if (fd >= 0)
		close(fd);
	return id;
}

/* Of what kind is this descriptor?  The kernel's answers alone look alike. */
static bool is_link(int fd)
{
	char path[64], kind[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, kind, sizeof(kind) - 1);
	if (len < 0)
		return true; /* no /proc: the rest has to do */
	kind[len] = 0;
	return strstr(kind, "link");
}

static void judge_link(struct finding *f, const struct bpf_program *prog, __u32 id)
{
	const char *name = bpf_program__name(prog);
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	int fd = pins_link(name);

	if (fd < 0)
		judge_error(f, PIN_LINKS, name, -fd, NO_LINK);
	else if (!is_link(fd))
		note(f, PINS_FOREIGN, PIN_LINKS "/%s " NO_LINK, name);
	else if (bpf_obj_get_info_by_fd(fd, &info, &len))
		judge_error(f, PIN_LINKS, name, errno, NO_LINK);
	else if (info.type != BPF_LINK_TYPE_TRACING && info.type != BPF_LINK_TYPE_ITER &&
		 info.type != BPF_LINK_TYPE_RAW_TRACEPOINT)
		note(f, PINS_FOREIGN, PIN_LINKS "/%s " NO_LINK, name);
	else if (!info.prog_id)
		note(f, PINS_PARTIAL, PIN_LINKS "/%s is detached", name);
	else if (id && info.prog_id != id)
		note(f, PINS_PARTIAL, PIN_LINKS "/%s runs another program", name);
	else
		f->found++;
	if (fd >= 0)
		close(fd);
}

/* Maps of 0.1.0: a load drops them. */
static const char *const obsolete_maps[] = { "inflight", "changes" };

#define NR_OBSOLETE ARRAY_SIZE(obsolete_maps)

void pins_drop_obsolete_maps(void)
{
	char path[PATH_LEN];
	size_t i;

	for (i = 0; i < NR_OBSOLETE; i++) {
		snprintf(path, sizeof(path), PIN_MAPS "/%s", obsolete_maps[i]);
		unlink(path);
	}
}

static bool known_map(const struct bpf_object *obj, const char *name)
{
	struct bpf_map *map;
	size_t i;

	for (i = 0; i < NR_OBSOLETE; i++)
		if (!strcmp(obsolete_maps[i], name))
			return true;

	bpf_object__for_each_map (map, obj)
		if (map_pin_name(map) && !strcmp(map_pin_name(map), name))
			return true;
	return false;
}

/* Programs and links of older versions too: a load replaces them. */
static bool known_prog(const struct bpf_object *obj, const char *name)
{
	(void)obj;
	return !strncmp(name, PROG_PREFIX, strlen(PROG_PREFIX));
}

static bool known_top(const struct bpf_object *obj, const char *name)
{
	(void)obj;
	return version_number(name);
}

static bool known_dir(const struct bpf_object *obj, const char *name)
{
	(void)obj;
	return !strcmp(name, "maps") || !strcmp(name, "progs") || !strcmp(name, "links");
}

static bool is_leftover(const char *name)
{
	size_t len = strlen(name), end = strlen(PIN_NEW);

	return len > end && !strcmp(name + len - end, PIN_NEW);
}

static void judge_dir(struct finding *f, const struct bpf_object *obj, const char *path,
		      known_fn known)
{
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir) {
		judge_error(f, path, "", errno, "is not a directory");
		return;
	}
	while ((entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		if (!known(obj, name))
			note(f, PINS_FOREIGN, "%s/%s does not belong to daxguard", path, name);
		else if (is_leftover(name))
			note(f, PINS_PARTIAL, "%s/%s is left from an interrupted load", path,
			     name);
	}
	closedir(dir);
}

static enum pins_state inspect_here(char *what, size_t size)
{
	struct finding f = { .what = what, .size = size };
	struct daxguard_bpf *skel;
	struct bpf_program *prog;
	struct bpf_map *map;
	__u32 hooks;

	what[0] = 0;
	if (access(PIN_TOP, F_OK) && (errno == ENOENT || errno == ENOTDIR))
		return PINS_NONE;
	skel = daxguard_bpf__open();
	if (!skel) {
		snprintf(what, size,
			 "the BPF object in this command cannot be read (%s): install "
			 "daxguard anew",
			 strerror(errno));
		return PINS_UNSEEN;
	}
	judge_dir(&f, skel->obj, PIN_TOP, known_top);
	judge_dir(&f, skel->obj, PIN_DIR, known_dir);
	judge_dir(&f, skel->obj, PIN_MAPS, known_map);
	judge_dir(&f, skel->obj, PIN_PROGS, known_prog);
	judge_dir(&f, skel->obj, PIN_LINKS, known_prog);
	bpf_object__for_each_map (map, skel->obj)
		judge_map(&f, map);
	hooks = hooks_pinned();
	bpf_object__for_each_program (prog, skel->obj) {
		__u32 id;

		if (!hooks_have_prog(hooks, prog))
			continue;
		id = judge_prog(&f, prog);
		if (prog_has_link(prog))
			judge_link(&f, prog, id);
	}
	daxguard_bpf__destroy(skel);
	if (f.state == PINS_NONE)
		return PINS_COMPLETE;
	if (f.state == PINS_PARTIAL && !f.found && access(PIN_DIR, F_OK))
		return PINS_NONE; /* the empty directory that carries the lock */
	return f.state;
}

/* What the versions beside ours, and the build that loaded ours, make of STATE. */
static enum pins_state judge_version(enum pins_state state, char *what, size_t size)
{
	unsigned int older;

	if (state != PINS_NONE && state != PINS_PARTIAL && state != PINS_COMPLETE)
		return state;
	if (version_older(&older)) {
		snprintf(what, size, PIN_TOP "/v%u is there", older);
		return state == PINS_COMPLETE ? PINS_PARTIAL : PINS_OLDER;
	}
	if (state == PINS_PARTIAL && state_is_other_build())
		return PINS_OLDER;
	if (state == PINS_COMPLETE && !state_is_signed()) {
		snprintf(what, size, "the load has not come to its end");
		return PINS_PARTIAL;
	}
	return state;
}

enum pins_state pins_inspect(char *what, size_t size)
{
	enum pins_state state;
	unsigned int newer;
	int found;

	for (;;) {
		if (version_newer(&newer)) {
			snprintf(what, size, PIN_TOP "/v%u", newer);
			return PINS_NEWER;
		}
		state = judge_version(inspect_here(what, size), what, size);
		if (state != PINS_NONE)
			return state;
		found = foreign_look(what, size);
		if (found < 0) {
			tell_unseen(what, size, "the list of BPF links", -found);
			return PINS_UNSEEN;
		}
		if (!found)
			return PINS_NONE;
		/* a load that has begun since attaches before it pins */
		if (access(PIN_DIR, F_OK))
			return PINS_ELSEWHERE;
	}
}

const char *pins_sentence(enum pins_state state, const char *what)
{
	static char text[2 * PINS_WHAT];
	const char *form = "%s"; /* it is one already */

	switch (state) {
	case PINS_NONE:
		return "the guard is not loaded ('" PIN_DIR
		       "' does not exist): run 'daxguard load'";
	case PINS_PARTIAL:
		form = "the guard is only half loaded ('%s'): repair it with 'daxguard load'";
		break;
	case PINS_OLDER:
		form = "another build of daxguard has loaded the guard ('%s'): run 'daxguard "
		       "load', which takes over from it";
		break;
	case PINS_NEWER:
		form = "a newer daxguard has loaded the guard ('%s'): use that one, or run its "
		       "'daxguard unload' first";
		break;
	case PINS_FOREIGN:
		form = "'" PIN_TOP "' holds something else ('%s'): remove that, then run "
		       "'daxguard load'";
		break;
	default:
		break;
	}
	snprintf(text, sizeof(text), form, what);
	return text;
}

int pins_status(enum pins_state state)
{
	return state == PINS_NONE || state == PINS_UNSEEN ? EXIT_LACKING : EXIT_FAILED;
}

int pins_need_root(void)
{
	if (!geteuid())
		return 0;
	return fail(EXIT_LACKING,
		    "only root can reach the pins under '" PIN_ROOT "': run daxguard as root");
}

int pins_need_bpffs(void)
{
	char what[PINS_WHAT];
	int status = pins_need_root();

	if (status)
		return status;
	if (is_bpffs(PIN_ROOT))
		return 0;
	if (pins_inspect(what, sizeof(what)) == PINS_ELSEWHERE)
		return fail(EXIT_FAILED, "%s", what);
	return fail(EXIT_LACKING, "no bpf file system is mounted on '" PIN_ROOT
				  "': mount -t bpf bpf " PIN_ROOT);
}

int pins_need_loaded(void)
{
	char what[PINS_WHAT];
	enum pins_state state;
	int status = pins_need_bpffs();

	if (status)
		return status;
	state = pins_inspect(what, sizeof(what));
	if (state == PINS_COMPLETE)
		return 0;
	return fail(pins_status(state), "%s", pins_sentence(state, what));
}

static bool known_none(const struct bpf_object *obj, const char *name)
{
	(void)obj;
	(void)name;
	return false;
}

int pins_remove(char *what, size_t size)
{
	struct daxguard_bpf *skel = daxguard_bpf__open();
	unsigned int older;
	int err;

	if (!skel)
		return -ENOMEM;
	/* links first: nothing is enforced by half of the programs */
	err = remove_pins(skel->obj, PIN_LINKS, known_prog, what, size);
	if (!err)
		err = remove_pins(skel->obj, PIN_PROGS, known_prog, what, size);
	if (!err)
		err = remove_pins(skel->obj, PIN_MAPS, known_map, what, size);
	if (!err)
		err = remove_pins(skel->obj, PIN_DIR, known_none, what, size);
	/* with another version there, from which a load has failed to take over, they stay */
	if (!version_older(&older))
		version_remove_names();
	if (!err && rmdir(PIN_TOP) && errno != ENOTEMPTY && errno != ENOENT) {
		err = -errno;
		snprintf(what, size, PIN_TOP);
	}
	daxguard_bpf__destroy(skel);
	return err;
}
