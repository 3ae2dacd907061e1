// SPDX-License-Identifier: GPL-2.0-only
/* What the library says went wrong, with the option that helps. */
#include "verbs/remedy.h"

#include "show/report.h"

/* How the sentence goes on: the library does not know what its settings are called here. */
static const char *const options[] = {
	[REMEDY_NONE] = "",
	[REMEDY_WRITER_TIME] = " or use a longer --timeout",
	[REMEDY_RETRY_TIME] = ", if need be with a longer --timeout",
	[REMEDY_WAIT] = ", or use --wait",
	[REMEDY_RUNNING_OWNER] = ": give a running one with --owner=PID",
	[REMEDY_OTHER_OWNER] = ": give another with --owner=PID",
};

int fail_why(int status, const struct why *why)
{
	return fail(status, "%s%s", why->text, options[why->remedy]);
}
