/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration files: policy and allow list at load. */
#ifndef DAXGUARD_CONFIG_H
#define DAXGUARD_CONFIG_H

#include <stddef.h>

#include "policy/policy.h"

#define CONFIG_FILE "/etc/daxguard/daxguard.conf"
#define CONFIG_DIR "/etc/daxguard/conf.d"

struct config_policy {
	struct daxguard_name device;
	struct policy_change change;
};

struct config_allow {
	struct daxguard_allow_key key;
	struct daxguard_allow entry;
};

struct config {
	struct config_policy *policies;
	size_t nr_policies;
	struct config_allow *allows;
	size_t nr_allows;
};

/*
 * Read FILE alone, or where that is NULL CONFIG_FILE and CONFIG_DIR's *.conf by
 * name, none of which has to exist.  Nothing is applied yet.  Returns 0 or an exit
 * status after having named the file and line that is wrong; config_free() always.
 */
int config_read(struct config *config, const char *file);

void config_free(struct config *config);

#endif
