/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking for kernel modules. */
#ifndef DAXGUARD_MODULE_H
#define DAXGUARD_MODULE_H

/* Have MODULE loaded, quietly: that it is not installed is no error. */
void load_module(const char *module);

#endif
