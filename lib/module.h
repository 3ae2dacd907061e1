/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking for kernel modules. */
#ifndef DAXGUARD_MODULE_H
#define DAXGUARD_MODULE_H

/* What load_module() says, with its zero. */
#define MODULE_WORDS 256

/*
 * Have MODULE loaded.  Whether that helped is for the caller to see.  WORDS is for the
 * sentence that says it did not: the first line of what modprobe said, or what kept it
 * from being run, as ' ("modprobe: ...")'; "" where it said nothing.
 */
void load_module(const char *module, char words[MODULE_WORDS]);

#endif
