/* SPDX-License-Identifier: GPL-2.0-only */
/* Claiming and ending transitions: one winner, and no end that hits another's. */
#ifndef DAXGUARD_TRANSITION_H
#define DAXGUARD_TRANSITION_H

struct held {
	struct owner owner;
	__u64 state;
	__u32 kind;
};

static __always_inline bool past(__u64 deadline_ns)
{
	return deadline_ns && bpf_ktime_get_boot_ns() >= deadline_ns;
}

/*
 * End generation STATE of T with an event of TYPE about its owner.  Returns false
 * where that generation is over already.
 */
static __noinline bool transition_end(struct daxguard_transition *t,
				      const struct daxguard_name *name, __u64 state, __u32 type,
				      int result)
{
	struct daxguard_event *e;
	__u64 refused;
	__u32 kind, pid, tid;
	char comm[DAXGUARD_COMM_LEN];

	if (!t || !name)
		return false;
	refused = READ(t->refused);
	kind = READ(t->kind);
	pid = READ(t->named_pid);
	tid = READ(t->owner_tid);
	__builtin_memcpy(comm, t->named_comm, sizeof(comm));
	if (__sync_val_compare_and_swap(&t->state, state, state & ~3ULL) != state)
		return false;
	__sync_fetch_and_add(&daxguard_state.held, -1);
	__sync_fetch_and_add(&daxguard_state.armed, -1);
	if (type == DAXGUARD_EV_EXPIRED)
		count(DAXGUARD_EXPIRED);
	else if (type == DAXGUARD_EV_RELEASED)
		count(DAXGUARD_RELEASED);
	else
		count(DAXGUARD_ENDED);
	e = event_new(type, name);
	if (!e)
		return true;
	e->kind = kind;
	e->count = refused;
	e->result = result;
	e->hook = DAXGUARD_HOOK_OBSERVER;
	event_about(e, pid, tid, comm);
	event_send(e);
	return true;
}

/* Is the device held?  Fills H; ends what is past its deadline on the way. */
static __noinline bool transition_held(struct daxguard_transition *t,
				       const struct daxguard_name *name, struct held *h)
{
	__u64 state, deadline;

	if (!t || !name || !h)
		return false;
	/* two tries: the fields belong to a state that is the same after reading */
	for (int i = 0; i < 2; i++) {
		state = READ(t->state);
		if (DAXGUARD_PHASE(state) == DAXGUARD_FREE)
			return false;
		h->state = state;
		h->kind = READ(t->kind);
		h->owner.pid = READ(t->owner_pid);
		h->owner.tid = READ(t->owner_tid);
		h->owner.start_ns = READ(t->owner_start_ns);
		deadline = READ(t->deadline_ns);
		if (READ(t->state) == state)
			break;
	}
	if (DAXGUARD_PHASE(state) != DAXGUARD_HELD) {
		h->owner.pid = 0; /* being claimed: the claimer writes nothing */
		return true;
	}
	if (!past(deadline))
		return true;
	return !transition_end(t, name, state, DAXGUARD_EV_EXPIRED, 0) &&
	       DAXGUARD_PHASE(READ(t->state)) != DAXGUARD_FREE;
}

static __always_inline const struct daxguard_policy *
policy_of(const struct daxguard_name *device)
{
	struct daxguard_name any = { DAXGUARD_ANY };
	const struct daxguard_policy *p;

	p = bpf_map_lookup_elem(&policy, device);
	return p ? p : bpf_map_lookup_elem(&policy, &any);
}

static __always_inline __u64 max_hold_ns(const struct daxguard_name *device)
{
	const struct daxguard_policy *p = policy_of(device);

	return (p ? p->max_hold_s : DAXGUARD_MAX_HOLD_S) * 1000000000ULL;
}

/* Make sure that DEVICE has its entry.  Returns NULL where the map is full. */
static __noinline struct daxguard_transition *transition_of(const struct daxguard_name *device)
{
	struct daxguard_transition zero = {};
	struct daxguard_transition *t;

	if (!device)
		return NULL;
	t = bpf_map_lookup_elem(&transitions, device);
	if (t)
		return t;
	bpf_map_update_elem(&transitions, device, &zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&transitions, device);
}

