/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the kernel calls what is attached to its functions. */
#ifndef DAXGUARD_FTRACE_H
#define DAXGUARD_FTRACE_H

/*
 * Why no program of the guard is called although it may be attached, LSM programs
 * included: a sentence with the remedy.  NULL where nothing is known to stop them.
 */
const char *ftrace_stopped(void);

#endif
