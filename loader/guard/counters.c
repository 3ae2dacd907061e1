// SPDX-License-Identifier: GPL-2.0-only
/* What the loaded guard has counted. */
#include "guard/counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "guard/pins.h"

static const char *const names[NR_COUNTERS] = {
#define ONE_COUNTER(id, name) [DAXGUARD_##id] = name,
	DAXGUARD_COUNTERS(ONE_COUNTER)
#undef ONE_COUNTER
		[DAXGUARD_NR_COUNTERS] = "missed",
};

const char *counter_name(size_t which)
{
	return names[which];
}

static int read_map(int map, struct counter *counters)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;
	__u64 *values = cpus < 0 ? NULL : calloc(cpus, sizeof(*values));

	if (!values)
		return cpus < 0 ? cpus : -ENOMEM;
	for (__u32 which = 0; !err && which < DAXGUARD_NR_COUNTERS; which++) {
		if (bpf_map_lookup_elem(map, &which, values))
			err = -errno;
		for (int i = 0; !err && i < cpus; i++)
			counters[which].sum += values[i];
	}
	free(values);
	return err;
}

/* Runs that the kernel left out because the program ran on that CPU already. */
static __u64 missed_of(const char *name)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = pins_prog(name);

	if (fd < 0)
		return 0; /* gone since it was listed */
	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		info.recursion_misses = 0;
	close(fd);
	return info.recursion_misses;
}

static int read_missed(__u64 *sum)
{
	DIR *dir = opendir(PIN_PROGS);
	struct dirent *entry;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			*sum += missed_of(entry->d_name);
	closedir(dir);
	return 0;
}

int counters_read(struct counter counters[NR_COUNTERS])
{
	int err, map = pins_map("counters");

	if (map < 0)
		return map;
	for (size_t i = 0; i < NR_COUNTERS; i++)
		counters[i] = (struct counter){ .name = names[i] };
	err = read_map(map, counters);
	close(map);
	return err ? err : read_missed(&counters[DAXGUARD_NR_COUNTERS].sum);
}
