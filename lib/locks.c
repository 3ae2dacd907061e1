// SPDX-License-Identifier: LGPL-2.1-or-later
/* Who has a flock(2) that we did not get, as /proc/locks tells. */
#include "locks.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>

#include "process.h"

/* Is LINE about a lock on ST?  Then whose, as far as it says. */
static bool is_lock_on(const char *line, const struct stat *st, pid_t *pid)
{
	unsigned int dev_major, dev_minor;
	unsigned long inode;

	return sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", pid, &dev_major, &dev_minor,
		      &inode) == 4 &&
	       dev_major == major(st->st_dev) && dev_minor == minor(st->st_dev) &&
	       inode == st->st_ino;
}

/*
 * The numbers are those of the pid namespace that /proc is of, as are its directories.
 * A holder outside of it has the number 0 or, in some kernels, no line.
 */
static pid_t holder_of(const struct stat *st)
{
	FILE *locks = fopen("/proc/locks", "re");
	char line[256];
	pid_t pid = 0;
	bool found = false;

	while (locks && !found && fgets(line, sizeof(line), locks))
		found = is_lock_on(line, st, &pid);
	if (locks)
		fclose(locks);
	return found ? pid : 0;
}

const char *locks_holder(char *buf, size_t size, int fd)
{
	char comm[32];
	struct stat st;
	pid_t pid = fstat(fd, &st) ? 0 : holder_of(&st);

	if (pid > 0 && process_name(pid, comm, sizeof(comm)))
		snprintf(buf, size, "'%s' (pid %d)", comm, pid);
	else
		snprintf(buf, size, "a process that cannot be seen from here");
	return buf;
}
