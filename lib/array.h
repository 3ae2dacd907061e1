/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long an array is. */
#ifndef DAXGUARD_ARRAY_H
#define DAXGUARD_ARRAY_H

/* Of an array only: what a function got as a parameter is a pointer. */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#endif
