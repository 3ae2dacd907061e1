// SPDX-License-Identifier: GPL-2.0-only
/* Declared transitions for the verbs: what was typed, and saying what went wrong. */
#include "verbs/hold.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "cli.h"
#include "guard/ftrace.h"
#include "guard/pins.h"
#include "show/report.h"
#include "verbs/remedy.h"

int hold_name(struct holds *all, const char *text)
{
	int status = pins_need_loaded();
	struct why why;

	if (status)
		return status;
	status = holds_name(all, text, &why);
	return status ? fail_why(status, &why) : 0;
}

int hold_seconds(double *seconds, const char *option, const char *text)
{
	char *end;
	double n;

	errno = 0;
	n = strtod(text, &end);
	if (errno || end == text || *end || !isfinite(n) || n < 0 || n > 1e9)
		return fail(EXIT_USAGE, "'%s' is not a number of seconds: use --%s=30", text,
			    option);
	*seconds = n;
	return 0;
}

int hold_begin(struct holds *all, const char *text)
{
	int status = hold_name(all, text);
	struct why why;

	if (status)
		return status;
	/* nobody would be refused */
	if (ftrace_stopped())
		return fail(EXIT_LACKING, "%s", ftrace_stopped());
	status = holds_begin(all, &why);
	return status ? fail_why(status, &why) : 0;
}
