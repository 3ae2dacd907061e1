/* SPDX-License-Identifier: GPL-2.0-only */
/* Claiming and ending transitions: one winner, and no end that hits another's. */
#ifndef DAXGUARD_TRANSITION_H
#define DAXGUARD_TRANSITION_H

#include "event.h"
#include "holder.h"
#include "idle.h"
#include "owner.h"
#include "policy.h"

struct held {
	struct owner owner;
	__u64 state;
	__u32 kind;
	__u32 no_hole;
};

static __always_inline bool past(__u64 deadline_ns)
{
	return deadline_ns && bpf_ktime_get_boot_ns() >= deadline_ns;
}

/* Whom an event about a transition names. */
struct named {
	__u32 pid;
	__u32 tid;
	char comm[DAXGUARD_COMM_LEN];
	char exe[DAXGUARD_EXE_LEN];
};

static __always_inline void name_owner(struct named *who, struct daxguard_transition *t,
				       const struct daxguard_name *name)
{
	struct daxguard_holder *h = bpf_map_lookup_elem(&holders, name);

	who->pid = READ(t->named_pid);
	who->tid = READ(t->owner_tid);
	__builtin_memcpy(who->comm, t->named_comm, sizeof(who->comm));
	if (h)
		__builtin_memcpy(who->exe, h->exe, sizeof(who->exe));
}

static __always_inline void count_end(__u32 type)
{
	switch (type) {
	case DAXGUARD_EV_EXPIRED:
		count(DAXGUARD_EXPIRED);
		break;
	case DAXGUARD_EV_RELEASED:
		count(DAXGUARD_RELEASED);
		break;
	case DAXGUARD_EV_HEALED:
		count(DAXGUARD_HEALED);
		break;
	default:
		count(DAXGUARD_ENDED);
	}
}

/*
 * End generation STATE of T with an event of TYPE about its owner.  Returns 0 where
 * that generation is over already.
 */
__subprog_alone int daxguard_transition_end(struct daxguard_transition *t,
					    const struct daxguard_name *device, __u64 state,
					    __u32 type, int result)
{
	struct daxguard_name key, *name = &key;
	struct daxguard_history *h;
	struct daxguard_event *e;
	struct named who = {};
	__u32 kind, begun;
	__u64 refused;

	if (!t || !device)
		return 0;
	key = *device;
	refused = READ(t->refused);
	kind = READ(t->kind);
	begun = READ(t->begun);
	name_owner(&who, t, name);
	if (__sync_val_compare_and_swap(&t->state, state, state & ~3ULL) != state)
		return 0;
	__sync_fetch_and_add(&daxguard_state.held, -1);
	__sync_fetch_and_add(&daxguard_state.armed, -1);
	/* what has not begun has no end, unless by somebody else's hand */
	if (type == DAXGUARD_EV_END && !begun)
		return 1;
	count_end(type);
	h = event_new(type, name);
	if (!h)
		return 1;
	e = &h->event.event;
	e->kind = kind;
	e->count = refused;
	e->result = result;
	e->hook = DAXGUARD_HOOK_OBSERVER;
	event_about(e, who.pid, who.tid, who.comm, who.exe);
	event_send(h);
	return 1;
}

/* Fills H with who holds T.  Returns its state, 0 where nobody does. */
static __always_inline __u64 read_held(struct daxguard_transition *t, struct held *h,
				       __u64 *deadline)
{
	__u64 state;

	/* two tries: the fields belong to a state that is the same after reading */
	for (int i = 0; i < 2; i++) {
		state = READ(t->state);
		if (DAXGUARD_PHASE(state) == DAXGUARD_FREE)
			return 0;
		keep_order();
		h->state = state;
		h->kind = READ(t->kind);
		h->owner.pid = READ(t->owner_pid);
		h->owner.tid = READ(t->owner_tid);
		h->owner.start_ns = READ(t->owner_start_ns);
		*deadline = READ(t->deadline_ns);
		keep_order();
		if (READ(t->state) == state)
			break;
	}
	if (DAXGUARD_PHASE(state) != DAXGUARD_HELD)
		h->owner.pid = 0; /* being claimed: the claimer writes nothing */
	return state;
}

