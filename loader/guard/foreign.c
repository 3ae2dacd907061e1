// SPDX-License-Identifier: GPL-2.0-only
/* Finding a guard by its links in the kernel, and what keeps them. */
#include "guard/foreign.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "guard/mounts.h"
#include "guard/pins.h"
#include "guard/version.h"
#include "process.h"

#define MOST_LINKS 128

struct ids {
	__u32 list[MOST_LINKS];
	size_t nr;
};

static bool ids_have(const struct ids *ids, __u32 id)
{
	for (size_t i = 0; i < ids->nr; i++)
		if (ids->list[i] == id)
			return true;
	return false;
}

static void ids_add(struct ids *ids, __u32 id)
{
	if (ids->nr < MOST_LINKS)
		ids->list[ids->nr++] = id;
}

/* Also a program of another version, or of one that has other programs. */
static bool is_ours(__u32 prog)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(prog);
	int err;

	if (fd < 0)
		return false;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	return !err && (info.type == BPF_PROG_TYPE_LSM || info.type == BPF_PROG_TYPE_TRACING) &&
	       !strncmp(info.name, PROG_PREFIX, strlen(PROG_PREFIX));
}

/* The program of a link, and the link's id; 0 where it is none. */
static __u32 link_prog(int fd, __u32 *id)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return 0;
	*id = info.id;
	return info.prog_id;
}

static void pinned_in(struct ids *ids, const char *links)
{
	struct dirent *entry;
	DIR *dir = opendir(links);
	char path[600];
	__u32 id;
	int fd;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", links, entry->d_name);
		fd = entry->d_name[0] == '.' ? -1 : bpf_obj_get(path);
		if (fd < 0)
			continue;
		if (link_prog(fd, &id))
			ids_add(ids, id);
		close(fd);
	}
	if (dir)
		closedir(dir);
}

/* Of every version: from an older one a load takes over. */
static void pinned_here(struct ids *ids)
{
	struct dirent *entry;
	DIR *dir = opendir(PIN_TOP);
	char path[300];

	ids->nr = 0;
	while (dir && (entry = readdir(dir))) {
		if (!version_number(entry->d_name) || entry->d_type == DT_LNK)
			continue;
		snprintf(path, sizeof(path), PIN_TOP "/%s/links", entry->d_name);
		pinned_in(ids, path);
	}
	if (dir)
		closedir(dir);
}

/* How long a link may take from its number to being attached. */
#define SETTLING_S 5

/* As bpf_link_get_fd_by_id(), of a link that is just being attached too. */
static int link_of_id(__u32 id)
{
	double until = now_s() + SETTLING_S;
	int fd;

	while ((fd = bpf_link_get_fd_by_id(id)) == -EAGAIN && now_s() < until)
		poll(NULL, 0, 1);
	return fd;
}

/*
 * All links to programs of ours but those of PINNED, the oldest first.  Returns 0 or a
 * negative errno.
 */
static int links_beside(const struct ids *pinned, struct ids *found)
{
	__u32 id = 0, prog, same;
	int fd;

	found->nr = 0;
	while (!bpf_link_get_next_id(id, &id)) {
		if (ids_have(pinned, id))
			continue;
		fd = link_of_id(id);
		if (fd < 0)
			continue; /* gone since */
		prog = link_prog(fd, &same);
		close(fd);
		if (prog && is_ours(prog))
			ids_add(found, id);
	}
	return errno == ENOENT ? 0 : -errno;
}

static bool is_pinned_here(const void *ctx)
{
	const struct ids *wanted = ctx;
	struct ids here;

	pinned_here(&here);
	for (size_t i = 0; i < here.nr; i++)
		if (ids_have(wanted, here.list[i]))
			return true;
	return false;
}

/* --- who holds a link that has no pin --- */

static bool fdinfo_names(const char *path, const struct ids *ids)
{
	FILE *f = fopen(path, "re");
	bool named = false;
	char line[128];
	__u32 id;

	while (f && !named && fgets(line, sizeof(line), f))
		named = sscanf(line, "link_id: %u", &id) == 1 && ids_have(ids, id);
	if (f)
		fclose(f);
	return named;
}

static bool process_holds(const char *pid, const struct ids *ids)
{
	char path[600], kind[64];
	struct dirent *entry;
	bool holds = false;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir && !holds && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, entry->d_name);
		len = readlink(path, kind, sizeof(kind) - 1);
		kind[len < 0 ? 0 : len] = 0;
		if (!strstr(kind, "bpf"))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, entry->d_name);
		holds = fdinfo_names(path, ids);
	}
	if (dir)
		closedir(dir);
	return holds;
}

