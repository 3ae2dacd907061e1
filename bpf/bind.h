/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may give a dax device a driver.  new_id, drivers_probe and a module that comes
 * make the driver core try every device that has none, so it is decided where that
 * tries this one: it wants a link "driver" before the probe, and without it gives up,
 * with this device alone.
 */
#ifndef DAXGUARD_BIND_H
#define DAXGUARD_BIND_H

#include "bound.h"
#include "knob.h"
#include "learn.h"
#include "observed.h"

/* Does the current task write the name of DEVICE to a file that binds? */
__subprog bool bind_asked_for(const struct daxguard_name *device)
{
	struct file *file = file_being_written(bpf_get_current_task_btf());
	struct daxguard_name named = {};
	struct target t = {};

	if (!device || !file || !find_target(file, &t) || t.what != WHAT_BIND)
		return false;
	/* this one binds nothing but what it is told */
	if (first_word(t.file) == WORD_BIND)
		return true;
	return written_name(&named) && same_name(&named, device);
}

/* Values in the map "unplugged": the mark goes when a bind that was asked for succeeds. */
#define NOT_ASKED_FOR 0
#define ASKED_FOR 1

static __always_inline int refuse_unplugged(struct target *t, const struct daxguard_name *name)
{
	struct daxguard_object *mark = bpf_map_lookup_elem(&unplugged, name);

	if (!mark)
		return 0;
	/* how that one ended was left out, or is not known yet: it has had its driver */
	if (mark->device == ASKED_FOR)
		bpf_map_delete_elem(&unplugged, name);
	else if (bind_asked_for(name))
		mark->device = ASKED_FOR;
	else
		return refuse(t, NULL, DAXGUARD_KIND_BIND, DAXGUARD_HOOK_LSM);
	return 0;
}

/* The device T is to get a driver now.  Returns 0 or -EBUSY. */
__subprog int guard_bind(struct target *t)
{
	struct daxguard_transition *held;
	struct daxguard_name name;
	struct held h = {};

	if (!t)
		return 0;
	name = t->device;
	held = held_by_other(&name, &h);
	if (held)
		return refuse(t, held, h.kind, DAXGUARD_HOOK_LSM);
	/* a controller changes what it names, and not what new_id drags along */
	if (bind_asked_for(&name))
		adopt(&name);
	return refuse_unplugged(t, &name);
}

/* What became of the bind that guard_bind() let through. */
static __always_inline void bind_done(const struct daxguard_name *name, bool bound)
{
	struct daxguard_object *mark = bpf_map_lookup_elem(&unplugged, name);

	if (!mark)
		return;
	if (bound)
		bpf_map_delete_elem(&unplugged, name);
	else
		mark->device = NOT_ASKED_FOR;
}

/* The device whose directory DIR is gets a driver. */
static __always_inline int driver_linked(struct kernfs_node *dir, struct target *t)
{
	int err;

	if (!device_file(dir, WORD_STATE, t) || t->block >= 0)
		return 0;
	learn_object(t);
	__builtin_memcpy(t->file, "driver", 7);
	err = guard_bind(t);
	if (err || !driver_is_kmem(t->dev))
		return err;
	learn(t->dev);
	learn_above(t->dev);
	if (holds_on_bind(&t->device))
		observe_begin(&t->device, DAXGUARD_KIND_BIND);
	note_bound(&t->device);
	return 0;
}

/* The device whose directory DIR is comes to be: what had its name before is no more. */
static __always_inline void device_made(struct kernfs_node *dir, struct target *t)
{
	if (!device_file(dir, WORD_SIZE, t) || t->block >= 0)
		return;
	learn_object(t);
	transition_of(&t->device);
	forget_former(&t->device);
	learn_above(t->dev);
	bpf_map_delete_elem(&unplugged, &t->device);
}

#endif
