/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who has a flock(2) that we did not get, as /proc/locks tells. */
#ifndef DAXGUARD_LOCKS_H
#define DAXGUARD_LOCKS_H

#include <stddef.h>

/* Room for what locks_holder() says. */
#define LOCKS_LEN 64

/*
 * Who has the lock on the file that FD has open: "'daxguard' (pid 4711)", with the
 * number of our pid namespace, or words for one who is not to be seen from it.
 * Returns BUF.
 */
const char *locks_holder(char *buf, size_t size, int fd);

#endif
