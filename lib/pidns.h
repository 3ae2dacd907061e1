/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Process ids in a container: the guard knows those of the host, people here the ones
 * of this pid namespace.
 */
#ifndef DAXGUARD_PIDNS_H
#define DAXGUARD_PIDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "daxguard.h"

struct pid_pair {
	pid_t here; /* 0 where it is not to be seen from here */
	__u32 host;
	char comm[DAXGUARD_COMM_LEN]; /* "" where it is not known */
};

/* Are we in the host's own pid namespace?  Also where the guard cannot be asked. */
bool pidns_is_host(void);

/* The process HERE of our namespace.  False where it is known that there is none. */
bool pidns_host(struct pid_pair *pair, pid_t here);

/* The process HOST of the host; false where our namespace does not have it. */
bool pidns_here(struct pid_pair *pair, __u32 host);

/* "12", or "3456 of the host", for a process known by the host's number. */
const char *pidns_text(char *buf, size_t size, __u32 host);

#endif
