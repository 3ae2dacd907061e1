/* SPDX-License-Identifier: GPL-2.0-only */
/* --since: the events from a point in time on. */
#include "verbs/since.h"

#include "cli.h"
#include "show/report.h"
#include "show/when.h"

int since_parse(struct since *since, const char *text)
{
	if (!parse_when(text, when_now(), &since->when))
		return 0;
	return fail(EXIT_USAGE,
		    "'%s' is not a time: write '2026-01-31T"
		    "12:00:00Z', '@1769860800' or '-10m'",
		    text);
}

bool since_has(const struct since *since, __u64 when)
{
	return when >= since->when;
}
