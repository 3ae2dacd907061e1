/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers as people and sysfs write them, taken strictly. */
#include "number.h"

#include <errno.h>
#include <stdint.h>

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

int parse_number(const char *text, int base, __u64 max, __u64 *number)
{
	__u64 sum = 0;
	int digit;

	if (!base) {
		base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
		text += base == 16 ? 2 : 0;
	}
	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		digit = digit_of(*text);
		if (digit >= base)
			return -EINVAL;
		if (sum > (UINT64_MAX - digit) / base)
			return -ERANGE;
		sum = sum * base + digit;
	}
	if (sum > max)
		return -ERANGE;
	*number = sum;
	return 0;
}
