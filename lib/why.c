// SPDX-License-Identifier: LGPL-2.1-or-later
/* What went wrong: a result and the sentence about it. */
#include "why.h"

#include <stdarg.h>
#include <stdio.h>

#include "text.h"

int set_why(struct why *why, int result, const char *fmt, ...)
{
	char raw[WHY_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	clean_text(why->text, sizeof(why->text), raw, sizeof(raw));
	why->remedy = REMEDY_NONE;
	return result;
}
