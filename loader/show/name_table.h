/* SPDX-License-Identifier: GPL-2.0-only */
/* The names that DEV may be, for completion. */
#ifndef DAXGUARD_NAME_TABLE_H
#define DAXGUARD_NAME_TABLE_H

/*
 * Print each dax device, and then each name of what is above some, a line each; one that has
 * more than one meaning is printed with its bus.  Needs no root.
 */
void names_print(void);

#endif
