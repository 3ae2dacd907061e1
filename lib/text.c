// SPDX-License-Identifier: LGPL-2.1-or-later
/* Making text from elsewhere fit to be shown. */
#include "text.h"

#include <stdint.h>
#include <string.h>

/* Length of the UTF-8 sequence at S that is safe to show, 0 where there is none. */
static size_t shown_sequence(const unsigned char *s, size_t left)
{
	size_t len, i;
	uint32_t point;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (left < len)
		return 0;
	point = s[0] & (0xff >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	if ((len == 3 && point < 0x800) || (len == 4 && point < 0x10000))
		return 0; /* longer than it needs to be */
	if (point < 0xa0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0; /* controls, and what no text contains */
	return len;
}

char *clean_text(char *out, size_t out_size, const char *from, size_t size)
{
	size_t in = 0, done = 0, len;

	size = strnlen(from, size);
	while (in < size) {
		len = shown_sequence((const unsigned char *)from + in, size - in);
		if (done + (len ? len : 1) >= out_size)
			break;
		if (len)
			memcpy(out + done, from + in, len);
		else
			out[done] = '?';
		done += len ? len : 1;
		in += len ? len : 1;
	}
	out[done] = 0;
	return out;
}
