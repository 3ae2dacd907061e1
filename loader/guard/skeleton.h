/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF object inside the command, and how its parts are named when pinned. */
#ifndef DAXGUARD_SKELETON_H
#define DAXGUARD_SKELETON_H

#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <string.h>

#include "daxguard.h"
/* generated: its parameter "opts" hides our global */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#include "daxguard.skel.h"
#pragma GCC diagnostic pop

/* The pin name of a map, or NULL for one that is private to a load. */
static inline const char *map_pin_name(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);

	/* bpffs refuses names with a dot */
	if (!strcmp(name, ".data.state"))
		return "state";
	if (!strcmp(name, ".data.history_next"))
		return "history_next";
	return strchr(name, '.') ? NULL : name;
}

/* Is what is pinned like the map of this build, so that its entries mean the same? */
static inline bool map_has_layout(const struct bpf_map *map, const struct bpf_map_info *info)
{
	return info->type == bpf_map__type(map) && info->key_size == bpf_map__key_size(map) &&
	       info->value_size == bpf_map__value_size(map);
}

/* Programs that the loader runs itself have no link. */
static inline int prog_has_link(const struct bpf_program *prog)
{
	return bpf_program__type(prog) != BPF_PROG_TYPE_SYSCALL;
}

#endif
