// SPDX-License-Identifier: GPL-2.0-only
/* What the loader asks for: claim, end, hand over, and which writes are under way. */
#include "block.h"
#include "learn.h"
#include "opens.h"
#include "syscall.h"
#include "transition.h"
#include "writes.h"

static long expire_one(struct bpf_map *map, const struct daxguard_name *key,
		       struct daxguard_transition *t, void *ctx)
{
	struct daxguard_name name = *key;
	struct held h = {};

	transition_held(t, &name, &h);
	forget_above(&name);
	return 0;
}

static long forget_one(struct bpf_map *map, const struct daxguard_name *key,
		       struct daxguard_device *d, void *ctx)
{
	struct daxguard_name name = *key;

	forget_left(&name);
	return 0;
}

/* End by force, or as the owner, or a begin of generation STATE only. */
static __always_inline int control_end(struct daxguard_ctl *ctl,
				       const struct daxguard_name *name,
				       struct daxguard_transition *t)
{
	struct held h = {};
	__u32 type = DAXGUARD_EV_END;

	if (!transition_held(t, name, &h))
		return -ENOENT;
	if (ctl->cmd == DAXGUARD_CMD_RELEASE)
		type = DAXGUARD_EV_RELEASED;
	else if (ctl->cmd == DAXGUARD_CMD_END_EXACTLY) {
		if (h.state != ctl->state)
			return -ENOENT;
	} else if (!current_is_owner(&h.owner)) {
		return -EPERM;
	}
	return daxguard_transition_end(t, name, h.state, type, 0) ? 0 : -ENOENT;
}

/* -ENOENT: it was taken away or its time was up before it began. */
static __always_inline int control_begun(struct daxguard_ctl *ctl,
					 const struct daxguard_name *name,
					 struct daxguard_transition *t)
{
	if (READ(t->state) != ctl->state || past(READ(t->deadline_ns)))
		return -ENOENT;
	t->begun = 1;
	report_begin(name);
	return 0;
}

static __always_inline void control_claim(struct daxguard_ctl *ctl,
					  const struct daxguard_name *name)
{
	struct claim c = { .kind = DAXGUARD_KIND_DECLARED,
			   .task = bpf_get_current_task_btf(),
			   .hold_ns = ctl->hold_ns,
			   .named_pid = ctl->named_pid };

	__builtin_memcpy(c.named_comm, ctl->named_comm, sizeof(c.named_comm));
	relearn(name);
	daxguard_heal_begin(name);
	ctl->result = transition_claim(name, &c);
	ctl->state = c.state;
}

static __always_inline void control_writes(struct daxguard_ctl *ctl,
					   const struct daxguard_name *name)
{
	struct under_way u = { .device = *name };

	find_write(&u);
	ctl->state = u.found;
	ctl->named_pid = u.pid;
	__builtin_memcpy(ctl->named_comm, u.comm, sizeof(ctl->named_comm));
	ctl->result = 0;
}

/* What programs of an older set counted while they and we were both there. */
static __always_inline int control_count(__u32 which, __u64 by)
{
	__u64 *n = bpf_map_lookup_elem(&counters, &which);

	if (!n)
		return -EINVAL;
	__sync_fetch_and_add(n, by);
	return 0;
}

static __always_inline int control_mine(const struct daxguard_name *name,
					struct daxguard_transition *t)
{
	struct held h = {};

	if (!transition_held(t, name, &h))
		return -ENOENT;
	return current_is_owner(&h.owner) ? 0 : -EPERM;
}

/* For the owner, who has just taken it from its driver, to say. */
static __always_inline int control_unplugged(const struct daxguard_name *name,
					     struct daxguard_transition *t)
{
	struct daxguard_object none = {};
	int err = control_mine(name, t);

	if (!err && bpf_map_update_elem(&unplugged, name, &none, BPF_ANY))
		err = -ENOENT;
	return err;
}

/* For the owner, around a bind that is to bring nothing online. */
static __always_inline int control_keep_offline(const struct daxguard_name *name,
						struct daxguard_transition *t, bool keep)
{
	__u64 state = READ(t->state);
	int err = control_mine(name, t);

	if (err)
		return err;
	if (!(READ(daxguard_state.hooks) & ~DAXGUARD_HOOKS_LSM))
		return -EOPNOTSUPP;
	if (!keep) {
		bpf_map_delete_elem(&kept_offline, name);
		return 0;
	}
	return bpf_map_update_elem(&kept_offline, name, &state, BPF_ANY) ? -ENOENT : 0;
}

static __always_inline void control_who(struct daxguard_ctl *ctl)
{
	struct task_struct *me = bpf_get_current_task_btf();

	ctl->named_pid = me->pid;
	ctl->state = me->tgid;
	ctl->hold_ns = BPF_CORE_READ(me, thread_pid, level);
	ctl->result = 0;
}

/* A holder that changed since it had STATE, while it was copied, has no name to give. */
static __always_inline void control_claimed(struct daxguard_ctl *ctl,
					    struct daxguard_transition *t, __u64 state)
{
	keep_order();
	if (ctl->result == -EBUSY &&
	    (DAXGUARD_PHASE(state) != DAXGUARD_HELD || READ(t->state) != state))
		ctl->result = -EAGAIN;
}

