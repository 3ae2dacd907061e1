/* SPDX-License-Identifier: GPL-2.0-only */
/* Taking directories of pins away. */
#ifndef DAXGUARD_REMOVE_H
#define DAXGUARD_REMOVE_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>

/* Is that entry of a directory of ours one that we would have put there? */
typedef bool (*known_fn)(const struct bpf_object *obj, const char *name);

/*
 * Remove what is KNOWN in PATH, NULL for all of it, then PATH itself, which may not be
 * there.  What a removed link has attached is detached when this returns, unless somebody
 * else has it open.  Returns 0 or a negative errno, WHAT of SIZE bytes then has PATH.
 */
int remove_pins(const struct bpf_object *obj, const char *path, known_fn known, char *what,
		size_t size);

#endif
