// SPDX-License-Identifier: GPL-2.0-only
/* The LSM layer: refuses a write before the kernel takes any lock. */
#include "bind.h"
#include "block.h"
#include "exit.h"
#include "knob.h"
#include "opens.h"
#include "writes.h"
#include "zone.h"

/* The operations of every kernfs file; 0 where kallsyms hides its address. */
extern const void kernfs_file_fops __ksym __weak;

/* First test of every file: a file of some kernfs, at the price of one load. */
static __always_inline bool is_kernfs(struct file *file)
{
	if (&kernfs_file_fops)
		return file->f_op == &kernfs_file_fops;
	return file->f_inode->i_sb->s_magic == SYSFS_MAGIC;
}

/* The thread makes another call: that for which it was admitted before is over. */
static __always_inline void forget_admitted(void)
{
	struct daxguard_thread thread = this_thread();

	if (READ(daxguard_run.admitted))
		bpf_map_delete_elem(&writes, &thread);
}

/*
 * Somebody else holds the device already: what becomes of the write.  Nobody has to look
 * out for one that is refused so, and so it is not admitted first: a removal would take
 * it for one under way.  Nor is one that is let through, on purpose: whoever waited for
 * those would wait for the next one, too.  Returns 0 where nobody holds it.
 */
#define HELD_AND_REFUSED 1
#define HELD_AND_ALLOWED 2

__subprog int against_hold(struct target *t)
{
	struct daxguard_transition *held;
	struct held h = {};

	if (!t)
		return 0;
	held = held_by_other(&t->device, &h);
	if (!held)
		return 0;
	return refuse(t, held, h.kind, DAXGUARD_HOOK_LSM) ? HELD_AND_REFUSED : HELD_AND_ALLOWED;
}

static __noinline int guard_write(struct file *file)
{
	struct target t = {};
	int verdict;

	opens_sweep();
	if (!find_target(file, &t))
		return 0;
	if (t.block >= 0 && !block_device(&t))
		return 0;
	if (t.what != WHAT_BLOCK && t.what != WHAT_DEVICE)
		return write_knob(&t);
	if (word_refused(&t)) {
		forget_admitted();
		return -EBUSY;
	}
	verdict = READ(daxguard_state.held) ? against_hold(&t) : 0;
	if (verdict) {
		forget_admitted();
		return verdict == HELD_AND_REFUSED ? -EBUSY : 0;
	}
	admit(false, file, &t);
	verdict = decide(&t, DAXGUARD_HOOK_LSM);
	if (verdict)
		forget_admitted();
	return verdict;
}

/*
 * Every read and write of the machine comes by here.  While nothing is armed it costs one
 * load; a file of no kernfs costs two more.  In this order, and no argument read before it
 * is needed, whatever the compiler would rather do: that is worth half of the idle cost.
 */
SEC("lsm/file_permission")
int daxguard_file_permission(__u64 *ctx)
{
	struct file *file;

	if (!READ(daxguard_state.armed))
		return 0;
	barrier();
	file = (void *)ctx[0];
	if (!is_kernfs(file))
		return 0;
	barrier();
	return ctx[1] & MAY_WRITE ? guard_write(file) : 0;
}

/*
 * A file that can change a device arms the check above for as long as it is open.
 * The loader opens files just for us to learn the devices that they belong to.
 */
SEC("lsm/file_open")
int BPF_PROG(daxguard_file_open, struct file *file)
{
	bool writing = file->f_mode & FMODE_WRITE;
	struct target t = {};
	int err;

	if ((!writing && !READ(daxguard_run.seeding)) || !is_kernfs(file))
		return 0;
	if (!find_target(file, &t))
		return 0;
	learn_object(&t);
	if (!writing) {
		if (t.block < 0 && t.device.name[0])
			learn_above(t.dev);
		return 0;
	}
	opens_sweep();
	if (!(READ(daxguard_state.hooks) & DAXGUARD_HOOKS_LSM)) {
		err = open_knob(&t);
		if (err)
			return err;
	}
	opens_add(file, bpf_get_current_pid_tgid() >> 32, t.block);
	return 0;
}