/* One command at a time each, run by BPF_PROG_TEST_RUN: a killed loader cannot
 * leave a transition half claimed. */
SEC("syscall")
int daxguard_ctl(struct daxguard_ctl *ctl)
{
	struct daxguard_name copy = ctl->name, *name = &copy;
	struct daxguard_transition *t;
	__u64 state;

	/* the copy, and not the context, which cannot be pointed into */
	barrier_var(name);
	switch (ctl->cmd) {
	case DAXGUARD_CMD_EXPIRE:
		bpf_for_each_map_elem(&transitions, expire_one, NULL, 0);
		bpf_for_each_map_elem(&devices, forget_one, NULL, 0);
		ctl->result = 0;
		return 0;
	case DAXGUARD_CMD_WRITES:
		control_writes(ctl, name);
		return 0;
	case DAXGUARD_CMD_WHO:
		control_who(ctl);
		return 0;
	case DAXGUARD_CMD_COUNT:
		ctl->result = control_count(ctl->state, ctl->hold_ns);
		return 0;
	case DAXGUARD_CMD_CLAIM:
		control_claim(ctl, name);
	}
	t = bpf_map_lookup_elem(&transitions, name);
	if (!t) {
		ctl->result = -ENOENT;
		return 0;
	}
	state = READ(t->state);
	keep_order();
	if (ctl->cmd != DAXGUARD_CMD_CLAIM || ctl->result)
		__builtin_memcpy(&ctl->holder, t, sizeof(ctl->holder));
	switch (ctl->cmd) {
	case DAXGUARD_CMD_CLAIM:
		control_claimed(ctl, t, state);
		break;
	case DAXGUARD_CMD_UNPLUGGED:
		ctl->result = control_unplugged(name, t);
		break;
	case DAXGUARD_CMD_MINE:
		ctl->result = control_mine(name, t);
		break;
	case DAXGUARD_CMD_KEEP_OFFLINE:
		ctl->result = control_keep_offline(name, t, ctl->state);
		break;
	case DAXGUARD_CMD_BEGUN:
		ctl->result = control_begun(ctl, name, t);
		break;
	case DAXGUARD_CMD_END:
	case DAXGUARD_CMD_RELEASE:
	case DAXGUARD_CMD_END_EXACTLY:
		ctl->result = control_end(ctl, name, t);
		break;
	default:
		ctl->result = -EINVAL;
	}
	return 0;
}

/* The number of TASK in the pid namespace of the current task, or 0. */
static __always_inline __u32 pid_seen_here(struct task_struct *task)
{
	struct task_struct *me = bpf_get_current_task_btf();
	struct pid *mine = BPF_CORE_READ(me, thread_pid);
	struct pid *its = BPF_CORE_READ(task, thread_pid);
	__u32 level = BPF_CORE_READ(mine, level);
	struct upid here, there;

	if (level > 32 || BPF_CORE_READ(its, level) < level)
		return 0;
	if (bpf_core_read(&here, sizeof(here), &mine->numbers[level]) ||
	    bpf_core_read(&there, sizeof(there), &its->numbers[level]))
		return 0;
	return here.ns == there.ns ? there.nr : 0;
}

/*
 * Hand the device over from the loader to its owner.  The owner may be dying: its
 * exit looks for what it holds after "live" fell, and here "live" is read after
 * the owner was written, so that one of the two lets go.
 */
static __always_inline void hand_over(struct daxguard_request *r, struct daxguard_transition *t,
				      struct task_struct *task)
{
	struct daxguard_name name = r->name;
	struct daxguard_holder *h = bpf_map_lookup_elem(&holders, &name);
	__u64 busy = (r->state & ~3ULL) | DAXGUARD_CLAIMING;
	struct daxguard_task owner = {};

	if (__sync_val_compare_and_swap(&t->state, r->state, busy) != r->state)
		return;
	t->owner_pid = task->tgid;
	t->owner_start_ns = task->start_boottime;
	/* its time does not run while it waits for others */
	if (t->deadline_ns)
		t->deadline_ns += bpf_ktime_get_boot_ns() - t->begin_ns;
	t->named_pid = task->tgid;
	__builtin_memcpy(t->named_comm, task->comm, sizeof(t->named_comm));
	if (h) {
		note_process(&owner, task);
		holder_open(h);
		h->task = owner;
		task_exe(task, h->exe);
		holder_close(h, r->state | HANDED_OVER);
	}
	__sync_lock_test_and_set(&t->state, r->state);
	if (task->signal->live.counter > 0)
		r->owner_seen = 1;
	else
		daxguard_transition_end(t, &name, r->state, DAXGUARD_EV_RELEASED, 0);
}

static __always_inline void adopt(struct daxguard_request *r, struct daxguard_transition *t,
				  struct task_struct *task)
{
	struct owner o = {};

