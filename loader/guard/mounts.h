/* SPDX-License-Identifier: GPL-2.0-only */
/* A bpf file system that is mounted, but not to be seen on PIN_ROOT. */
#ifndef DAXGUARD_MOUNTS_H
#define DAXGUARD_MOUNTS_H

#include <stdbool.h>
#include <sys/types.h>

struct mounted {
	pid_t pid; /* a process in whose mount namespace it is, 0 for our own */
	bool hidden; /* something is mounted over it: there */
	char point[128]; /* else where it is mounted itself */
};

/*
 * Move this process into a mount namespace where PIN_ROOT is the bpf file system that
 * RIGHT() says yes to, one of its own: nobody else sees a change.  Tried are all mounts
 * of our namespace and of those of other processes, covered ones too.  False where
 * there is none; the process then is in any of those namespaces.
 */
bool mounts_enter(bool (*right)(const void *ctx), const void *ctx, struct mounted *where);

#endif
