/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A removal: an unbind, or what takes a dax device along from above.  Refused while it
 * would cost memory, or what somebody else holds.  One that is let through holds the
 * devices below it until its call is over, so that nothing comes online on the way.
 */
#ifndef DAXGUARD_REMOVAL_H
#define DAXGUARD_REMOVAL_H

#include "above.h"
#include "block.h"
#include "decide.h"
#include "observed.h"
#include "written.h"
#include "writes.h"

/* What goes, and how it is said. */
enum removal_of {
	REMOVAL_OF_DIR, /* what is below the device whose directory the file is in */
	REMOVAL_OF_SLOT, /* or below the slot */
	REMOVAL_OF_EJECT, /* or below the ACPI device, and the kernel does it later */
	REMOVAL_OF_NAME, /* or below the one that is named for the driver to let go */
	REMOVAL_OF_REGION, /* or below the CXL region that is named */
	REMOVAL_OF_DAX, /* the dax device of the target alone */
	REMOVAL_OF_DRIVER, /* what is below any that the driver has */
	REMOVAL_OF_MODULE, /* or the drivers of the module that is to be unloaded */
};

/* Too big for the stack, this deep: one for each task that ever asked. */
struct removal {
	struct daxguard_below key; /* the ancestor, or the device */
	struct daxguard_name names[DAXGUARD_EVENT_BELOW]; /* of the devices that go */
	struct daxguard_name kept; /* what keeps it from happening, and is judged */
	char driver[DAXGUARD_ANCESTOR_LEN]; /* or module; of that bus only, unless it is "" */
	struct daxguard_name bus;
	__u32 of; /* enum removal_of */
	__u32 nr; /* devices that go */
	__u32 kind; /* of the transition of the one that is kept */
	__u32 mode; /* of its policy */
	bool found;
	bool goes; /* the device that is being looked at */
};

/* Its map is pinned as all are, and to an upgrade one of another size is somebody else's. */
_Static_assert(sizeof(struct removal) == 216, "ABI: removal");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct removal);
} removals SEC(".maps") __weak;

/* What the callbacks get: it has to be on the stack. */
struct looking {
	struct removal *r;
};

/*
 * The driver whose directory the file is in.  False where it is not for a name to say what
 * goes: the one device of hmem_platform takes along all that hmem has, and is above none.
 */
static __always_inline bool set_driver(struct removal *r, const struct target *t)
{
	struct kernfs_node *dir = t->dir, *bus = kernfs_parent(kernfs_parent(dir));

	r->of = REMOVAL_OF_DRIVER;
	bpf_probe_read_kernel_str(r->bus.name, sizeof(r->bus.name), BPF_CORE_READ(bus, name));
	bpf_probe_read_kernel_str(r->driver, sizeof(r->driver), BPF_CORE_READ(dir, name));
	if (*(__u64 *)r->driver != WORD("hmem_platform"))
		return true;
	__builtin_memset(r->driver, 0, sizeof(r->driver));
	__builtin_memcpy(r->driver, "hmem", 4);
	return false;
}

static __always_inline bool set_module(struct removal *r)
{
	__u64 from = module_to_delete();

	return from && bpf_probe_read_user_str(r->driver, sizeof(r->driver), (void *)from) > 1;
}

/* Fill R with what goes.  False where nothing does. */
__subprog bool set_removal(struct removal *r, const struct target *t)
{
	struct kernfs_node *dir;
	bool set = false;

	if (!r || !t)
		return false;
	dir = t->dir;
	switch (r->of) {
	case REMOVAL_OF_DAX:
		r->key.device = t->device;
		return true;
	case REMOVAL_OF_DRIVER:
		set_driver(r, t);
		return true;
	case REMOVAL_OF_MODULE:
		return set_module(r);
	case REMOVAL_OF_SLOT:
		set = slot_key(&r->key.ancestor, BPF_CORE_READ(dir, name));
		break;
	case REMOVAL_OF_NAME:
		/* which one is not known: it may be any that the driver has */
		if (!set_driver(r, t) || !written_ancestor(&r->key.ancestor))
			return true;
		r->of = REMOVAL_OF_NAME;
		__builtin_memcpy(r->key.ancestor.subsystem, r->bus.name, sizeof(r->bus.name));
		set = true;
		break;
	case REMOVAL_OF_REGION:
		set = written_ancestor(&r->key.ancestor);
		__builtin_memcpy(r->key.ancestor.subsystem, "cxl", 4);
		break;
	}
	/* of a region that is not known: it may be any that the root decoder has */
	if (!set)
		set = ancestor_key(&r->key.ancestor, t->dev);
	return set && is_ancestor(&r->key.ancestor);
}

