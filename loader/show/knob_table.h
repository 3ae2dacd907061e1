/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of knobs for people and for tests. */
#ifndef DAXGUARD_KNOB_TABLE_H
#define DAXGUARD_KNOB_TABLE_H

/*
 * Print a line for each file that the guard knows: its path, what becomes of a stranger's
 * write while the device is held ("refused", "seen", "let through"), the policy that says
 * so by default or "-", and when that is; tabs between.
 */
void knobs_print(void);

#endif
