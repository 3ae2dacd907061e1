/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The observers: which blocks a device has, and where its observed transitions
 * begin and end.  Functions of vmlinux only, so that kmem can come and go.
 */
#ifndef DAXGUARD_OBSERVE_H
#define DAXGUARD_OBSERVE_H

#define MAX_RANGES 1024

struct learning {
	struct daxguard_block block;
	struct dev_dax_range *ranges;
	__u64 size; /* of a block */
	__u32 first;
	__u32 blocks;
	bool forget;
	bool full;
	__u32 left; /* blocks still there after an unbind */
	__u32 first_left;
};

static long learn_block(__u32 i, struct learning *l)
{
	__u32 nr = l->first + i;
	struct daxguard_block *b;

	if (!l->forget) {
		if (bpf_map_update_elem(&blocks, &nr, &l->block, BPF_ANY))
			l->full = true;
		l->blocks++;
		return 0;
	}
	if (block_flags(nr) & SECTION_MARKED_PRESENT && !l->left++)
		l->first_left = nr;
	b = bpf_map_lookup_elem(&blocks, &nr);
	if (b && same_name(&b->device, &l->block.device))
		bpf_map_delete_elem(&blocks, &nr);
	return 0;
}

/* kmem takes only whole blocks: a range is cut inwards to block boundaries. */
static long learn_range(__u32 i, struct learning *l)
{
	/* the running kernel's size: ours lacks fields, and indexing goes by ours */
	__u64 at = i * bpf_core_type_size(struct dev_dax_range);
	struct dev_dax_range *range = (void *)l->ranges + at;
	struct range r;
	__u64 first, end;

	if (bpf_core_read(&r, sizeof(r), &range->range) || !l->size)
		return 1;
	first = (r.start + l->size - 1) / l->size;
	end = (r.end + 1) / l->size;
	if (end <= first)
		return 0;
	l->first = first;
	bpf_loop(end - first, learn_block, l, 0);
	return 0;
}

/* Memory that stays behind without a device is lost until reboot. */
static __always_inline void report_leak(struct learning *l)
{
	struct daxguard_event *e;

	count(DAXGUARD_LEAKED);
	e = event_new(DAXGUARD_EV_LEAK, &l->block.device);
	if (!e)
		return;
	e->kind = DAXGUARD_KIND_UNBIND;
	e->hook = DAXGUARD_HOOK_OBSERVER;
	e->block = l->first_left;
	e->count = l->left;
	event_send(e);
}

static __noinline void learn(struct device *dev, bool forget)
{
	struct dev_dax *dax = (void *)dev - bpf_core_field_offset(struct dev_dax, dev);
	struct daxguard_device d = { .bound = !forget };
	struct learning l = { .forget = forget };
	__u32 n;

	if (!dev || !device_name(&l.block.device, dev)) {
		count(DAXGUARD_UNDECIDED);
		return;
	}
	n = BPF_CORE_READ(dax, nr_range);
	l.ranges = BPF_CORE_READ(dax, ranges);
	l.size = daxguard_state.block_size;
	bpf_loop(n > MAX_RANGES ? MAX_RANGES : n, learn_range, &l, 0);
	if (l.full || n > MAX_RANGES)
		count(DAXGUARD_UNDECIDED);
	if (l.left)
		report_leak(&l);
	d.learnt_ns = bpf_ktime_get_boot_ns();
	d.blocks = l.blocks;
	d.ranges = forget ? 0 : n;
	d.target_node = BPF_CORE_READ(dax, target_node);
	if (bpf_map_update_elem(&devices, &l.block.device, &d, BPF_ANY) ||
	    !transition_of(&l.block.device))
		count(DAXGUARD_UNDECIDED);
}

static __always_inline bool driver_is_kmem(struct device *dev)
{
	return first_word(BPF_CORE_READ(dev, driver, name)) == WORD_KMEM;
}

static __always_inline bool holds_on_bind(const struct daxguard_name *name)
{
	const struct daxguard_policy *p = policy_of(name);

	/* where only whole-device changes are allowed, a bind is one */
	return p && (p->flags & DAXGUARD_HOLD_ON_BIND || p->scope == DAXGUARD_SCOPE_ALWAYS);
}

/* Bind: learn the blocks before they are there, so that none is ever unguarded. */
SEC("fentry/dax_bus_probe")
int BPF_PROG(daxguard_dax_bus_probe, struct device *dev)
{
	struct daxguard_name name = {};

	if (!driver_is_kmem(dev))
		return 0;
	learn(dev, false);
	if (device_name(&name, dev) && holds_on_bind(&name))
		observe_begin(&name, DAXGUARD_KIND_BIND);
	return 0;
}

