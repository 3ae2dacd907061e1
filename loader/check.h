/* SPDX-License-Identifier: GPL-2.0-only */
/* The pure parts of daxguard check, for the unit test. */
#ifndef DAXGUARD_CHECK_H
#define DAXGUARD_CHECK_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* Is WORD one of the words of LIST, which commas separate? */
bool list_has(const char *list, const char *word);

/*
 * What a program in SECTION ("lsm/file_open") attaches to, as BTF has it: the name
 * in NAME ("bpf_lsm_file_open") and BTF_KIND_FUNC, or BTF_KIND_TYPEDEF of a
 * tracepoint.  Negative for a section that needs nothing of vmlinux.
 */
int hook_of_section(const char *section, char *name, size_t size);

/* Is RELEASE ("6.12.107+deb12-amd64") at least MAJOR.MINOR?  Negative: no release. */
int release_at_least(const char *release, unsigned int major, unsigned int minor);

#endif
