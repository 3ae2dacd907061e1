/* SPDX-License-Identifier: GPL-2.0-only */
/* Sections with policy: which devices a name stands for, and what all lines make of one. */
#ifndef DAXGUARD_SECTION_H
#define DAXGUARD_SECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "daxguard_origins.h"
#include "policy/policy.h"

/* KEY = WORD in a section. */
struct policy_line {
	struct daxguard_name name; /* of the section */
	__u32 section; /* enum daxguard_section */
	__u32 order;
	size_t key;
	__u32 value;
	char text[DAXGUARD_ORIGIN_LEN]; /* "FILE:LINE" */
};

struct policy_lines {
	struct policy_line *list;
	size_t nr;
};

/* Room for one more line at the end, or NULL. */
struct policy_line *policy_lines_add(struct policy_lines *lines);

/* Which kind of section that is, with its NAME; 0 for none of them. */
__u32 section_kind(const char *text, struct daxguard_name *name);

#define PLACE_REGIONS 4

/* A dax device, and where it is. */
struct device_place {
	struct daxguard_name name;
	int node; /* its target node, -1 where that is not known */
	struct daxguard_name regions[PLACE_REGIONS]; /* above it in sysfs */
	size_t nr_regions;
};

/* By sysfs; of a device that is not there the name alone. */
void place_of(struct device_place *place, const struct daxguard_name *name);

bool section_matches(const struct policy_line *line, const struct device_place *place);

/* For each key the line that decides about the device, NULL where no section names it. */
struct policy_decided {
	const struct policy_line *by[POLICY_MOST_WORDS];
};

void policy_decide(const struct policy_lines *lines, const struct device_place *place,
		   struct policy_decided *decided);

#endif
