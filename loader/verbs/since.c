/* SPDX-License-Identifier: GPL-2.0-only */
/* --since: the events from a point in time, or from one of them, on. */
#include "verbs/since.h"

#include <stdint.h>
#include <string.h>

#include "cli.h"
#include "daxguard.h"
#include "number.h"
#include "show/report.h"
#include "show/when.h"

/* No time begins so, and to no shell it means anything. */
#define SEQ "seq:"

static int parse_seq(const char *text, __u64 *seq)
{
	if (parse_number(text, 10, DAXGUARD_SEQ_LOST - 1, seq) || !*seq)
		return -1;
	return 0;
}

int since_parse(struct since *since, const char *text)
{
	bool is_seq = !strncmp(text, SEQ, strlen(SEQ));

	*since = (struct since){};
	if (is_seq && !parse_seq(text + strlen(SEQ), &since->seq))
		return 0;
	if (!is_seq && !parse_when(text, when_now(), &since->when))
		return 0;
	return fail(EXIT_USAGE,
		    "'%s' is not a time, nor the number of an event: write '2026-01-31T"
		    "12:00:00Z', '@1769860800', '-10m' or 'seq:1234'",
		    text);
}

bool since_has(const struct since *since, __u64 when)
{
	return when >= since->when;
}
