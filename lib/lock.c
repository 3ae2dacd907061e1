// SPDX-License-Identifier: LGPL-2.1-or-later
/* One whole-device change at a time, also where the guard is not loaded. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "model.h"
#include "process.h"

/* The process that has the lock on ST, by /proc/locks; 0 where that is not to be seen. */
static int holder_of(const struct stat *st)
{
	unsigned int maj, min;
	unsigned long ino;
	char line[256];
	int pid, found = 0;
	FILE *f = fopen("/proc/locks", "re");

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &maj, &min, &ino) ==
			    4 &&
		    maj == major(st->st_dev) && min == minor(st->st_dev) && ino == st->st_ino)
			found = pid;
	if (f)
		fclose(f);
	return found;
}

static int say_locked(int fd, const char *name, struct why *why)
{
	struct stat st;
	char comm[32];
	int pid = 0;

	if (!fstat(fd, &st))
		pid = holder_of(&st);
	if (!process_name(pid, comm, sizeof(comm)))
		strcpy(comm, "?");
	return because(
		why, DAXGUARD_RESULT_HELD,
		"'%s' is being changed by '%s' (pid %d): wait until that is done, or use "
		"--wait",
		name, comm, pid);
}

int device_lock(int *fd, const char *name, struct why *why)
{
	char path[64];
	int result = 0;

	snprintf(path, sizeof(path), DAX_DEVICES "/%s", name);
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return because(why, DAXGUARD_RESULT_FAILED,
			       "there is no dax device '%s': see 'daxguard list'", name);
	if (!flock(*fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		result = say_locked(*fd, name, why);
	else
		result = because(why, DAXGUARD_RESULT_FAILED, "'%s' cannot be locked: %s", name,
				 strerror(errno));
	close(*fd);
	*fd = -1;
	return result;
}
