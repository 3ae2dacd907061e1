// SPDX-License-Identifier: GPL-2.0-only
/*
 * A refusal point for memory blocks: asks functions, which BPF can replace,
 * before any memory block goes online or offline.
 *
 * Stock kernels let a BPF fmod_ret program attach to any function whose name
 * starts with "security_", a module's too, as long as the module carries BTF.
 * Without a program the answer is yes and this module changes nothing.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/notifier.h>

/*
 * Those who attach find a function by its name in BTF, so no header has it.
 * __bpf_hook_start() says the same but is missing in 6.1; use it when 6.1 goes.
 */
__diag_push();
__diag_ignore_all("-Wmissing-prototypes", "found by name in BTF");
__diag_ignore_all("-Wmissing-declarations", "found by name in BTF");

/**
 * security_daxguard_memory_change - may this memory block change its state?
 * @online: 1 if the block is about to go online, 0 if offline
 * @start_pfn: first page frame that changes; where the block carries its own
 *	memmap (memmap_on_memory) this lies behind the block's first page frame
 * @nr_pages: number of page frames that change, never beyond the block's end
 *
 * Runs in the task that makes the change, which may be a kernel thread, under
 * device_hotplug_lock and with mem_hotplug_lock held for writing.  Two calls
 * never overlap, so a program's recursion guard cannot let one through.
 *
 * This is an interface between separately updated programs: if the arguments
 * must change, the name must too.
 *
 * Return: 0 to allow the change, anything else to refuse it with -EBUSY.
 */
__weak noinline int security_daxguard_memory_change(unsigned long online,
						    unsigned long start_pfn,
						    unsigned long nr_pages)
{
	return 0;
}

/**
 * security_daxguard_memory_zone - may this memory block go online to that zone?
 * @start_pfn: as above
 * @nr_pages: as above
 * @movable: 1 if the block would get ZONE_MOVABLE, 0 if another zone
 *
 * Asked when security_daxguard_memory_change() has agreed that the block goes
 * online, under the same locks, and an interface like that.  The zone is the
 * one that the kernel has chosen, whatever the writer said: "online" leaves it
 * the choice, and so does a default for memory that is added.
 *
 * Who only knows the first question leaves this one alone, and any zone is
 * allowed, as ever.
 *
 * Return: 0 to allow the change, anything else to refuse it with -EBUSY.
 */
__weak noinline int security_daxguard_memory_zone(unsigned long start_pfn,
						  unsigned long nr_pages, unsigned long movable)
{
	return 0;
}

__diag_pop();

/*
 * online_pages() puts the pages into their zone before it sends
 * MEM_GOING_ONLINE, and takes them out again if anyone objects.  So the first
 * one that changes tells, although the block's section is not online yet and
 * pfn_to_online_page() would have none.
 *
 * With memmap_on_memory the block's first pages hold its own memmap and are not
 * in the notification.  They get the same zone before the others do, so there
 * is nothing else to ask about.
 */
static bool goes_to_movable(const struct memory_notify *change)
{
	return is_zone_movable_page(pfn_to_page(change->start_pfn));
}

static bool is_refused(unsigned long online, const struct memory_notify *change)
{
	unsigned long start = change->start_pfn, nr = change->nr_pages;

	return security_daxguard_memory_change(online, start, nr) ||
	       (online && security_daxguard_memory_zone(start, nr, goes_to_movable(change)));
}

static int daxguard_memory_event(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct memory_notify *change = data;
	unsigned long online;

	/*
	 * These names are bits on 6.1 and numbers on 7.3, and changed from one
	 * to the other within 6.12.y: @action is not fit for a program to read.
	 */
	switch (action) {
	case MEM_GOING_ONLINE:
		online = 1;
		break;
	case MEM_GOING_OFFLINE:
		online = 0;
		break;
	default:
		return NOTIFY_DONE;
	}

	/*
	 * One errno for every refusal: what the program returned is not passed
	 * on, as notifier_from_errno() takes only negative errnos and NOTIFY_BAD
	 * would reach the writer as EPERM.
	 */
	if (is_refused(online, change))
		return notifier_from_errno(-EBUSY);

	return NOTIFY_OK;
}

/*
 * Last of all notifiers.  After a refusal the kernel sends MEM_CANCEL_* to the
 * whole chain, also to those whom MEM_GOING_* had not reached; from the end of
 * the chain every one of them gets both.  It also means that no other
 * notifier refuses after the program has agreed.
 */
static struct notifier_block daxguard_memory_nb = {
	.notifier_call = daxguard_memory_event,
	.priority = INT_MIN,
};

static int __init daxguard_hook_init(void)
{
	return register_memory_notifier(&daxguard_memory_nb);
}

/*
 * Never runs while a program is attached: BPF holds a reference to the module
 * whose function it changes, so rmmod says that the module is in use.  Only a
 * forced rmmod ignores that, for this module as for any other.  6.1 takes the
 * reference at attach, later kernels ("bpf: Fix attaching fentry/fexit/fmod_ret
 * /lsm to modules", 6.4) when the program is loaded: until 6.1 goes, the module
 * must not be unloaded between the two.
 */
static void __exit daxguard_hook_exit(void)
{
	unregister_memory_notifier(&daxguard_memory_nb);
}

module_init(daxguard_hook_init);
module_exit(daxguard_hook_exit);

MODULE_DESCRIPTION("Lets a BPF program refuse a memory block's change of state");
MODULE_VERSION("0.2.0");
MODULE_LICENSE("GPL");
