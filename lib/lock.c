// SPDX-License-Identifier: LGPL-2.1-or-later
/* One whole-device change at a time, also where the guard is not loaded. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "locks.h"
#include "model.h"

static int say_locked(int fd, const char *name, struct why *why)
{
	char holder[LOCKS_LEN];

	set_why(why, DAXGUARD_RESULT_HELD,
		"'%s' is being changed by %s: wait until that is done", name,
		locks_holder(holder, sizeof(holder), fd));
	why->remedy = REMEDY_WAIT;
	return DAXGUARD_RESULT_HELD;
}

static int not_opened(int err, const char *name, struct why *why)
{
	switch (err) {
	case ENOENT:
		return set_why(why, DAXGUARD_RESULT_FAILED,
			       "there is no dax device '%s': see 'daxguard list'", name);
	case EACCES:
	case EPERM:
		return set_why(why, DAXGUARD_RESULT_LACKING,
			       "'" DAX_DEVICES "/%s' may not be opened (%s): run this as root, "
			       "outside of a user namespace",
			       name, strerror(err));
	default:
		return set_why(why, DAXGUARD_RESULT_FAILED,
			       "'" DAX_DEVICES "/%s' cannot be opened (%s): try again", name,
			       strerror(err));
	}
}

static int open_device(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), DAX_DEVICES "/%s", name);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool device_is_locked(const char *name)
{
	int fd = open_device(name);
	bool locked = fd < 0 || flock(fd, LOCK_SH | LOCK_NB);

	if (fd >= 0)
		close(fd);
	return locked;
}

int device_lock(int *fd, const char *name, struct why *why)
{
	int result = 0;

	*fd = open_device(name);
	if (*fd < 0)
		return not_opened(errno, name, why);
	if (!flock(*fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		result = say_locked(*fd, name, why);
	else
		result = set_why(why, DAXGUARD_RESULT_FAILED,
				 "'%s' cannot be locked (%s): try again", name,
				 strerror(errno));
	close(*fd);
	*fd = -1;
	return result;
}
