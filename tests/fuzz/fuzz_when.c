// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes points in time: what is understood can be written, and is understood again. */
#include "fuzz.h"

#include <string.h>

#include "show/when.h"

#define NOW 1800000000000000000ULL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[256], again[64];
	__u64 when = 0, then = 0;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (parse_when(text, NOW, &when))
		return 0;
	format_when(when, again, sizeof(again));
	need(strlen(again) < sizeof(again));
	/* a year of five digits has no place in RFC 3339 */
	if (strlen(again) != strlen("2026-01-31T12:00:00.000000Z"))
		return 0;
	need(!parse_when(again, NOW, &then));
	need(then == when - when % 1000);
	return 0;
}