static __always_inline bool same_driver(const struct removal *r, struct device *dev)
{
	char driver[DAXGUARD_ANCESTOR_LEN] = {};
	const __u64 *a = (void *)driver, *b = (void *)r->driver;

	if (r->of == REMOVAL_OF_DRIVER)
		bpf_probe_read_kernel_str(driver, sizeof(driver),
					  BPF_CORE_READ(dev, driver, name));
	else
		BPF_CORE_READ_STR_INTO(&driver, dev, driver, owner, name);
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

/* Does this ancestor of the device in the key hang on that driver? */
static long look_at_driver(struct bpf_map *map, const struct daxguard_below *at,
			   struct daxguard_above *above, struct looking *l)
{
	struct device *dev = (void *)above->device;
	struct daxguard_ancestor now = {};
	struct removal *r = l->r;

	if (!same_name(&at->device, &r->key.device))
		return 0;
	/* what has that address now may be something else */
	if (!ancestor_key(&now, dev) || !same_ancestor(&now, &at->ancestor))
		return 0;
	if (r->bus.name[0] && *(__u64 *)now.subsystem != *(__u64 *)r->bus.name)
		return 0;
	if (!same_driver(r, dev))
		return 0;
	r->goes = true;
	if (!r->found)
		r->key.ancestor = now;
	return 1;
}

/* Is DEVICE one of those that go? */
static __always_inline bool goes_along(struct removal *r, const struct daxguard_name *device)
{
	struct looking l = { .r = r };

	if (r->of == REMOVAL_OF_DAX)
		return same_name(device, &r->key.device);
	r->key.device = *device;
	if (r->of < REMOVAL_OF_DAX)
		return bpf_map_lookup_elem(&below, &r->key) != NULL;
	r->goes = false;
	bpf_for_each_map_elem(&below, look_at_driver, &l, 0);
	return r->goes;
}

/* Of several the first whose policy is the strictest: what the others let go is not theirs. */
static __always_inline void keep(struct removal *r, const struct daxguard_name *device,
				 __u32 kind)
{
	__u32 mode = mode_of(policy_of(device));

	r->found = true;
	if (mode <= r->mode)
		return;
	r->mode = mode;
	r->kept = *device;
	r->kind = kind;
}

/*
 * Would it cost memory that DEVICE goes?  An eject is done by a worker of the kernel, after
 * the write, with device_hotplug_lock held.  Where kmem has a device below, be it all
 * offline, the worker comes to remove_memory(), which waits for that lock: for good, and no
 * memory block of the machine changes any more.  That also makes up for what the write's
 * hold cannot do, which is over when the work begins: nothing can come online meanwhile.
 */
static __always_inline bool costs_memory(const struct removal *r, struct daxguard_name *device)
{
	if (r->of == REMOVAL_OF_EJECT)
		return in_kmem_guarded(device);
	return online_block_guarded(device, false);
}

static long look_at_one(struct bpf_map *map, const struct daxguard_name *device,
			struct daxguard_transition *t, struct looking *l)
{
	struct daxguard_name name = *device;
	struct removal *r = l->r;
	struct held h = {};

	if (!goes_along(r, &name))
		return 0;
	if (r->nr < DAXGUARD_EVENT_BELOW)
		r->names[r->nr % DAXGUARD_EVENT_BELOW] = name;
	r->nr++;
	if (transition_held(t, &name, &h) && !current_process_is_owner(&h.owner))
		keep(r, &name, h.kind);
	else if (costs_memory(r, &name))
		keep(r, &name, DAXGUARD_KIND_UNBIND);
	return 0;
}

/* Would it cost memory, or what somebody else holds? */
static __always_inline bool look(struct removal *r)
{
	struct looking l = { .r = r };

	r->nr = 0;
	bpf_for_each_map_elem(&transitions, look_at_one, &l, 0);
	return r->found;
}

/* Whose a device is that is to go. */
enum asked {
	ASKED_OTHERS, /* somebody else holds it */
	ASKED_NOW, /* held from now on for the call that the current task is in */
	ASKED_MINE, /* held before by who writes, and its begin has waited for all others */
};

/* Hold the device.  What it was held by before, and is over, look_at_one() has ended. */
static __always_inline enum asked ask_unbind(struct daxguard_transition *t,
					     const struct daxguard_name *device, __u32 how)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct claim c = { .kind = DAXGUARD_KIND_UNBIND, .asked = how, .task = task };
	struct held h = {};
	__u64 deadline;

	c.regs = (void *)bpf_task_pt_regs(task);
	if (is_controller(task)) {
		c.kind = DAXGUARD_KIND_ADOPTED;
		c.asked = DAXGUARD_ASKED_NOT;
	}
	if (!claim_free(t, device, &c)) {
		claim_done(device, &c);
		return ASKED_NOW;
	}
	if (!read_held(t, &h, &deadline) || !current_process_is_owner(&h.owner))
		return ASKED_OTHERS;
	/* one that was adopted has waited for nobody */
	return READ(t->begun) && h.kind != DAXGUARD_KIND_ADOPTED ? ASKED_MINE : ASKED_NOW;
}

