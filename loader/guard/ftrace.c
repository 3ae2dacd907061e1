// SPDX-License-Identifier: GPL-2.0-only
/* Whether the kernel calls what is attached to its functions. */
#include "guard/ftrace.h"

#include <string.h>

#include "guard/check.h"

#define FTRACE_FILE "/proc/sys/kernel/ftrace_enabled"

/*
 * At 0 the kernel takes the calls out of its functions, and those of what attaches
 * later never come in; attaching succeeds all the same.  A kernel without the file
 * cannot be told to.
 */
const char *ftrace_stopped(void)
{
	char line[16];

	if (read_line(FTRACE_FILE, line, sizeof(line)) || strcmp(line, "0"))
		return NULL;
	return "'kernel.ftrace_enabled' is 0, and so the kernel calls none of the guard's "
	       "programs: sysctl kernel.ftrace_enabled=1";
}