SEC("fexit/dax_bus_probe")
int BPF_PROG(daxguard_dax_bus_probe_exit, struct device *dev, int ret)
{
	struct daxguard_name name = {};

	if (!driver_is_kmem(dev))
		return 0;
	if (ret)
		learn(dev, true);
	if (device_name(&name, dev))
		observe_end(&name, DAXGUARD_KIND_BIND, ret);
	return 0;
}

/* Unbind, whoever asks for it: the file unbind, rmmod, the parent going away. */
SEC("fentry/dax_bus_remove")
int BPF_PROG(daxguard_dax_bus_remove, struct device *dev)
{
	struct daxguard_name name = {};

	if (driver_is_kmem(dev) && device_name(&name, dev))
		observe_begin(&name, DAXGUARD_KIND_UNBIND);
	return 0;
}

SEC("fexit/dax_bus_remove")
int BPF_PROG(daxguard_dax_bus_remove_exit, struct device *dev)
{
	struct daxguard_name name = {};

	if (!driver_is_kmem(dev) || !device_name(&name, dev))
		return 0;
	learn(dev, true);
	observe_end(&name, DAXGUARD_KIND_UNBIND, 0);
	return 0;
}

/* The dax device whose attribute this is, and the kind of transition, or NONE. */
static __always_inline __u32 whole_device(struct kobject *kobj, struct attribute *attr,
					  struct daxguard_name *name)
{
	__u32 kind = device_attribute_kind(first_word(attr->name));
	struct device *dev;

	if (!kind)
		return DAXGUARD_KIND_NONE;
	dev = (void *)kobj - bpf_core_field_offset(struct device, kobj);
	if (first_word(BPF_CORE_READ(dev, bus, name)) != WORD_DAX || !device_name(name, dev))
		return DAXGUARD_KIND_NONE;
	return kind;
}

/*
 * A write to daxX.Y/state (7.3) or daxX.Y/hotplug, seen at the narrowest function
 * of vmlinux that it goes through: attaching to kmem's own would pin kmem.
 */
SEC("fentry/dev_attr_store")
int BPF_PROG(daxguard_dev_attr_store, struct kobject *kobj, struct attribute *attr)
{
	struct daxguard_name name = {};
	__u32 kind = whole_device(kobj, attr, &name);

	if (kind)
		observe_begin(&name, kind);
	return 0;
}

SEC("fexit/dev_attr_store")
int BPF_PROG(daxguard_dev_attr_store_exit, struct kobject *kobj, struct attribute *attr,
	     const char *buf, size_t size, ssize_t ret)
{
	struct daxguard_name name = {};
	__u32 kind = whole_device(kobj, attr, &name);

	if (kind)
		observe_end(&name, kind, ret < 0 ? ret : 0);
	return 0;
}

/* A child has the owners of its parent, also after the parent is gone. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(daxguard_sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	struct daxguard_lineage *l = bpf_task_storage_get(&lineage, parent, NULL, 0);
	struct daxguard_lineage copy;

	if (!l)
		return 0;
	copy = *l;
	if (!bpf_task_storage_get(&lineage, child, &copy, BPF_LOCAL_STORAGE_GET_F_CREATE))
		count(DAXGUARD_UNDECIDED);
	return 0;
}

struct dying {
	__u32 pid; /* 0: the process lives on */
	__u32 tid;
	__u64 process_start;
	__u64 task_start;
};

static long release_dead(struct bpf_map *map, const struct daxguard_name *name,
			 struct daxguard_transition *t, struct dying *d)
{
	struct held h = {};
	bool dead;

	if (!transition_held(t, name, &h))
		return 0;
	if (h.owner.tid)
		dead = h.owner.tid == d->tid && h.owner.start_ns == d->task_start;
	else
		dead = h.owner.pid == d->pid && h.owner.start_ns == d->process_start;
	if (dead && h.owner.pid)
		transition_end(t, name, h.state, DAXGUARD_EV_RELEASED, 0);
	return 0;
}

/* A dead owner holds nothing.  The last thread of a process stands for it. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(daxguard_sched_process_exit, struct task_struct *task)
{
	struct dying d = {};

	if (!READ(daxguard_state.armed))
		return 0;
	d.tid = task->pid;
	bpf_map_delete_elem(&inflight, &d.tid);
	bpf_map_delete_elem(&changes, &d.tid);
	if (!READ(daxguard_state.held))
		return 0;
	d.task_start = task->start_boottime;
	d.process_start = task->group_leader->start_boottime;
	if (!task->signal->live.counter)
		d.pid = task->tgid;
	bpf_for_each_map_elem(&transitions, release_dead, &d, 0);
	return 0;
}

#endif
