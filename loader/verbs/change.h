/* SPDX-License-Identifier: GPL-2.0-only */
/* What was asked for with online, offline, unplug or plug. */
#ifndef DAXGUARD_CHANGE_H
#define DAXGUARD_CHANGE_H

#include <stdbool.h>

#include "libdaxguard.h"
#include "option.h"

enum whole_change {
	CHANGE_TO_ONLINE,
	CHANGE_TO_OFFLINE,
	CHANGE_TO_UNPLUGGED,
	CHANGE_TO_PLUGGED,
};

struct change_verb {
	const char *name;
	const char *participle; /* what the device is afterwards */
	enum whole_change change;
	const struct opt *opts;
};

struct change_request {
	const struct change_verb *verb;
	enum daxguard_zone zone;
	double timeout_s; /* negative: the library's own */
	bool wait;
	bool dry_run;
	bool all;
	bool by_policy;
};

/* Say what would be changed of what TEXT stands for, and change nothing. */
int change_dry_run(const struct change_request *req, const char *text);

#endif
