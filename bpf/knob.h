/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other knobs: files that change a device without touching a block's state.
 * At the write the name in the writer's buffer is read where that is possible;
 * at the open (--hooks=kernel) only what holds whatever will be written.
 */
#ifndef DAXGUARD_KNOB_H
#define DAXGUARD_KNOB_H

#include "block.h"
#include "decide.h"
#include "removal.h"
#include "written.h"

struct held_search {
	struct daxguard_name device;
	__u8 flag; /* only where policy has it, 0 for any */
	__u8 mode; /* and is as strict as that */
	__u32 kind;
	bool found;
};

static long search_held(struct bpf_map *map, const struct daxguard_name *device,
			struct daxguard_transition *t, struct held_search *s)
{
	struct daxguard_name name = *device;
	const struct daxguard_policy *p;
	struct held h = {};

	if (!transition_held(t, &name, &h) || current_process_is_owner(&h.owner))
		return 0;
	p = policy_of(&name);
	if (s->flag && !(p && p->flags & s->flag))
		return 0;
	if (mode_of(p) < s->mode)
		return 0;
	s->device = name;
	s->kind = h.kind;
	s->found = true;
	return 1;
}

/* Refuse where anything is held by another, for one whose policy is to refuse if there is one. */
__subprog int refuse_any_held(struct target *target, __u8 flag, __u32 hook)
{
	struct held_search s = { .flag = flag, .mode = DAXGUARD_MODE_ENFORCE };

	if (!target || !READ(daxguard_state.held))
		return 0;
	bpf_for_each_map_elem(&transitions, search_held, &s, 0);
	if (!s.found) {
		s.mode = 0;
		bpf_for_each_map_elem(&transitions, search_held, &s, 0);
	}
	if (!s.found)
		return 0;
	target->device = s.device;
	return refuse(target, NULL, s.kind, hook);
}

__subprog int refuse_held(struct target *target, __u32 hook)
{
	struct daxguard_transition *t;
	struct held h = {};

	if (!target)
		return 0;
	t = held_by_other(&target->device, &h);
	return t ? refuse(target, t, h.kind, hook) : 0;
}

/* An unbind with a block online loses memory, whoever asks for it. */
__subprog int refuse_online(struct target *target, bool any, __u32 hook)
{
	if (!target)
		return 0;
	if (!online_block_guarded(&target->device, any))
		return 0;
	return refuse(target, NULL, DAXGUARD_KIND_UNBIND, hook);
}

/*
 * What the functions of the table give back that ask for a removal and leave it at that: the
 * one who called them does it, at one place, as 7.3 analyses a call anew for each.
 */
#define AS_REMOVAL(of) (1 + (of))

static __always_inline int write_unbind(struct target *t)
{
	bool named;
	int err;

	named = written_name(&t->device);
	err = named ? refuse_held(t, DAXGUARD_HOOK_LSM)
		    : refuse_any_held(t, 0, DAXGUARD_HOOK_LSM);
	if (err)
		return err;
	/* no other driver has memory to lose, but what comes after it may be kmem */
	if (!t->kmem) {
		if (named && first_word(t->file) == WORD_UNBIND)
			adopt(&t->device);
		return 0;
	}
	err = refuse_online(t, !named, DAXGUARD_HOOK_LSM);
	if (err || !named || first_word(t->file) != WORD_UNBIND)
		return err;
	return AS_REMOVAL(REMOVAL_OF_DAX);
}

/* For an answer to whoever names it; the rest is for guard_bind() to refuse. */
static __always_inline int write_bind(struct target *t)
{
	return written_name(&t->device) ? refuse_held(t, DAXGUARD_HOOK_LSM) : 0;
}

static __always_inline int write_layout(struct target *t)
{
	const struct daxguard_policy *p;

	if (!t->bound)
		return 0;
	p = policy_of(&t->device);
	if (p && !(p->flags & DAXGUARD_REFUSE_MAPPING))
		return 0;
	return refuse(t, NULL, DAXGUARD_KIND_NONE, DAXGUARD_HOOK_LSM);
}