/* Is the device held?  Fills H; ends what is over or past its deadline on the way. */
__subprog_alone bool transition_held(struct daxguard_transition *t,
				     const struct daxguard_name *name, struct held *h)
{
	__u32 type = DAXGUARD_EV_EXPIRED;
	__u64 state, deadline;

	if (!t || !name || !h)
		return false;
	state = read_held(t, h, &deadline);
	if (!state)
		return false;
	if (DAXGUARD_PHASE(state) != DAXGUARD_HELD)
		return true;
	if (daxguard_hold_is_over(t, name, state))
		type = READ(t->asked) ? DAXGUARD_EV_END : DAXGUARD_EV_HEALED;
	else if (h->kind == DAXGUARD_KIND_ADOPTED && daxguard_is_idle(name, state))
		type = DAXGUARD_EV_END;
	else if (!past(deadline))
		return true;
	return !daxguard_transition_end(t, name, state, type, 0) &&
	       DAXGUARD_PHASE(READ(t->state)) != DAXGUARD_FREE;
}

static const struct daxguard_transition no_transition;
static const struct daxguard_holder no_holder;

/* Make sure that DEVICE has its entries.  Returns NULL where the map is full. */
__subprog struct daxguard_transition *transition_of(const struct daxguard_name *device)
{
	struct daxguard_transition *t;

	if (!device)
		return NULL;
	/* an older daxguard, and the loader, make the other alone */
	if (!bpf_map_lookup_elem(&holders, device))
		bpf_map_update_elem(&holders, device, &no_holder, BPF_NOEXIST);
	t = bpf_map_lookup_elem(&transitions, device);
	if (t)
		return t;
	bpf_map_update_elem(&transitions, device, &no_transition, BPF_NOEXIST);
	return bpf_map_lookup_elem(&transitions, device);
}

struct claim {
	__u64 state; /* out: the generation */
	__u64 hold_ns; /* longest hold asked for, 0 for the policy's */
	struct task_struct *task; /* who is to hold it */
	struct pt_regs *regs; /* of the task, NULL where they are not known */
	__u32 kind;
	__u32 named_pid; /* to name to people, 0: the task's */
	__u32 asked; /* enum daxguard_asked */
	char named_comm[DAXGUARD_COMM_LEN];
	__u32 no_hole;
};

/* Does a process own it, with all that it has started, or the one task? */
static __always_inline bool is_of_process(__u32 kind)
{
	return kind == DAXGUARD_KIND_DECLARED || kind == DAXGUARD_KIND_ADOPTED;
}

/* The fields of T that say who has it, and the holder beside them. */
static __always_inline void claim_owner(struct daxguard_transition *t, struct claim *c,
					const struct daxguard_name *name)
{
	struct daxguard_name key = *name;
	struct daxguard_holder *h = bpf_map_lookup_elem(&holders, &key);
	bool process = is_of_process(c->kind);
	struct task_struct *task = c->task;
	struct daxguard_task owner = {};

	if (process)
		note_process(&owner, task);
	else
		note_thread(&owner, task, c->regs);
	t->owner_pid = BPF_CORE_READ(task, tgid);
	t->owner_tid = process ? 0 : owner.nr;
	t->owner_start_ns = owner.start_ns;
	if (c->regs)
		task_place(task, c->regs, &t->place);
	if (!c->named_pid) {
		c->named_pid = t->owner_pid;
		BPF_CORE_READ_INTO(&c->named_comm, task, comm);
	}
	t->named_pid = c->named_pid;
	__builtin_memcpy(t->named_comm, c->named_comm, sizeof(t->named_comm));
	if (!h)
		return;
	holder_open(h);
	h->task = owner;
	task_exe(task, h->exe);
	holder_close(h, c->state);
}

/* Claim T, which was seen to be free.  Returns 0, or -EBUSY where it is not. */
__subprog_alone int claim_free(struct daxguard_transition *t, const struct daxguard_name *name,
			       struct claim *c)
{
	__u64 old, now, limit;

