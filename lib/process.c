// SPDX-License-Identifier: LGPL-2.1-or-later
/* What /proc says about a process. */
#include "process.h"

#include <stdio.h>
#include <string.h>

bool process_name(pid_t pid, char *name, size_t size)
{
	char path[64];
	FILE *f;

	*name = 0;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(name, size, f))
		*name = 0;
	fclose(f);
	name[strcspn(name, "\n")] = 0;
	return *name;
}
