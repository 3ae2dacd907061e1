/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy in force, and where each value comes from, as tables and as JSON. */
#ifndef DAXGUARD_RULES_H
#define DAXGUARD_RULES_H

#include <json-c/json.h>
#include <stddef.h>

#include "policy/policy.h"

/* What is in force for a device or '*'. */
struct shown_rules {
	const char *device; /* fit to be shown */
	const struct policy_rules *rules;
	unsigned int own; /* the halves that are its own */
	const char *from[POLICY_MOST_WORDS]; /* of each key: "built in", "FILE:LINE", ... */
};

/* A field for each key, "meaningless", and "origin" with a field for each key. */
struct json_object *rules_json(const struct shown_rules *shown);

/*
 * Two tables: the values, and of those that are not built in where they come from.  Returns an
 * exit status.
 */
int rules_print(const struct shown_rules *list, size_t nr);

#endif
