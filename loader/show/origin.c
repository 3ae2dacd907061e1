/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole paths of what an event names: of the program and of the cgroup. */
#include "show/origin.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pidns.h"
#include "process.h"
#include "text.h"

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
void exe_path(const struct daxguard_event *e, char *buf, size_t size)
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
void cgroup_path(const struct cgroups *cgroups, __u64 id, char *buf, size_t size)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} u = { .handle = { .handle_bytes = sizeof(id), .handle_type = 0xfe } };
	const char *top = cgroups->path;
	char link[64], path[4096];
	ssize_t len = -1;
	int fd = -1;

	snprintf(buf, size, "%llu", id);
	memcpy(u.handle.f_handle, &id, sizeof(id));
	if (top && cgroups->fd >= 0)
		fd = open_by_handle_at(cgroups->fd, &u.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	close(fd);
	path[len > 0 ? len : 0] = 0;
	if (!strncmp(path, top, strlen(top)) && path[strlen(top)] == '/')
		clean_text(buf, size, path + strlen(top), sizeof(path) - strlen(top));
	else if (!strcmp(path, top))
		snprintf(buf, size, "/");
}
