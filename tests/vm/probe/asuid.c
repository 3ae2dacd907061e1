// SPDX-License-Identifier: GPL-2.0-only
/* The verb as-uid: runs a command as another user, without groups or capabilities. */
#include <grp.h>
#include <unistd.h>

#include "dgprobe.h"

int verb_as_uid(int argc, char **argv)
{
	int uid = to_number(argv[1]);

	(void)argc;
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid))
		cannot("become user %d: %m", uid);
	execvp(argv[2], argv + 2);
	cannot("execute %s: %m", argv[2]);
}