/* Not refused, but worth knowing while a device is in transition. */
static __always_inline int write_seen(struct target *t)
{
	struct held_search s = {};

	if (!READ(daxguard_state.held))
		return 0;
	if (t->what == WHAT_UEVENT) {
		struct held h = {};

		if (held_by_other(&t->device, &h))
			daxguard_report(t, DAXGUARD_EV_SEEN, h.kind, DAXGUARD_HOOK_LSM);
		return 0;
	}
	bpf_for_each_map_elem(&transitions, search_held, &s, 0);
	if (s.found) {
		t->device = s.device;
		daxguard_report(t, DAXGUARD_EV_SEEN, s.kind, DAXGUARD_HOOK_LSM);
	}
	return 0;
}

static __always_inline int write_held(struct target *t)
{
	return refuse_held(t, DAXGUARD_HOOK_LSM);
}

static __always_inline int write_auto_online(struct target *t)
{
	return refuse_any_held(t, DAXGUARD_REFUSE_AUTO_ONLINE, DAXGUARD_HOOK_LSM);
}

static __always_inline int write_any_held(struct target *t)
{
	return refuse_any_held(t, 0, DAXGUARD_HOOK_LSM);
}

static __always_inline int write_above(struct target *t)
{
	return AS_REMOVAL(REMOVAL_OF_DIR);
}

static __always_inline int write_slot(struct target *t)
{
	return AS_REMOVAL(REMOVAL_OF_SLOT);
}

static __always_inline int write_eject(struct target *t)
{
	return AS_REMOVAL(REMOVAL_OF_EJECT);
}

static __always_inline int write_region(struct target *t)
{
	return AS_REMOVAL(REMOVAL_OF_REGION);
}

/* Another bus: the device that is named may have dax devices below it. */
static __always_inline int write_unbind_above(struct target *t)
{
	return AS_REMOVAL(REMOVAL_OF_NAME);
}

/* What is asked of a write to this knob: 0, an error, or AS_REMOVAL(). */
static __always_inline int asked_of_write(struct target *t)
{
	switch (t->what) {
#define ONE_KIND(kind, write, open, word, by_default, held, when) \
	case WHAT_##kind:                                         \
		return write(t);
		DAXGUARD_KNOB_KINDS(ONE_KIND)
#undef ONE_KIND
	}
	return 0;
}

/* May the current task write to this knob now? */
__subprog int write_knob(struct target *t)
{
	int asked;

	if (!t)
		return 0;
	asked = asked_of_write(t);
	return asked > 0 ? removal(t, asked - 1, true) : asked;
}

/*
 * Opening unbind: which device will be written is not known yet, so it is refused
 * where one is held by another, and where there is none that could be unbound
 * without loss.
 */
static __always_inline int open_unbind(struct target *t)
{
	int err = refuse_any_held(t, 0, DAXGUARD_HOOK_LSM);

	if (err || !t->kmem || idle_device())
		return err;
	return refuse_online(t, true, DAXGUARD_HOOK_LSM);
}

/* Which ancestor will be named is not known: refused where any of the driver's would be. */
static __always_inline int open_unbind_above(struct target *t)
{
	return AS_REMOVAL(REMOVAL_OF_DRIVER);
}

static __always_inline int open_above(struct target *t)
{
	return AS_REMOVAL(REMOVAL_OF_DIR);
}

static __always_inline int open_eject(struct target *t)
{
	return AS_REMOVAL(REMOVAL_OF_EJECT);
}

static __always_inline int open_slot(struct target *t)
{
	return AS_REMOVAL(REMOVAL_OF_SLOT);
}

/* What is written decides, and that is for another program to see. */
static __always_inline int open_any(struct target *t)
{
	return 0;
}

/* The same of open(2), where no program sees the write. */
static __always_inline int asked_of_open(struct target *t)
{
	switch (t->what) {
#define ONE_KIND(kind, write, open, word, by_default, held, when) \
	case WHAT_##kind:                                         \
		return open(t);
		DAXGUARD_KNOB_KINDS(ONE_KIND)
#undef ONE_KIND
	}
	return 0;
}

static __always_inline int open_knob(struct target *t)
{
	int asked = asked_of_open(t);

	return asked > 0 ? removal(t, asked - 1, false) : asked;
}

#endif
