/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers as people and sysfs write them, taken strictly. */
#ifndef DAXGUARD_NUMBER_H
#define DAXGUARD_NUMBER_H

#include <linux/types.h>

/*
 * The whole of TEXT as a number up to MAX.  BASE 10 or 16; 0 takes 0x too, never
 * octal.  Returns 0, -EINVAL for anything else in it (signs and blanks too), or
 * -ERANGE.
 */
int parse_number(const char *text, int base, __u64 max, __u64 *number);

#endif