/* Is there a write under way to the device, or a change of one of its blocks? */
static __always_inline bool is_written_to(struct under_way *u)
{
	/* twice: a look through a map that changes may miss an entry */
	find_write(u);
	if (!u->found)
		find_write(u);
	return u->found;
}

static long ask_for_one(struct bpf_map *map, const struct daxguard_name *device,
			struct daxguard_transition *t, struct looking *l)
{
	struct under_way u = { .device = *device };
	struct removal *r = l->r;
	struct device *dev;
	enum asked asked;
	bool known;
	__u32 how;

	if (!goes_along(r, &u.device))
		return 0;
	dev = find_dax(&u.device, &known);
	how = BPF_CORE_READ(dev, driver) ? DAXGUARD_ASKED_BOUND : DAXGUARD_ASKED_UNBOUND;
	asked = ask_unbind(t, &u.device, how);
	/* or it is being bound, and its blocks are about to come */
	if (asked == ASKED_OTHERS || BPF_CORE_READ(dev, links.status) == DL_DEV_PROBING ||
	    (asked == ASKED_NOW && is_written_to(&u)))
		keep(r, &u.device, DAXGUARD_KIND_NONE);
	return 0;
}

static long let_go_of_one(struct bpf_map *map, const struct daxguard_name *device,
			  struct daxguard_transition *t, struct looking *l)
{
	struct daxguard_name name = *device;

	if (goes_along(l->r, &name))
		observe_end(&name, DAXGUARD_KIND_UNBIND, -EBUSY);
	return 0;
}

/*
 * The removal may go on, with all that it takes along held; or it may not, and nothing
 * is.  Who was let through before that is looked for after it, as a begin does.
 */
static __always_inline bool may_remove(struct removal *r)
{
	struct daxguard_thread thread = this_thread();
	struct looking l = { .r = r };

	if (look(r))
		return false;
	if (!r->nr)
		return true;
	/* of an earlier call: this thread is in another one now */
	bpf_map_delete_elem(&writes, &thread);
	bpf_for_each_map_elem(&transitions, ask_for_one, &l, 0);
	if (!r->found && !look(r))
		return true;
	bpf_for_each_map_elem(&transitions, let_go_of_one, &l, 0);
	return false;
}

__subprog int report_removal(struct target *t, struct removal *r, __u32 type, __u32 hook)
{
	struct daxguard_event_above *e;
	struct daxguard_history *h;
	struct daxguard_name name;
	__u64 due;

	if (!t || !r)
		return 0;
	name = r->kept;
	due = event_due(type, &name);
	if (!due)
		return 0;
	h = event_new(type, &name);
	if (!h)
		return 0;
	e = &h->event;
	e->event.kind = r->kind;
	event_of_write(&e->event, t, type, hook, due);
	e->ancestor = r->key.ancestor;
	__builtin_memcpy(e->below, r->names, sizeof(e->below));
	e->nr_below = r->nr;
	event_above_send(h);
	return 0;
}

/*
 * A removal OF what enum removal_of says, by a write to the file T: refused, as policy
 * says, or let through with all that goes held; HOLD is 0 where the write is still to
 * come.  1 where it is refused.
 */
__subprog_alone int daxguard_refuse_removal(struct target *t, __u32 of, __u32 hold)
{
	struct removal *r;
	__u32 type;

	r = bpf_task_storage_get(&removals, bpf_get_current_task_btf(), NULL,
				 BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!r)
		count(DAXGUARD_UNDECIDED);
	if (!t || !r)
		return 0;
	__builtin_memset(r, 0, sizeof(*r));
	r->of = of;
	if (!set_removal(r, t) || (hold ? may_remove(r) : !look(r)))
		return 0;
	type = judge(&r->kept, NULL);
	tally_write(t, &r->kept, type);
	if (type)
		report_removal(t, r, type, DAXGUARD_HOOK_LSM);
	return type == DAXGUARD_EV_REFUSED;
}

/* Returns 0 or -EBUSY: the verifier does not see what a function that is verified alone
 * returns. */
static __always_inline int removal(struct target *t, enum removal_of of, bool hold)
{
	return daxguard_refuse_removal(t, of, hold) ? -EBUSY : 0;
}

#endif
