/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel types that daxguard looks at, kept by hand: fields are found by
 * CO-RE in the running kernel's BTF, so only names and kinds matter here, and the
 * programs build on a host that has no BTF at all.
 */
#ifndef DAXGUARD_VMLINUX_H
#define DAXGUARD_VMLINUX_H

/* by which libbpf knows that registers have the names that the kernel gives them */
#define __VMLINUX_H__

#include <linux/types.h>
#include <linux/bpf.h>

typedef _Bool bool;
#define true 1
#define false 0
typedef unsigned long size_t;
typedef long ssize_t;
#define NULL ((void *)0)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct super_block {
	unsigned long s_magic;
	__u32 s_dev;
};

struct inode {
	struct super_block *i_sb;
	unsigned long i_ino;
	void *i_private;
};

struct qstr {
	const unsigned char *name;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mnt_namespace;

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct mount {
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct fs_struct {
	struct path root;
};

struct user_namespace {
	int level;
};

struct cred {
	struct user_namespace *user_ns;
};

struct file {
	unsigned int f_mode;
	struct path f_path;
	struct inode *f_inode;
	const void *f_op;
};

struct linux_binprm {
	struct file *file;
	const char *interp;
};

struct kernfs_node {
	atomic_t active;
	const char *name;
	void *priv;
	unsigned short flags;
	/* parent until v6.14, __parent since (633488947ef6): see file.h */
};

struct kobject {
	const char *name;
	unsigned int state_in_sysfs : 1;
};

struct bus_type {
	const char *name;
};

struct module {
	char name[56];
};

struct device_driver {
	const char *name;
	struct module *owner;
};

typedef struct {
	long counter;
} atomic_long_t;

struct mutex {
	atomic_long_t owner;
};

enum dl_dev_state {
	DL_DEV_NO_DRIVER,
	DL_DEV_PROBING,
	DL_DEV_DRIVER_BOUND,
	DL_DEV_UNBINDING,
};

struct dev_links_info {
	enum dl_dev_state status;
};

struct device_type {
	const char *name;
};

struct device_private {
	unsigned char dead : 1;
};

struct fwnode_handle;

struct device {
	struct kobject kobj;
	struct device *parent;
	struct device_private *p;
	const struct device_type *type;
	const struct bus_type *bus;
	struct device_driver *driver;
	struct mutex mutex;
	struct dev_links_info links;
	struct fwnode_handle *fwnode;
	__u32 id;
};

struct fwnode_handle {
	struct fwnode_handle *secondary;
};

struct acpi_device_flags {
	__u32 ejectable : 1;
};

struct acpi_device {
	struct fwnode_handle fwnode;
	struct acpi_device_flags flags;
	struct device dev;
};

struct pci_slot {
	struct kobject kobj;
};

struct pci_dev {
	struct pci_slot *slot;
	struct device dev;
};

struct memory_block {
	struct device dev;
};

struct zone {
	const char *name;
};

struct cxl_port {
	struct device dev;
	struct device *uport_dev; /* v6.5 (7481653dee76) named it so; nothing needs it before */
};

struct cxl_decoder {
	struct device dev;
};

struct cxl_endpoint_decoder {
	struct cxl_decoder cxld;
};

struct cxl_region_params {
	struct cxl_endpoint_decoder *targets[16];
};

struct cxl_region {
	struct device dev;
	struct cxl_region_params params;
};

struct attribute {
	const char *name;
};

struct range {
	__u64 start;
	__u64 end;
};

struct dev_dax_range {
	struct range range;
};

struct dev_dax {
	int target_node;
	struct device dev;
	int nr_range;
	struct dev_dax_range *ranges;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct mm_struct {
	struct file *exe_file;
};

struct pid_namespace {
	struct task_struct *child_reaper;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[4];
	struct upid numbers[];
};

struct signal_struct {
	atomic_t live;
	struct pid *pids[4];
};

struct work_struct;

struct worker {
	struct work_struct *current_work;
};

struct kthread {
	void *data;
};

struct io_worker {
	struct io_wq_work *cur_work;
};

struct io_wq_work {
	unsigned int cancel_seq;
};

struct io_kiocb {
	struct file *file;
	struct io_wq_work work;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

#ifdef __TARGET_ARCH_x86
struct thread_info {
	__u32 status;
};

struct pt_regs {
	unsigned long bx;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long sp;
};
#endif

#ifdef __TARGET_ARCH_arm64
struct thread_info {
	unsigned long flags;
};

/* what libbpf casts the registers to; the kernel's begin with them */
struct user_pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 pc;
	__u64 pstate;
};

struct pt_regs {
	__s32 syscallno;
};
#endif

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	int exit_state;
	__u32 pid; /* pid_t, never negative here */
	__u32 tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct hlist_node pid_links[4];
	__u64 start_boottime;
	void *worker_private;
	struct mm_struct *mm;
	struct css_set *cgroups;
	const struct cred *cred;
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	char comm[16];
};

struct iovec {
	void *iov_base;
	unsigned long iov_len;
};

struct seq_file;
struct bpf_map;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

/* kernel constants that BTF does not carry */
#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define EAGAIN 11
#define EBUSY 16
#define EOPNOTSUPP 95
#define EINVAL 22
#define MAY_WRITE 2
#define FMODE_WRITE 2
#define SYSFS_MAGIC 0x62656572
#define KERNFS_TYPE_MASK 0xf
#define KERNFS_FILE 2
#define KERNFS_LINK 4
#define PF_IO_WORKER 0x00000010
#define PF_WQ_WORKER 0x00000020
#define PF_KTHREAD 0x00200000
#define PIDTYPE_PID 0
#define PIDTYPE_TGID 1
#define CAP_SYS_MODULE 16

#endif
