/* SPDX-License-Identifier: GPL-2.0-only */
/* Which layers decide: what was asked for against what the kernel offers. */
#ifndef DAXGUARD_HOOKS_H
#define DAXGUARD_HOOKS_H

#include <bpf/libbpf.h>
#include <linux/types.h>
#include <stdbool.h>

enum hooks_wanted {
	HOOKS_AUTO, /* the kernel hook where there is one, else LSM */
	HOOKS_KERNEL,
	HOOKS_LSM,
	HOOKS_BOTH,
};

/* Is the module there, with the BTF that attaching needs? */
bool hooks_module_loaded(void);

/*
 * Turn what is wanted into a set of enum daxguard_hooks, loading the module where it
 * is installed and wanted.  Returns 0 or an exit status after having said why not.
 */
int hooks_resolve(enum hooks_wanted wanted, __u32 *hooks);

/* Does this program belong to that set?  Most belong to every one. */
bool hooks_have_prog(__u32 hooks, const struct bpf_program *prog);

/* Do LSM programs decide there? */
bool hooks_have_lsm(__u32 hooks);

/* "none", "module" or "builtin". */
const char *hooks_kernel_name(__u32 hooks);

/* The set that is pinned, 0 where it cannot be read. */
__u32 hooks_pinned(void);

/*
 * What an operator should know about the refusal point: that the module came or went
 * since the load, or that it is too old to say which zone a block gets.  A sentence, or
 * NULL where there is nothing to say.
 */
const char *hooks_news(__u32 hooks);

#endif
