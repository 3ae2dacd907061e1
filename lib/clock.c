// SPDX-License-Identifier: LGPL-2.1-or-later
/* Seconds that go on while the machine sleeps. */
#include "clock.h"

#include <time.h>

double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}
