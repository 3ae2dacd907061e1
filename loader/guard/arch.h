/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command has to know of architectures: which there are, and what one may lack. */
#ifndef DAXGUARD_ARCH_H
#define DAXGUARD_ARCH_H

#include <stdbool.h>

struct btf;
struct checks;
struct need;

/* Is MACHINE, as uname(2) names it, one that daxguard is made for? */
void look_at_arch(const struct need *need, struct checks *c, const char *machine,
		  bool big_endian);

/*
 * Can programs be attached to the functions of the kernel that has this BTF?  An
 * architecture may lack it (arm64 before 6.4), and a kernel be built without.  Says
 * something only where they cannot.  Returns whether they can.
 */
bool look_at_direct_calls(const struct need *need, struct checks *c, const struct btf *btf);

#endif
