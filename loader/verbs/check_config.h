/* SPDX-License-Identifier: GPL-2.0-only */
/* check --config: what the configuration says, without a guard. */
#ifndef DAXGUARD_CHECK_CONFIG_H
#define DAXGUARD_CHECK_CONFIG_H

/*
 * Read FILE, or where that is NULL the files under /etc, and show what would be in force if it
 * were loaded on this machine.  Returns an exit status, and has said which line is wrong.
 */
int check_configuration(const char *file);

#endif
