/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children that the program which we are part of does not notice. */
#ifndef DAXGUARD_CHILD_H
#define DAXGUARD_CHILD_H

#include <sys/types.h>

/*
 * Run FN(0) in a child that has nothing open but FD, as descriptor 0, no signal but
 * SIGKILL, and a session of its own.  It makes no SIGCHLD, and wait(2) does not see it.
 * FN may only do what a signal handler may.  Returns the pid or a negative errno.
 */
pid_t child_start(void (*fn)(int fd), int fd);

void child_wait(pid_t pid);

#endif
