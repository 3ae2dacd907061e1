// SPDX-License-Identifier: LGPL-2.1-or-later
/* What /proc/iomem says about a device's ranges. */
#include "iomem.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static __u64 overlap(const struct dax_range *range, __u64 start, __u64 end)
{
	if (start < range->start)
		start = range->start;
	if (end > range->end)
		end = range->end;
	return start <= end ? end - start + 1 : 0;
}

long long iomem_ram_of(FILE *file, const struct dax_device *dev)
{
	unsigned long long start, end;
	char line[256], name[128];
	bool addresses = false;
	__u64 sum = 0;
	size_t i;

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %llx-%llx : %127[^\n]", &start, &end, name) != 3)
			continue;
		addresses |= end != 0;
		if (strncmp(name, "System RAM", 10))
			continue;
		for (i = 0; i < dev->nr_ranges; i++)
			sum += overlap(&dev->ranges[i], start, end);
	}
	return addresses ? (long long)sum : -EINVAL;
}

long long iomem_ram(const struct dax_device *dev)
{
	FILE *file = fopen("/proc/iomem", "re");
	long long sum;

	if (!file)
		return -errno;
	sum = iomem_ram_of(file, dev);
	fclose(file);
	return sum;
}