static pid_t holder_of(const struct ids *ids)
{
	DIR *procs = opendir("/proc");
	struct dirent *entry;
	pid_t pid = 0;

	while (procs && !pid && (entry = readdir(procs)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    process_holds(entry->d_name, ids))
			pid = atoi(entry->d_name);
	if (procs)
		closedir(procs);
	return pid;
}

/* --- where it is --- */

struct place {
	bool reached;
	struct mounted mounted;
};

/* In a child, as it leads to another namespace; what it finds is shared with it. */
static struct place find_pins(const struct ids *ids)
{
	struct place place = {}, *shared;
	pid_t child;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return place;
	child = fork();
	if (!child) {
		shared->reached = mounts_enter(is_pinned_here, ids, &shared->mounted);
		_exit(0);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	place = *shared;
	munmap(shared, sizeof(*shared));
	return place;
}

/* Beside a guard whose pins are here, the same place needs another remedy. */
static void tell_second(const struct mounted *at, char *what, size_t size)
{
	char name[32] = "", where[256];

	if (at->pid)
		process_name(at->pid, name, sizeof(name));
	if (at->pid)
		snprintf(where, sizeof(where),
			 "its pins are only in the mount namespace of '%s' (%d)", name,
			 at->pid);
	else if (at->hidden)
		snprintf(where, sizeof(where), "another mount on '%s' hides its pins",
			 at->point);
	else
		snprintf(where, sizeof(where), "its pins are below '%s'", at->point);
	snprintf(what, size,
		 "a second guard runs beside the one that is pinned here, and %s: take both "
		 "away with 'daxguard unload', twice, then run 'daxguard load'",
		 where);
}

static void tell_mounted(const struct mounted *at, char *what, size_t size)
{
	char name[32];

	if (at->pid) {
		process_name(at->pid, name, sizeof(name));
		snprintf(what, size,
			 "the guard is loaded, but its pins are only in the mount namespace "
			 "of '%s' (%d): run 'nsenter --mount --target=%d daxguard', or take "
			 "it away with 'daxguard unload'",
			 name, at->pid, at->pid);
	} else if (at->hidden) {
		snprintf(what, size,
			 "the guard is loaded, but another mount on '%s' hides its pins: "
			 "umount %s, or take the guard away with 'daxguard unload'",
			 at->point, at->point);
	} else {
		snprintf(what, size,
			 "the guard is loaded, but its pins are below '%s': mount --bind "
			 "%s " PIN_ROOT ", or take it away with 'daxguard unload'",
			 at->point, at->point);
	}
}

/* The command itself keeps links without pins for as long as it loads. */
static bool is_loading(pid_t holder)
{
	char name[32];

	return process_name(holder, name, sizeof(name)) && !strcmp(name, "daxguard");
}

static void tell_unreached(pid_t holder, char *what, size_t size)
{
	char name[32];

	if (!holder) {
		snprintf(what, size,
			 "the guard is loaded, but its pins cannot be seen from here "
			 "('bpftool link show' has its links): run daxguard outside of the "
			 "container, or end what keeps the bpf file system of its pins");
		return;
	}
	if (is_loading(holder)) {
		snprintf(what, size,
			 "the guard is just being loaded by 'daxguard' (%d): run this again "
			 "when that is done",
			 holder);
		return;
	}
	process_name(holder, name, sizeof(name));
	snprintf(what, size,
		 "a guard runs without pins, and '%s' (%d) keeps it: end that process", name,
		 holder);
}

/* Long enough for the kernel to be done with what nobody refers to any more. */
#define DYING_S 5
/* Long enough for a load to pin what it has attached, or to take it back. */
#define LOADING_S 30

/*
 * Is this round the last?  Where it is known what keeps the links, and that is not a
 * load under way.
 */
static bool settled(const struct place *place, pid_t holder, double start)
{
	if (place->reached)
		return true;
	if (holder && is_loading(holder))
		return now_s() > start + LOADING_S;
	return holder || now_s() > start + DYING_S;
}

/*
 * The kernel lets a link go some grace periods after its last name; whoever looks in
 * between sees one that nothing keeps.  Each round waits for such a period.
 */
int foreign_look(char *what, size_t size)
{
	struct ids pinned, found;
	struct place place = {};
	double start = now_s();
	pid_t holder = 0;
	int err, round;

	pinned_here(&pinned);
	for (round = 0;; round++) {
		err = links_beside(&pinned, &found);
		if (err || !found.nr)
			return err;
		if (round)
			place = find_pins(&found);
		if (round)
			holder = place.reached ? 0 : holder_of(&found);
		if (round && settled(&place, holder, start))
			break;
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	}
	if (!place.reached)
		tell_unreached(holder, what, size);
	else if (pinned.nr)
		tell_second(&place.mounted, what, size);
	else
		tell_mounted(&place.mounted, what, size);
	return 1;
}

bool foreign_is_older(const int *links, size_t nr)
{
	struct ids ours, found;
	__u32 id, oldest = ~0U;
	size_t i;

	pinned_here(&ours);
	for (i = 0; i < nr; i++)
		if (link_prog(links[i], &id))
			ids_add(&ours, id);
	for (i = 0; i < ours.nr; i++)
		if (ours.list[i] < oldest)
			oldest = ours.list[i];
	return !links_beside(&ours, &found) && found.nr && found.list[0] < oldest;
}

bool foreign_enter(char *what, size_t size)
{
	struct ids pinned, found;
	struct mounted at;

	pinned_here(&pinned);
	if (!links_beside(&pinned, &found) && mounts_enter(is_pinned_here, &found, &at))
		return true;
	tell_unreached(holder_of(&found), what, size);
	return false;
}
