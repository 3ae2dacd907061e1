// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slip detector: a block of a held device that changed by another's hand.  What
 * was decided before a begin is waited for by it, and is no slip.
 */
#include "block.h"
#include "decide.h"
#include "learn.h"
#include "observed.h"
#include "syscall.h"
#include "writes.h"

/* The kind of whole-device write to DEVICE that the current task is in, or NONE. */
static __noinline __u32 whole_write(const struct daxguard_name *device)
{
	struct file *file = file_being_written(bpf_get_current_task_btf());
	struct target t = {};

	if (!device || !file || !find_target(file, &t) || t.what != WHAT_DEVICE ||
	    !same_name(&t.device, device))
		return DAXGUARD_KIND_NONE;
	return device_attribute_kind(first_word(t.file));
}

/* A whole-device write whose begin was left out begins with its first block. */
static __always_inline void heal_whole_write(const struct daxguard_name *device)
{
	struct held h = {};
	__u32 kind;

	if (transition_now(device, &h))
		return;
	kind = whole_write(device);
	if (!kind)
		return;
	observe_begin(device, kind);
	report_healed(device, kind, 1);
}

static __always_inline void change_begins(struct device *dev)
{
	struct target t = { .block = dev->id, .what = WHAT_BLOCK };

	if (!block_device(&t))
		return;
	heal_whole_write(&t.device);
	if (READ(daxguard_state.held))
		touch(&t.device, true);
	admit(true, NULL, &t);
}

/* Before the hook decides, which happens inside these two. */
SEC("fentry/memory_subsys_online")
int BPF_PROG(daxguard_memory_subsys_online_entry, struct device *dev)
{
	change_begins(dev);
	return 0;
}

SEC("fentry/memory_subsys_offline")
int BPF_PROG(daxguard_memory_subsys_offline_entry, struct device *dev)
{
	change_begins(dev);
	return 0;
}

/* A block was changed: is somebody holding its device who did not ask for that? */
static __always_inline void report_slip(struct target *t, bool online)
{
	struct daxguard_transition *held;
	struct held h = {};

	/* in these modes it was let through on purpose */
	if (mode_of(policy_of(&t->device)) != DAXGUARD_MODE_ENFORCE)
		return;
	held = held_by_other(&t->device, &h);
	if (!held || !READ(held->begun) || current_is_allowed())
		return;
	if (online)
		__builtin_memcpy(t->file, "online", 7);
	else
		__builtin_memcpy(t->file, "offline", 8);
	count(DAXGUARD_SLIPPED);
	tally_write(t, &t->device, DAXGUARD_EV_SLIPPED);
	daxguard_report(t, DAXGUARD_EV_SLIPPED, h.kind, DAXGUARD_HOOK_OBSERVER);
}

static __always_inline void changed(struct device *dev, int ret, bool online)
{
	struct target t = { .block = dev->id, .what = WHAT_BLOCK };
	struct daxguard_thread thread = this_thread();

	if (READ(daxguard_state.held) && block_device(&t)) {
		touch(&t.device, true);
		if (!ret)
			report_slip(&t, online);
	}
	/* last: a begin that still finds it waits, and has not begun before we have looked */
	bpf_map_delete_elem(&changing, &thread);
}

SEC("fexit/memory_subsys_online")
int BPF_PROG(daxguard_memory_subsys_online_exit, struct device *dev, int ret)
{
	changed(dev, ret, true);
	return 0;
}

SEC("fexit/memory_subsys_offline")
int BPF_PROG(daxguard_memory_subsys_offline_exit, struct device *dev, int ret)
{
	changed(dev, ret, false);
	return 0;
}
