// SPDX-License-Identifier: LGPL-2.1-or-later
/* The time since boot, which goes on while the machine sleeps. */
#include "clock.h"

#include <time.h>

__u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

double now_s(void)
{
	return now_ns() / 1e9;
}
