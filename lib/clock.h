/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The time since boot, which goes on while the machine sleeps. */
#ifndef DAXGUARD_CLOCK_H
#define DAXGUARD_CLOCK_H

#include <linux/types.h>

#define NS_PER_S 1000000000ULL

/* CLOCK_BOOTTIME, as the guard has it in its maps: in nanoseconds. */
__u64 now_ns(void);

/* The same in seconds. */
double now_s(void);

#endif
