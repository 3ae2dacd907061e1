// SPDX-License-Identifier: GPL-2.0-only
/* The verb flock: has the lock of a file or directory until it is told to go. */
#include <fcntl.h>
#include <sys/file.h>

#include "dgprobe.h"

int verb_flock(int argc, char **argv)
{
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);

	(void)argc;
	if (fd < 0)
		cannot("open %s: %m", argv[1]);
	if (flock(fd, LOCK_EX | LOCK_NB))
		cannot("lock %s: %m", argv[1]);
	say_ready(argv[2]);
	wait_for_go(argv[2]);
	return LET_THROUGH;
}
