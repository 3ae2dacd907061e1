// SPDX-License-Identifier: GPL-2.0-only
/* Who would be hurt if what is audited became refused. */
#include "guard/check_enforce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/pins.h"
#include "guard/tally.h"
#include "show/when.h"

#define WHAT "enforce"

/* "'chmem' of 'cron.service' (uid 0)" */
static void name_culprit(const struct culprit *c, char *buf, size_t size)
{
	char program[DAXGUARD_EXE_LEN + 1], unit[DAXGUARD_UNIT_LEN + 1];

	snprintf(buf, size, "'%s' of '%s' (uid %u)",
		 culprit_program(c, program, sizeof(program)),
		 culprit_unit(c, unit, sizeof(unit)), c->key.uid);
}

static void tell(struct checks *c, const struct culprit *culprit)
{
	char device[DAXGUARD_NAME_LEN + 1], file[DAXGUARD_FILE_LEN + 1];
	char who[192], last[64];

	name_culprit(culprit, who, sizeof(who));
	format_when(when_of(culprit->last_ns), last, sizeof(last));
	note(c, WARNING, WHAT,
	     "%s would have been refused %llu times at '%s', last at %s by way of '%s': change "
	     "it, name it with 'daxguard allow add' or 'daxguard controller add', or let it be "
	     "refused",
	     who, culprit->would_be, culprit_device(culprit, device, sizeof(device)), last,
	     culprit_file(culprit, file, sizeof(file)));
}

static size_t tell_all(struct checks *c)
{
	struct culprits all;
	int err = tally_read(&all, NULL);
	size_t nr = 0;

	for (size_t i = 0; !err && i < all.nr; i++) {
		if (!all.list[i].would_be)
			continue;
		tell(c, &all.list[i]);
		nr++;
	}
	free(all.list);
	if (err)
		note(c, UNKNOWN, WHAT,
		     "'" PIN_MAPS "/tally' cannot be read (%s): run 'daxguard load'",
		     strerror(-err));
	else if (!nr)
		note(c, OK, WHAT,
		     "nobody was let through by mode=audit who would be refused by "
		     "mode=enforce, "
		     "since the guard is loaded");
	return nr;
}

size_t check_enforce(struct checks *c)
{
	char what[PINS_WHAT];

	if (!geteuid() && pins_inspect(what, sizeof(what)) == PINS_COMPLETE)
		return tell_all(c);
	note(c, UNKNOWN, WHAT,
	     "no guard is loaded that has counted: run 'daxguard load --mode=audit', and look "
	     "again when all that changes memory here has done so");
	return 0;
}