	if (!t || !name || !c)
		return -EINVAL;
	old = READ(t->state);
	if (DAXGUARD_PHASE(old) != DAXGUARD_FREE)
		return -EBUSY;
	if (__sync_val_compare_and_swap(&t->state, old,
					DAXGUARD_NEXT(old) | DAXGUARD_CLAIMING) != old)
		return -EBUSY;
	/* from here on every write is looked at; a full barrier comes with it */
	__sync_fetch_and_add(&daxguard_state.armed, 1);
	ordered_add(&daxguard_state.held, 1);
	now = bpf_ktime_get_boot_ns();
	limit = max_hold_ns(name);
	if (c->hold_ns && (!limit || c->hold_ns < limit))
		limit = c->hold_ns;
	t->begin_ns = now;
	t->deadline_ns = limit ? now + limit : 0;
	t->refused = 0;
	t->audited = 0;
	t->kind = c->kind;
	t->begun = c->kind != DAXGUARD_KIND_DECLARED;
	t->asked = c->asked;
	c->state = DAXGUARD_NEXT(old) | DAXGUARD_HELD;
	claim_owner(t, c, name);
	/* nobody else writes a state in the phase CLAIMING */
	__sync_lock_test_and_set(&t->state, c->state);
	return 0;
}

/*
 * Claim NAME for a task (observed) or its process (declared).  Returns 0, -EBUSY
 * where it is held, -ENOENT where there is no room for it.
 */
__subprog int transition_claim(const struct daxguard_name *name, struct claim *c)
{
	struct daxguard_transition *t;
	struct held h = {};

	if (!name || !c)
		return -EINVAL;
	t = transition_of(name);
	if (!t)
		return -ENOENT;
	return transition_held(t, name, &h) ? -EBUSY : claim_free(t, name, c);
}

/* An event of TYPE about the owner of T. */
__subprog void report_owner(__u32 type, struct daxguard_transition *t,
			    const struct daxguard_name *name)
{
	struct daxguard_history *h;
	struct named who = {};
	struct daxguard_event *e;

	if (!t || !name)
		return;
	name_owner(&who, t, name);
	h = event_new(type, name);
	if (!h)
		return;
	e = &h->event.event;
	e->kind = READ(t->kind);
	e->hook = e->kind == DAXGUARD_KIND_DECLARED ? DAXGUARD_HOOK_CONTROL
						    : DAXGUARD_HOOK_OBSERVER;
	event_about(e, who.pid, who.tid, who.comm, who.exe);
	event_send(h);
}

static __always_inline void report_begin(const struct daxguard_name *name)
{
	count(DAXGUARD_BEGUN);
	report_owner(DAXGUARD_EV_BEGIN, bpf_map_lookup_elem(&transitions, name), name);
}

/*
 * A bind or unbind whose begin was left out is begun now, in the name of the task
 * that has the device's lock for it.  1 where that was done.
 */
__subprog_alone int daxguard_heal_begin(const struct daxguard_name *name)
{
	struct daxguard_name key;
	struct claim c = {};
	struct device *dev;
	int at;

	if (!name)
		return 0;
	key = *name;
	dev = kmem_dev(&key);
	if (!dev)
		return 0;
	at = BPF_CORE_READ(dev, links.status);
	if (at == DL_DEV_UNBINDING)
		c.kind = DAXGUARD_KIND_UNBIND;
	else if (at == DL_DEV_PROBING && holds_on_bind(&key))
		c.kind = DAXGUARD_KIND_BIND;
	else
		return 0;
	c.task = device_locker(dev);
	/* the one that does it needs no hold against itself */
	if (!c.task || c.task == bpf_get_current_task_btf() ||
	    claim_free(bpf_map_lookup_elem(&transitions, &key), &key, &c))
		return 0;
	report_begin(&key);
	count(DAXGUARD_HEALED);
	report_owner(DAXGUARD_EV_HEALED, bpf_map_lookup_elem(&transitions, &key), &key);
	return 1;
}

/* The transition that NAME is in, H filled in; NULL where there is none. */
__subprog struct daxguard_transition *transition_now(const struct daxguard_name *name,
						     struct held *h)
{
	struct daxguard_transition *t;

	if (!name || !h)
		return NULL;
	t = bpf_map_lookup_elem(&transitions, name);
	if (t && transition_held(t, name, h))
		return t;
	if (!daxguard_heal_begin(name))
		return NULL;
	t = bpf_map_lookup_elem(&transitions, name);
	return t && transition_held(t, name, h) ? t : NULL;
}

#endif