	if (!r->owner_seen && task->pid == task->tgid && pid_seen_here(task) == r->owner_pid)
		hand_over(r, t, task);
	if (!r->owner_seen)
		return;
	o.pid = t->owner_pid;
	o.start_ns = t->owner_start_ns;
	if (descends_from(task, &o) && lineage_add(task, &o))
		r->marked++;
}

/* Is PROGRAM one that a list names, and not what R is about? */
static __always_inline bool names_another(struct daxguard_request *r, __u64 program)
{
	struct daxguard_allow_key key = { .what = DAXGUARD_ALLOW_PROGRAM, .id = program };

	return program && program != r->state &&
	       (bpf_map_lookup_elem(&allow, &key) || bpf_map_lookup_elem(&controllers, &key));
}

static __always_inline bool runs_file(struct daxguard_request *r, struct task_struct *task)
{
	struct inode *exe = BPF_CORE_READ(task, mm, exe_file, f_inode);

	return exe && BPF_CORE_READ(exe, i_sb, s_dev) == r->file.dev &&
	       BPF_CORE_READ(exe, i_ino) == r->file.id;
}

/*
 * It ran before its path was named: does it run what has that path now?  What is known to
 * have begun by another path stays that: a file may have several.  An exec meanwhile knows
 * better: it gives the task its new file first, and then its identity.
 */
static __always_inline void seed_running(struct daxguard_request *r, struct task_struct *task)
{
	struct daxguard_identity *id;
	__u64 was;

	if (!runs_file(r, task) || !sees_files_of_host(task))
		return;
	id = bpf_task_storage_get(&identity, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!id) {
		count(DAXGUARD_UNDECIDED);
		return;
	}
	was = READ(id->program);
	if (names_another(r, was) ||
	    __sync_val_compare_and_swap(&id->program, was, r->state) != was)
		return;
	if (runs_file(r, task))
		r->marked++;
	else
		__sync_val_compare_and_swap(&id->program, r->state, 0);
}

/* A write to a block that was under way when the guard was loaded. */
static __always_inline void seed_write(struct task_struct *task)
{
	__u64 file = (__u64)file_being_written(task);
	struct daxguard_thread thread = { .start_ns = task->start_boottime, .tid = task->pid };
	struct daxguard_open *o = bpf_map_lookup_elem(&opens, &file);
	struct daxguard_write w = { .file = file };
	struct target t = {};

	if (!o || o->block < 0)
		return;
	t.block = o->block;
	if (!block_device(&t))
		return;
	fill_write(&w, task, &t);
	daxguard_run.admitted = 1;
	/* one that came through the check meanwhile knows better */
	bpf_map_update_elem(&writes, &thread, &w, BPF_NOEXIST);
}

/* As 0.1.0 counted them, where host_pid is now: any number means to wait. */
static __noinline bool write_under_way(const struct daxguard_name *name)
{
	struct under_way u = {};

	if (!name)
		return false;
	u.device = *name;
	find_write(&u);
	return u.found;
}

/* A number here and on the host, and a name; asked for by either number. */
static __always_inline void found_process(struct daxguard_request *r, struct task_struct *task)
{
	if (task->pid != task->tgid)
		return;
	r->owner_pid = pid_seen_here(task);
	r->host_pid = task->tgid;
	__builtin_memcpy(r->comm, task->comm, sizeof(r->comm));
	r->owner_seen = 1;
}

/* Reading the pinned iterator runs this for every task of the machine. */
SEC("iter/task")
int daxguard_iter_task(struct bpf_iter__task *ctx)
{
	__u32 reader = (__u32)bpf_get_current_pid_tgid();
	struct task_struct *task = ctx->task;
	struct daxguard_transition *t;
	struct daxguard_request *r;

	if (!task)
		return 0;
	r = bpf_map_lookup_elem(&requests, &reader);
	if (!r)
		return 0;
	switch (r->ask) {
	case DAXGUARD_ASK_SEED:
		seed_write(task);
		return 0;
	case DAXGUARD_ASK_RUNNING:
		seed_running(r, task);
		return 0;
	case DAXGUARD_ASK_INFLIGHT:
		if (!r->host_pid)
			r->host_pid = write_under_way(&r->name);
		return 0;
	case DAXGUARD_ASK_HOST:
		if (pid_seen_here(task) == r->owner_pid)
			found_process(r, task);
		return 0;
	case DAXGUARD_ASK_HERE:
		if (task->tgid == r->host_pid)
			found_process(r, task);
		return 0;
	}
	t = bpf_map_lookup_elem(&transitions, &r->name);
	if (!t)
		return 0;
	if (r->ask == DAXGUARD_ASK_ADOPT)
		adopt(r, t, task);
	return 0;
}

/* Run once at load: files that were opened for writing before we came. */
SEC("iter/task_file")
int daxguard_iter_task_file(struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	struct task_struct *task = ctx->task;
	struct target t = {};

	if (!task || !file || !(file->f_mode & FMODE_WRITE))
		return 0;
	if (find_target(file, &t))
		opens_add(file, task->tgid, t.block);
	return 0;
}
