/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration files: policy, allow list and controllers at load. */
#ifndef DAXGUARD_CONFIG_H
#define DAXGUARD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/allow.h"
#include "policy/policy.h"
#include "policy/section.h"

#define CONFIG_TOP "/etc/daxguard"
#define CONFIG_FILE CONFIG_TOP "/daxguard.conf"
#define CONFIG_DIR CONFIG_TOP "/conf.d"

/* What a section says, wherever its parts are. */
struct config_policy {
	struct daxguard_name device; /* or a pattern: the section's name */
	struct policy_change change;
};

/* The words of it are its own. */
struct config_list {
	struct who *list;
	size_t nr;
};

#define CONFIG_WHY 512

struct config {
	struct config_policy *policies;
	size_t nr_policies;
	struct policy_lines lines; /* the same line by line */
	struct config_list allows;
	struct config_list controllers;
	char **files; /* that were read */
	size_t nr_files;
	bool policies_only;
	bool quiet; /* no warnings */
	char why[CONFIG_WHY]; /* what is wrong with it, "" for nothing */
};

/*
 * Read FILE alone, or where that is NULL CONFIG_FILE and CONFIG_DIR's *.conf by
 * name, none of which has to exist.  Nothing is applied yet.  Returns 0 or an exit
 * status after having named the file and line that is wrong; config_free() always.
 */
int config_read(struct config *config, const char *file);

/* The same without a word: what is wrong is in config->why. */
int config_look(struct config *config, const char *file);

/* The same of the sections with policy alone: about the others nothing is looked at or said. */
int config_read_policies(struct config *config);

/* What would be in force for the device, or for '*', if that were loaded. */
void config_in_force(const struct config *config, const struct daxguard_name *device,
		     struct policy_rules *rules);

void config_free(struct config *config);

#endif
