// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a device must be for a whole-device change, asked before and by --dry-run. */
#include "able.h"

#include "iomem.h"
#include "plan.h"

int can_plug(const struct dax_device *dev, struct why *why)
{
	__u64 size = 0;

	if (model_block_size(&size))
		return set_why(
			why, DAXGUARD_RESULT_LACKING,
			"this kernel has no memory hotplug ('/sys/devices/system/memory' is "
			"missing): use one with CONFIG_MEMORY_HOTPLUG");
	if (!dev->nr_blocks)
		return set_why(
			why, DAXGUARD_RESULT_LACKING,
			"'%s' has no whole memory block of %llu MiB in its ranges: make it "
			"bigger, 'daxctl create-device'",
			dev->name, (unsigned long long)(size >> 20));
	if (iomem_ram(dev) > 0)
		return set_why(
			why, DAXGUARD_RESULT_LACKING,
			"memory of '%s' was lost when it was unbound earlier: reboot, then "
			"plug it",
			dev->name);
	return 0;
}

int can_change_blocks(const struct dax_device *dev, struct why *why)
{
	if (dax_is_kmem(dev))
		return 0;
	return set_why(why, DAXGUARD_RESULT_FAILED,
		       "'%s' is not bound to kmem, so it has no memory blocks: use 'daxguard "
		       "plug %s'",
		       dev->name, dev->name);
}

/* Memory without a driver is lost until reboot. */
int is_gone(const struct dax_device *dev, struct why *why)
{
	long long ram = iomem_ram(dev);
	char blocks[512];

	if (ram <= 0)
		return 0;
	return set_why(
		why, DAXGUARD_RESULT_NOT_AS_ASKED,
		"'%s' has no driver any more, but %lld bytes of it are still the kernel's "
		"memory (%s): they are lost until the next reboot",
		dev->name, ram, blocks_text(dev, blocks, sizeof(blocks)));
}
