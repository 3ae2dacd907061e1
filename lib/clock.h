/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Seconds that go on while the machine sleeps. */
#ifndef DAXGUARD_CLOCK_H
#define DAXGUARD_CLOCK_H

/* CLOCK_BOOTTIME. */
double now_s(void);

#endif
