// SPDX-License-Identifier: GPL-2.0-only
/* Reaching a bpf file system that another mount covers, or another namespace has. */
#include "guard/mounts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard/pins.h"

struct mount {
	unsigned long long id;
	unsigned long long parent;
	bool bpf;
	char point[PATH_MAX];
};

struct mounts {
	struct mount *list;
	size_t nr;
};

/* A space is \040 in mountinfo. */
static void unescape(char *text)
{
	char *to = text;
	unsigned int byte;

	while (*text) {
		if (*text == '\\' && sscanf(text + 1, "%3o", &byte) == 1) {
			*to++ = byte;
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = 0;
}

static bool parse_mount(char *line, struct mount *m)
{
	const char *type = strstr(line, " - ");

	if (!type ||
	    sscanf(line, "%llu %llu %*s %*s %4095s", &m->id, &m->parent, m->point) != 3)
		return false;
	m->bpf = !strncmp(type, " - bpf ", 7);
	unescape(m->point);
	return true;
}

/* PROC is a directory of a process.  Without memory there are fewer of them. */
static void read_mounts(int proc, struct mounts *all)
{
	int fd = openat(proc, "mountinfo", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;
	void *more;

	memset(all, 0, sizeof(*all));
	while (f && getline(&line, &size, f) > 0) {
		more = realloc(all->list, (all->nr + 1) * sizeof(*all->list));
		if (!more)
			break;
		all->list = more;
		all->nr += parse_mount(line, &all->list[all->nr]);
	}
	free(line);
	if (f)
		fclose(f);
	else if (fd >= 0)
		close(fd);
}

static const struct mount *mount_of_id(const struct mounts *all, unsigned long long id)
{
	for (size_t i = 0; i < all->nr; i++)
		if (all->list[i].id == id)
			return &all->list[i];
	return NULL;
}

static const struct mount *nth_bpf(const struct mounts *all, size_t n)
{
	for (size_t i = 0; i < all->nr; i++)
		if (all->list[i].bpf && !n--)
			return &all->list[i];
	return NULL;
}

static unsigned long long top_id(const char *point)
{
	struct statx st;

	if (statx(AT_FDCWD, point, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID, &st))
		return 0;
	return st.stx_mnt_id;
}

/* What holds the directory that M, or the pile that M is part of, is mounted on. */
static const struct mount *mount_below(const struct mounts *all, const struct mount *m)
{
	const struct mount *parent = mount_of_id(all, m->parent);

	while (parent && !strcmp(parent->point, m->point) && parent->parent != parent->id)
		parent = mount_of_id(all, parent->parent);
	return parent;
}

/*
 * Take away what is mounted over M, or over what M is mounted on.  Where that is at the
 * same place, M covers it: to reveal it would take M away.
 */
static bool reveal(const struct mounts *all, const struct mount *m, struct mounted *where)
{
	const struct mount *parent = mount_below(all, m);

	if (!strcmp(m->point, "/"))
		return true;
	if (parent && parent != m && !reveal(all, parent, where))
		return false;
	while (top_id(m->point) != m->id) {
		if (umount2(m->point, MNT_DETACH | UMOUNT_NOFOLLOW))
			return false;
		if (!where->hidden)
			snprintf(where->point, sizeof(where->point), "%.127s", m->point);
		where->hidden = true;
	}
	return true;
}

static bool show_on_pin_root(const struct mounts *all, const struct mount *m,
			     struct mounted *where)
{
	where->hidden = false;
	snprintf(where->point, sizeof(where->point), "%.127s", m->point);
	if (!reveal(all, m, where))
		return false;
	return !strcmp(m->point, PIN_ROOT) || !mount(m->point, PIN_ROOT, NULL, MS_BIND, NULL);
}

/* A fresh copy of the namespace NS, where nothing we do reaches anybody else. */
static int copy_namespace(int ns)
{
	if (setns(ns, CLONE_NEWNS) || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return 0;
}

struct search {
	bool (*right)(const void *ctx);
	const void *ctx;
	struct mounted *where;
	int self; /* /proc/self, as /proc is another one elsewhere */
};

/* The Nth bpf file system of the namespace: 0, -EAGAIN for another, -ENOENT for none. */
static int try_nth(const struct search *s, int ns, size_t n)
{
	const struct mount *m;
	struct mounts all;
	int err = copy_namespace(ns);

	if (err)
		return err == -EAGAIN ? -EPERM : err;
	read_mounts(s->self, &all);
	m = nth_bpf(&all, n);
	if (!m)
		err = -ENOENT;
	else if (!show_on_pin_root(&all, m, s->where) || !s->right(s->ctx))
		err = -EAGAIN;
	free(all.list);
	return err;
}

static bool search_namespace(const struct search *s, int proc)
{
	int ns = openat(proc, "ns/mnt", O_RDONLY | O_CLOEXEC);
	int err = ns < 0 ? -errno : -EAGAIN;

	for (size_t n = 0; err == -EAGAIN; n++)
		err = try_nth(s, ns, n);
	if (ns >= 0)
		close(ns);
	return !err;
}

static bool has_bpf(int proc)
{
	struct mounts all;
	bool has;

	read_mounts(proc, &all);
	has = nth_bpf(&all, 0);
	free(all.list);
	return has;
}

#define MOST_NAMESPACES 64

/* The namespaces that were searched. */
struct seen {
	ino_t ino[MOST_NAMESPACES];
	size_t nr;
};

/* Is this process in a namespace that was not seen before?  It is then. */
static bool is_news(struct seen *seen, int proc)
{
	struct stat st;

	if (fstatat(proc, "ns/mnt", &st, 0) || seen->nr == MOST_NAMESPACES)
		return false;
	for (size_t i = 0; i < seen->nr; i++)
		if (seen->ino[i] == st.st_ino)
			return false;
	seen->ino[seen->nr++] = st.st_ino;
	return true;
}

static bool search_process(const struct search *s, struct seen *seen, int proc)
{
	return is_news(seen, proc) && has_bpf(proc) && search_namespace(s, proc);
}

static bool search_others(const struct search *s, struct seen *seen, DIR *procs)
{
	struct dirent *entry;
	bool found = false;
	int proc;

	while (!found && (entry = readdir(procs))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		proc = openat(dirfd(procs), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (proc < 0)
			continue;
		s->where->pid = atoi(entry->d_name);
		found = search_process(s, seen, proc);
		close(proc);
	}
	return found;
}

bool mounts_enter(bool (*right)(const void *ctx), const void *ctx, struct mounted *where)
{
	DIR *procs = opendir("/proc");
	struct search s = { .right = right, .ctx = ctx, .where = where };
	struct seen seen = {};
	bool found;

	s.self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	memset(where, 0, sizeof(*where));
	found = procs && s.self >= 0 &&
		(search_process(&s, &seen, s.self) || search_others(&s, &seen, procs));
	if (s.self >= 0)
		close(s.self);
	if (procs)
		closedir(procs);
	return found;
}
