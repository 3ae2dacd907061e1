// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whether a device can be given to kmem at all. */
#include "plug.h"

#include "iomem.h"

int can_plug(const struct dax_device *dev, struct why *why)
{
	__u64 size = 0;

	if (model_block_size(&size))
		return because(
			why, DAXGUARD_RESULT_LACKING,
			"this kernel has no memory hotplug ('/sys/devices/system/memory' is "
			"missing): use one with CONFIG_MEMORY_HOTPLUG");
	if (!dev->nr_blocks)
		return because(
			why, DAXGUARD_RESULT_LACKING,
			"'%s' has no whole memory block of %llu MiB in its ranges: make it "
			"bigger, 'daxctl create-device'",
			dev->name, (unsigned long long)(size >> 20));
	if (iomem_ram(dev) > 0)
		return because(
			why, DAXGUARD_RESULT_LACKING,
			"memory of '%s' was lost when it was unbound earlier: reboot, then "
			"plug it",
			dev->name);
	return 0;
}
