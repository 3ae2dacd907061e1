/* SPDX-License-Identifier: GPL-2.0-only */
/* Into which zone memory may come online, whoever asks for it and whenever. */
#ifndef DAXGUARD_ZONE_H
#define DAXGUARD_ZONE_H

#include "decide.h"
#include "written.h"

__subprog int report_zone(struct target *t, __u32 type, __u32 zone, __u32 only, __u32 hook)
{
	struct daxguard_history *h;
	__u64 due;

	if (!t)
		return 0;
	due = event_due(type, &t->device);
	if (!due)
		return 0;
	h = event_new(type, &t->device);
	if (!h)
		return 0;
	event_of_write(&h->event.event, t, type, hook, due);
	h->zone = zone;
	h->allowed = only;
	event_zone_send(h);
	return 0;
}

/* T is to come online into ZONE, enum daxguard_only.  1 where policy refuses that. */
__subprog_alone int daxguard_refuse_zone(struct target *t, __u32 zone, __u32 hook)
{
	struct daxguard_name device;
	__u32 only, type;

	if (!t)
		return 0;
	device = t->device;
	only = only_zone(&device);
	if (!only || only == zone)
		return 0;
	type = judge(&device, NULL);
	tally_write(t, &device, type);
	if (type)
		report_zone(t, type, zone, only, hook);
	return type == DAXGUARD_EV_REFUSED;
}

/* The zone that the word names which the current task writes; 0: none, the kernel decides. */
static __always_inline __u32 zone_written(void)
{
	__u64 text[2] = {};

	if (!written_text((char *)text, sizeof(text)))
		return 0;
	if (text[0] == WORD("online_movable"))
		return DAXGUARD_ONLY_MOVABLE;
	return text[0] == WORD("online_kernel") ? DAXGUARD_ONLY_KERNEL : 0;
}

/* The same question for a write to a block's or a device's file, by its word. */
__subprog bool word_refused(struct target *t)
{
	__u32 zone;

	if (!t || !only_zone(&t->device))
		return false;
	zone = zone_written();
	return zone && daxguard_refuse_zone(t, zone, DAXGUARD_HOOK_LSM);
}

#endif
