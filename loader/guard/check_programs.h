/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the paths that the lists of a loaded guard name still lead to programs. */
#ifndef DAXGUARD_CHECK_PROGRAMS_H
#define DAXGUARD_CHECK_PROGRAMS_H

#include "guard/check.h"
#include "guard/allow_map.h"

/* A finding for each program of both lists.  Returns 0 or a negative errno. */
int check_programs(struct checks *c);

/* The finding about one, for the unit test. */
void check_program(struct checks *c, const struct who_list *list, const struct listed *l);

#endif
