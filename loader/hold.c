// SPDX-License-Identifier: GPL-2.0-only
/* Declared transitions for the verbs: what was typed, and saying what went wrong. */
#include "hold.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "control.h"
#include "report.h"

int hold_name(struct hold *h, const char *text)
{
	char path[64];

	if (device_key(&h->name, text, false))
		return fail(EXIT_USAGE,
			    "'%s' is not the name of a dax device: use a name like "
			    "'dax0.0', see 'daxguard list'",
			    text);
	snprintf(path, sizeof(path), "/sys/bus/dax/devices/%s", text);
	if (access(path, F_OK))
		return fail(EXIT_FAILED, "there is no dax device '%s': see 'daxguard list'",
			    text);
	return 0;
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

int hold_take(struct hold *h)
{
	struct why why;
	int status = transition_take(h, &why);

	return status ? fail(status, "%s", why.text) : 0;
}

int hold_end(const struct hold *h)
{
	return transition_end(h);
}
