// SPDX-License-Identifier: GPL-2.0-only
/*
 * The observers: where observed transitions begin and end, as promptly as may be.
 * Functions of vmlinux only, so that kmem can come and go.  Any single run may be
 * left out by the kernel: README.md beside this says what makes each good.
 */
#include "bind.h"
#include "exit.h"
#include "learn.h"
#include "writes.h"

SEC("fexit/dax_bus_probe")
int BPF_PROG(daxguard_dax_bus_probe_exit, struct device *dev, int ret)
{
	struct daxguard_name name = {};

	if (!device_name(&name, dev))
		return 0;
	bind_done(&name, !ret);
	if (!driver_is_kmem(dev))
		return 0;
	if (ret)
		forget(&name);
	observe_done(&name, DAXGUARD_KIND_BIND, ret);
	return 0;
}

/*
 * Unbind, whoever asks for it: the file unbind, rmmod, the parent going away.  From another
 * driver than kmem it costs no memory, but a controller may mean to give it to kmem next; with
 * the kernel hook nothing has seen it write.
 */
SEC("fentry/dax_bus_remove")
int BPF_PROG(daxguard_dax_bus_remove, struct device *dev)
{
	struct daxguard_name name = {};
	struct held h = {};

	if (!device_name(&name, dev))
		return 0;
	if (driver_is_kmem(dev)) {
		observe_begin(&name, DAXGUARD_KIND_UNBIND);
		return 0;
	}
	touch(&name, false);
	if (!held_by_other(&name, &h))
		adopt(&name);
	return 0;
}

SEC("fexit/dax_bus_remove")
int BPF_PROG(daxguard_dax_bus_remove_exit, struct device *dev)
{
	struct daxguard_name name = {};

	if (!driver_is_kmem(dev) || !device_name(&name, dev))
		return 0;
	forget(&name);
	observe_done(&name, DAXGUARD_KIND_UNBIND, 0);
	return 0;
}

/* The last of a device of the dax bus: nothing takes it along any more. */
SEC("fentry/dev_dax_release")
int BPF_PROG(daxguard_dev_dax_release, struct device *dev)
{
	struct daxguard_name name = {};

	if (device_name(&name, dev))
		forget_above(&name);
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
		observe_done(&name, kind, ret < 0 ? ret : 0);
	return 0;
}

/* Again what task_alloc did: a begin may have marked the parent since. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(daxguard_sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	inherit(parent, child);
	return 0;
}

/* A dead owner holds nothing. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(daxguard_sched_process_exit, struct task_struct *task)
{
	if (!READ(daxguard_state.armed))
		return 0;
	forget_writes(task);
	if (READ(daxguard_state.held))
		release_owned(task, false);
	return 0;
}
