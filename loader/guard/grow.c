// SPDX-License-Identifier: GPL-2.0-only
/* The counters of an older set, which had fewer of them, go on in a bigger map. */
#include "guard/grow.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"

static __u32 entries(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.max_entries;
}

bool grow_needed(int fd, const struct bpf_map *map)
{
	__u32 nr = entries(fd);

	return nr && nr < bpf_map__max_entries(map);
}

static __u64 sum(const __u64 *values, int cpus)
{
	__u64 total = 0;

	for (int i = 0; i < cpus; i++)
		total += values[i];
	return total;
}

int grow_copy(struct grown *g, int old, int new)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *values;
	__u32 which;
	int err = 0;

	g->old = old;
	g->nr = entries(old);
	if (cpus < 0)
		return cpus;
	if (g->nr > DAXGUARD_NR_COUNTERS)
		return -E2BIG;
	values = calloc(cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (which = 0; !err && which < g->nr; which++) {
		if (bpf_map_lookup_elem(old, &which, values) ||
		    bpf_map_update_elem(new, &which, values, BPF_ANY))
			err = -errno;
		g->copied[which] = sum(values, cpus);
	}
	free(values);
	return err;
}

/* The programs count the same map by now, so only they may add to it. */
static int add(__u32 which, __u64 by)
{
	struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_COUNT, .state = which, .hold_ns = by };

	return by ? control(&ctl) : 0;
}

int grow_finish(struct grown *g)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *values = cpus < 0 ? NULL : calloc(cpus, sizeof(*values));
	int err = values ? 0 : -ENOMEM;
	__u32 which;

	for (which = 0; !err && which < g->nr; which++) {
		if (bpf_map_lookup_elem(g->old, &which, values))
			err = -errno;
		else
			err = add(which, sum(values, cpus) - g->copied[which]);
	}
	free(values);
	close(g->old);
	g->old = -1;
	return err;
}
