/* SPDX-License-Identifier: GPL-2.0-only */
/* One reader of the events at a time: an event that one of two takes, the other never sees. */
#include "guard/reader_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli.h"
#include "guard/pins.h"
#include "locks.h"
#include "show/report.h"

int reader_lock(int *lock)
{
	char holder[LOCKS_LEN];
	int err;

	*lock = open(PIN_MAPS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*lock < 0)
		return fail(EXIT_FAILED,
			    "'" PIN_MAPS "' cannot be opened (%s): see "
			    "'daxguard check'",
			    strerror(errno));
	if (!flock(*lock, LOCK_EX | LOCK_NB))
		return 0;
	err = errno;
	locks_holder(holder, sizeof(holder), *lock);
	close(*lock);
	*lock = -1;
	if (err != EWOULDBLOCK)
		return fail(EXIT_FAILED, "'" PIN_MAPS "' cannot be locked (%s): try again",
			    strerror(err));
	return fail(EXIT_HELD, "%s is reading '" PIN_MAPS "/events': end it first", holder);
}