struct claim {
	__u64 state; /* out: the generation */
	__u64 hold_ns; /* longest hold asked for, 0 for the policy's */
	__u32 kind;
	__u32 named_pid; /* to name to people, 0: the current process */
	char named_comm[DAXGUARD_COMM_LEN];
};

/*
 * Claim NAME for the current task (observed) or process (declared).  Returns 0,
 * -EBUSY where it is held, -ENOENT where there is no room for it.
 */
static __noinline int transition_claim(const struct daxguard_name *name, struct claim *c)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct daxguard_transition *t;
	__u64 old, now, limit;
	struct held h;
	bool declared;

	if (!name || !c)
		return -EINVAL;
	declared = c->kind == DAXGUARD_KIND_DECLARED;
	t = transition_of(name);
	if (!t)
		return -ENOENT;
	if (transition_held(t, name, &h))
		return -EBUSY;
	old = READ(t->state);
	if (DAXGUARD_PHASE(old) != DAXGUARD_FREE)
		return -EBUSY;
	if (__sync_val_compare_and_swap(&t->state, old,
					DAXGUARD_NEXT(old) | DAXGUARD_CLAIMING) != old)
		return -EBUSY;
	/* from here on every write is looked at; a full barrier comes with it */
	__sync_fetch_and_add(&daxguard_state.armed, 1);
	__sync_fetch_and_add(&daxguard_state.held, 1);
	now = bpf_ktime_get_boot_ns();
	limit = max_hold_ns(name);
	if (c->hold_ns && (!limit || c->hold_ns < limit))
		limit = c->hold_ns;
	t->begin_ns = now;
	t->deadline_ns = limit ? now + limit : 0;
	t->refused = 0;
	t->audited = 0;
	t->owner_pid = task->tgid;
	t->owner_tid = declared ? 0 : task->pid;
	t->owner_start_ns = declared ? task->group_leader->start_boottime
				     : task->start_boottime;
	t->kind = c->kind;
	t->begun = !declared;
	task_place(task, &t->place);
	if (!c->named_pid) {
		c->named_pid = task->tgid;
		bpf_get_current_comm(c->named_comm, sizeof(c->named_comm));
	}
	t->named_pid = c->named_pid;
	__builtin_memcpy(t->named_comm, c->named_comm, sizeof(t->named_comm));
	c->state = DAXGUARD_NEXT(old) | DAXGUARD_HELD;
	/* nobody else writes a state in the phase CLAIMING */
	__sync_lock_test_and_set(&t->state, c->state);
	return 0;
}

static __noinline void report_begin(const struct daxguard_name *name, __u32 kind)
{
	struct daxguard_event *e;

	if (!name)
		return;
	count(DAXGUARD_BEGUN);
	e = event_new(DAXGUARD_EV_BEGIN, name);
	if (!e)
		return;
	e->kind = kind;
	e->hook = DAXGUARD_HOOK_OBSERVER;
	event_send(e);
}

/* Begin an observed transition, unless the device is already held. */
static __noinline void observe_begin(const struct daxguard_name *name, __u32 kind)
{
	struct daxguard_transition *t;
	struct claim c = { .kind = kind };
	struct held h;

	if (!name)
		return;
	if (!transition_claim(name, &c)) {
		report_begin(name, kind);
		return;
	}
	/* a step of a declared transition is what it is there for */
	t = bpf_map_lookup_elem(&transitions, name);
	if (!t || (transition_held(t, name, &h) && !current_is_owner(&h.owner)))
		count(DAXGUARD_UNDECIDED);
}

/* End an observed transition of this kind if the current task began it. */
static __noinline void observe_end(const struct daxguard_name *name, __u32 kind, int result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct daxguard_transition *t;
	struct held h;

	if (!name)
		return;
	t = bpf_map_lookup_elem(&transitions, name);
	if (!t || !transition_held(t, name, &h))
		return;
	if (h.kind == kind && h.owner.tid == task->pid &&
	    h.owner.start_ns == task->start_boottime)
		transition_end(t, name, h.state, DAXGUARD_EV_END, result);
}

#endif