/*
 * rmmod kmem unbinds every device: refused like each of those unbinds.  That of a driver
 * above a device takes the device along.
 */
static __always_inline int guard_rmmod(void)
{
	struct target t = { .block = -1, .what = WHAT_UNBIND };
	__u64 from = module_to_delete();
	char name[8] = {};

	if (!from)
		return 0;
	__builtin_memcpy(t.file, "rmmod", 6);
	if (bpf_probe_read_user_str(name, sizeof(name), (void *)from) < 0 ||
	    *(__u64 *)name != WORD_KMEM)
		return removal(&t, REMOVAL_OF_MODULE, true);
	if (refuse_any_held(&t, 0, DAXGUARD_HOOK_LSM))
		return -EBUSY;
	return refuse_online(&t, true, DAXGUARD_HOOK_LSM);
}

/* The only hook on the way of delete_module(2); the caller of it sees EPERM. */
SEC("lsm/capable")
int BPF_PROG(daxguard_capable, const void *cred, const void *ns, int cap)
{
	if (cap != CAP_SYS_MODULE)
		return 0;
	return guard_rmmod();
}

/*
 * A device of the dax bus is made or gets a driver, or a memory block its file "state".
 * Every kernfs node of the machine is made here; the flags tell most of them apart.
 *
 * A driver's link is made before its probe runs: the blocks are learnt before they
 * are there, so that none is ever unguarded.
 */
SEC("lsm/kernfs_init_security")
int BPF_PROG(daxguard_kernfs_init_security, struct kernfs_node *dir, struct kernfs_node *kn)
{
	__u32 type = kn->flags & KERNFS_TYPE_MASK;
	struct target t = { .block = -1 };
	__u64 name;

	if (type != KERNFS_LINK && type != KERNFS_FILE)
		return 0;
	name = first_word(kn->name);
	if (type == KERNFS_LINK)
		return name == WORD_DRIVER ? driver_linked(dir, &t) : 0;
	if (name == WORD_SIZE)
		device_made(dir, &t);
	else if (name == WORD_STATE && device_file(dir, WORD_STATE, &t))
		learn_object(&t);
	return 0;
}

/* A child has the owners of its parent, also after the parent is gone, and its program. */
SEC("lsm/task_alloc")
int BPF_PROG(daxguard_task_alloc, struct task_struct *child, unsigned long clone_flags)
{
	inherit(bpf_get_current_task_btf(), child);
	return 0;
}

/*
 * The last of a task: it has left every call and holds nothing.  That is long known
 * from its exit, unless the program there was left out.
 */
SEC("lsm/task_free")
int BPF_PROG(daxguard_task_free, struct task_struct *task)
{
	/* a fork that failed: a copy that never ran, with the number of its parent */
	if (!task->exit_state)
		return 0;
	if (READ(daxguard_run.admitted))
		forget_writes(task);
	if (READ(daxguard_state.held))
		release_owned(task, true);
	return 0;
}

/* The last reference is gone: no write through this file can be under way. */
SEC("fentry/kernfs_fop_release")
int BPF_PROG(daxguard_kernfs_fop_release, struct inode *inode, struct file *file)
{
	struct daxguard_thread thread = this_thread();
	struct daxguard_write *w;

	if (!(file->f_mode & FMODE_WRITE) || !READ(daxguard_state.armed))
		return 0;
	if (!opens_drop((__u64)file))
		return 0;
	/* a removal that was asked for by a write to it, and that never came */
	if (READ(daxguard_state.held))
		end_asked();
	w = bpf_map_lookup_elem(&writes, &thread);
	if (w && w->file == (__u64)file)
		bpf_map_delete_elem(&writes, &thread);
	return 0;
}
