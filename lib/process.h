/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What /proc says about a process. */
#ifndef DAXGUARD_PROCESS_H
#define DAXGUARD_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The name that PID goes by, cut to SIZE; false and "" where that cannot be read. */
bool process_name(pid_t pid, char *name, size_t size);

#endif
