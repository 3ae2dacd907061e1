/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * The map ABI: every structure and value that the BPF programs, the loader, the
 * tests and an operator's bpftool share.
 *
 * Only fixed-width types, explicit padding, and sizes asserted below for each
 * side that includes this file.  Operators type these bytes into bpftool, so a
 * value's meaning never changes; a new one gets a new number.
 */
#ifndef DAXGUARD_H
#define DAXGUARD_H

#include <linux/types.h>

/*
 * Layout version: the v1 of /sys/fs/bpf/daxguard/v1.  The one place where it stands; a
 * test builds another with -DDAXGUARD_ABI=2.
 */
#ifndef DAXGUARD_ABI
#define DAXGUARD_ABI 1
#endif

/* "dax0.0" and its terminating zero; the rest of the key is zero too. */
#define DAXGUARD_NAME_LEN 16
#define DAXGUARD_COMM_LEN 16
#define DAXGUARD_FILE_LEN 16
#define DAXGUARD_EXE_LEN 32

/* The policy entry for every device that has none of its own. */
#define DAXGUARD_ANY "*"

/* Longest hold of a device without a policy of its own, in seconds. */
#define DAXGUARD_MAX_HOLD_S 600

/* Key of the maps policy, devices and transitions; compared as two words. */
struct daxguard_name {
	char name[DAXGUARD_NAME_LEN];
} __attribute__((aligned(8)));

/*
 * Policy, map "policy".  Zero means nothing on purpose: an entry of zeroes, or
 * any other byte that is not listed, is taken as enforce and shown by check.
 */
enum daxguard_mode {
	DAXGUARD_MODE_OFF = 1, /* let everything through, count nothing */
	DAXGUARD_MODE_AUDIT = 2, /* let through, count and report */
	DAXGUARD_MODE_ENFORCE = 3, /* refuse with EBUSY, count and report */
};

enum daxguard_scope {
	DAXGUARD_SCOPE_TRANSITION = 1, /* guard while a transition runs */
	DAXGUARD_SCOPE_ALWAYS = 2, /* refuse per-block writes at any time */
};

/* What else is refused: FLAG(name, number of its bit), which is for good. */
#define DAXGUARD_POLICY_FLAGS(FLAG)                              \
	FLAG(REFUSE_UNBIND, 0) /* while a block is online */     \
	FLAG(HOLD_ON_BIND, 1) /* a bind is a transition */       \
	FLAG(REFUSE_AUTO_ONLINE, 2) /* while anything is held */ \
	FLAG(REFUSE_MAPPING, 3) /* mapping, size, align when bound */

enum daxguard_policy_flag {
#define ONE_FLAG(id, bit) DAXGUARD_##id = 1 << (bit),
	DAXGUARD_POLICY_FLAGS(ONE_FLAG)
#undef ONE_FLAG
};

#define DAXGUARD_FLAGS_DEFAULT (DAXGUARD_REFUSE_UNBIND | DAXGUARD_REFUSE_MAPPING)
#define DAXGUARD_OR_FLAG(id, bit) | DAXGUARD_##id
#define DAXGUARD_FLAGS_ALL (0 DAXGUARD_POLICY_FLAGS(DAXGUARD_OR_FLAG))

struct daxguard_policy {
	__u8 mode; /* enum daxguard_mode */
	__u8 scope; /* enum daxguard_scope */
	__u8 flags; /* enum daxguard_policy_flag */
	__u8 zero; /* must be 0 */
	__u32 max_hold_s; /* longest hold in seconds, 0 for none */
};

/*
 * More of the policy, map "policy_more", found like that: the device's own entry, else
 * that of '*', else what is built in.  Zero means nothing here, too: a byte that is not
 * listed is taken for the one that says so.
 */
enum daxguard_only {
	DAXGUARD_ONLY_ANY = 1,
	DAXGUARD_ONLY_MOVABLE = 2, /* so is a byte that means nothing */
	DAXGUARD_ONLY_KERNEL = 3,
};

/* What is done with the memory of a device that kmem has bound. */
enum daxguard_bring_up {
	DAXGUARD_BRING_UP_LEAVE = 1, /* so is a byte that means nothing */
	DAXGUARD_BRING_UP_MOVABLE = 2,
	DAXGUARD_BRING_UP_KERNEL = 3,
};

/* Seconds without a change after which an adopted transition ends, where none are said. */
#define DAXGUARD_IDLE_S 5

struct daxguard_policy_more {
	__u8 zone; /* enum daxguard_only: where a block may come online */
	__u8 online; /* enum daxguard_bring_up */
	__u16 zero; /* must be 0 */
	__u32 idle_s; /* 0: an adopted transition does not end by that */
	__u64 room; /* must be 0 */
};

/* Who is never refused, map "allow"; whose run is a transition, map "controllers". */
enum daxguard_allow_what {
	DAXGUARD_ALLOW_EXE = 1, /* id: inode number, dev: its device; by older daxguards */
	DAXGUARD_ALLOW_UID = 2, /* id: user id */
	DAXGUARD_ALLOW_CGROUP = 3, /* id: cgroup v2 id, descendants too */
	DAXGUARD_ALLOW_PROGRAM = 4, /* id: that of its path in the map "programs" */
};

struct daxguard_allow_key {
	__u32 what; /* enum daxguard_allow_what */
	__u32 dev; /* executable: major << 20 | minor, else 0 */
	__u64 id;
};

#define DAXGUARD_LABEL_LEN 120

struct daxguard_allow {
	__u64 added_ns; /* CLOCK_BOOTTIME */
	char label[DAXGUARD_LABEL_LEN]; /* what the operator typed */
};

/*
 * Executables by path, map "programs": what has that path when a process starts is that
 * program, with a number that no other ever has.  A longer path cannot be named.
 */
#define DAXGUARD_PATH_LEN 256

struct daxguard_path {
	char path[DAXGUARD_PATH_LEN]; /* absolute, without links, the rest is zero */
} __attribute__((aligned(8)));

struct daxguard_program {
	__u64 id;
};

/* What a task runs, task storage "identity"; none: no program of that map. */
struct daxguard_identity {
	__u64 program;
};

/* A device bound to kmem, map "devices". */
struct daxguard_device {
	__u64 learnt_ns; /* CLOCK_BOOTTIME */
	__u32 blocks; /* memory blocks in the map "blocks" */
	__u32 ranges;
	__s32 target_node;
	__u32 bound; /* 1 while kmem has it; the entry stays after */
};

/* Map "blocks": number N of memoryN -> its device. */
struct daxguard_block {
	struct daxguard_name device;
};

/* Where a task is inside the kernel: differs as soon as it left that call. */
struct daxguard_place {
	__u64 nr; /* system call, or the request of an io_uring worker */
	__u64 ip;
	__u64 sp;
	__u64 arg; /* first argument: with write(2) the descriptor */
};

/* Kind of a transition. */
enum daxguard_kind {
	DAXGUARD_KIND_NONE = 0,
	DAXGUARD_KIND_DECLARED = 1,
	DAXGUARD_KIND_STATE = 2, /* write to daxX.Y/state */
	DAXGUARD_KIND_HOTPLUG = 3, /* write to daxX.Y/hotplug */
	DAXGUARD_KIND_UNBIND = 4,
	DAXGUARD_KIND_BIND = 5,
	DAXGUARD_KIND_ADOPTED = 6, /* begun by the first change of a controller's process */
};

/*
 * Map "transitions": one entry a device, made when the device is learnt and
 * never deleted, so that a program that looks at it can change it in place.
 *
 * state is generation << 2 | phase and changes by compare-and-swap only: of two
 * rivals one wins, and an end that comes late cannot end someone else's
 * transition.  The other fields belong to that generation while phase is HELD.
 */
enum daxguard_phase {
	DAXGUARD_FREE = 0,
	DAXGUARD_CLAIMING = 1, /* fields being filled in; counts as held */
	DAXGUARD_HELD = 2,
};

#define DAXGUARD_PHASE(state) ((state)&3)
#define DAXGUARD_NEXT(state) (((state) & ~3ULL) + 4)

enum daxguard_asked {
	DAXGUARD_ASKED_NOT = 0,
	/* an unbind that a write asks for, and that is over with its call at the latest */
	DAXGUARD_ASKED_BOUND = 1,
	DAXGUARD_ASKED_UNBOUND = 2, /* the same of a device that had no driver then */
};

struct daxguard_transition {
	__u64 state;
	__u64 begin_ns; /* CLOCK_BOOTTIME */
	__u64 deadline_ns; /* CLOCK_BOOTTIME, 0 for none */
	__u64 refused; /* writes refused in this transition */
	__u64 audited; /* writes let through that would have been refused */
	__u64 owner_start_ns; /* CLOCK_BOOTTIME: tells a reused pid apart */
	__u32 owner_pid; /* process (tgid) in the initial pid namespace */
	__u32 owner_tid; /* observed transitions: the task; else 0 */
	__u32 kind; /* enum daxguard_kind */
	__u32 begun; /* 0 while a begin still waits for writes to drain */
	struct daxguard_place place; /* observed transitions */
	/*
	 * The owner to name to people.  Until a begin is done its daxguard is the
	 * owner, so that its death ends it; the one it begins for is named already.
	 */
	char named_comm[DAXGUARD_COMM_LEN];
	__u32 named_pid;
	__u32 asked; /* enum daxguard_asked */
};

/*
 * Counters, map "counters", one value a CPU.  This list is all of them: their places in
 * the map, their names in 'daxguard status' and its JSON.  A new one comes last.
 */
#define DAXGUARD_COUNTERS(COUNTER)                                             \
	COUNTER(REFUSED, "refused")                                            \
	COUNTER(AUDITED, "audited")                                            \
	COUNTER(SLIPPED, "slipped")                                            \
	COUNTER(EXPIRED, "expired")                                            \
	COUNTER(RELEASED, "released") /* owner died, or release --force */     \
	COUNTER(UNDECIDED, "undecided")                                        \
	COUNTER(DROPPED, "dropped") /* events that the history did not take */ \
	COUNTER(BEGUN, "begun")                                                \
	COUNTER(ENDED, "ended")                                                \
	COUNTER(LEAKED, "leaked") /* unbinds that left memory behind */        \
	COUNTER(HEALED, "healed") /* holds that had outlived their owner or call */

enum daxguard_counter {
#define ONE_COUNTER(id, name) DAXGUARD_##id,
	DAXGUARD_COUNTERS(ONE_COUNTER)
#undef ONE_COUNTER
	DAXGUARD_NR_COUNTERS,
};

/* A file open for writing that can change a device, map "opens" by struct file. */
struct daxguard_open {
	__u32 pid;
	__s32 block; /* -1: a whole-device attribute */
};

/*
 * Where the kernel keeps a task: addresses to look at, and to believe only where
 * what is found there is that very task.
 */
struct daxguard_task {
	__u64 start_ns; /* of the task, or of the process's first; CLOCK_BOOTTIME */
	__u32 nr; /* thread id, or process id, in the initial pid namespace */
	__u32 process; /* 1: nr is that of a process */
	__u64 pid; /* struct pid */
	__u64 regs; /* struct pt_regs of the system call; a process has none */
};

/* Who holds a device, map "holders" by device: what "transitions" has no room for. */
struct daxguard_holder {
	__u64 state; /* the generation that it belongs to */
	struct daxguard_task task;
	char exe[DAXGUARD_EXE_LEN]; /* last part of the owner's executable's path */
};

/* The last change by whoever has adopted a device, map "adopted" by device. */
struct daxguard_adopted {
	__u64 state; /* the generation that it belongs to */
	__u64 changed_ns; /* CLOCK_BOOTTIME: when it was begun or was over */
	struct daxguard_task task; /* that makes it, */
	struct daxguard_place place; /* while it is here */
};

/*
 * A device that kmem has bound, map "bound" by device, until `daxguard online --by-policy` has
 * looked at it: what udev's rules may have missed.
 */
struct daxguard_bound {
	__u64 bound_ns; /* CLOCK_BOOTTIME */
	__u32 refused; /* 1: since then a block was refused to somebody */
	__u32 changed; /* 1: since then who held it has changed a block */
};

/* A thread for good: a number alone is used again. */
struct daxguard_thread {
	__u64 start_ns; /* CLOCK_BOOTTIME */
	__u32 tid; /* in the initial pid namespace */
	__u32 zero;
};

/*
 * A write that was let through, map "writes"; a change of a block that is being
 * made, map "changing".  Both by thread.
 */
struct daxguard_write {
	__u64 file; /* key in the map "opens"; 0 for a change */
	struct daxguard_task task;
	struct daxguard_place place;
	struct daxguard_name device;
	__s32 block; /* -1: a whole-device attribute */
	__u32 pid;
	char comm[DAXGUARD_COMM_LEN];
};

/* A kernel object, maps "dax_devs" by device and "block_devs" by number of a block. */
struct daxguard_object {
	__u64 device; /* address of its struct device */
};

/* What takes a dax device along when it goes: a device above it, by bus and name. */
#define DAXGUARD_ANCESTOR_LEN 32

struct daxguard_ancestor {
	char subsystem[DAXGUARD_NAME_LEN]; /* a bus, or "slot" for a slot of pci */
	char name[DAXGUARD_ANCESTOR_LEN];
};

/* Key of the map "below": which dax devices an ancestor takes along. */
struct daxguard_below {
	struct daxguard_ancestor ancestor;
	struct daxguard_name device;
};

/* Values of the maps "ancestors" and "below". */
struct daxguard_above {
	__u64 device; /* address of the ancestor's struct device */
	__u32 steps; /* how far it is from the dax device */
	__u32 zero;
};

/* Events, map "history" and ring buffer "events": their numbers and their names, for the JSON
 * too. */
#define DAXGUARD_EVENTS(EVENT)                                                     \
	EVENT(BEGIN, 1, "begin")                                                   \
	EVENT(END, 2, "end")                                                       \
	EVENT(REFUSED, 3, "refused")                                               \
	EVENT(AUDITED, 4, "audited")                                               \
	EVENT(SLIPPED, 5, "slipped")                                               \
	EVENT(EXPIRED, 6, "expired")                                               \
	EVENT(RELEASED, 7, "released")                                             \
	EVENT(DESYNC, 8, "desync") /* kept for its number: nothing sends it yet */ \
	EVENT(LEAK, 9, "leak")                                                     \
	EVENT(SEEN, 10, "seen") /* not refused, but worth knowing */               \
	EVENT(HEALED, 11, "healed") /* what a program left out had missed */

enum daxguard_event_type {
#define ONE_EVENT(id, number, name) DAXGUARD_EV_##id = (number),
	DAXGUARD_EVENTS(ONE_EVENT)
#undef ONE_EVENT
};

enum daxguard_hook {
	DAXGUARD_HOOK_NONE = 0,
	DAXGUARD_HOOK_LSM = 1,
	DAXGUARD_HOOK_KERNEL = 2,
	DAXGUARD_HOOK_OBSERVER = 3,
	DAXGUARD_HOOK_CONTROL = 4, /* a verb of the daxguard command */
};

struct daxguard_event {
	__u64 time_ns; /* CLOCK_BOOTTIME */
	__u64 cgroup; /* cgroup v2 id of the task */
	__u64 count; /* how many like this one it stands for; end: refused */
	__u32 event; /* enum daxguard_event_type */
	__u32 kind; /* enum daxguard_kind of the transition */
	__u32 hook; /* enum daxguard_hook */
	__s32 block; /* -1: none */
	__s32 result; /* 0 or a negative errno */
	__u32 pid;
	__u32 tid;
	__u32 uid;
	char device[DAXGUARD_NAME_LEN];
	char comm[DAXGUARD_COMM_LEN];
	char file[DAXGUARD_FILE_LEN]; /* state, online, hotplug, ... */
	char exe[DAXGUARD_EXE_LEN]; /* last part of the executable's path */
};

/* Devices below an ancestor that an event has room to name. */
#define DAXGUARD_EVENT_BELOW 4

/* The event where it is about an ancestor: longer, and what it begins with is as ever. */
struct daxguard_event_above {
	struct daxguard_event event;
	struct daxguard_ancestor ancestor;
	struct daxguard_name below[DAXGUARD_EVENT_BELOW]; /* devices, the rest is zero */
	__u32 nr_below; /* of them all */
	__u32 zero;
};

/* The event where a block, or all of a device, was not to come online in that zone. */
struct daxguard_event_zone {
	struct daxguard_event event;
	__u32 zone; /* that was asked for, enum daxguard_only */
	__u32 allowed; /* the only one that is */
};

/*
 * The last events, map "history": that of number N is at N modulo DAXGUARD_HISTORY.
 * Numbers begin with 1 and have no hole; the next one is in the map "history_next".
 *
 * seq is the number, with a flag while that is not to be read, and changes by
 * compare-and-swap only: docs/protocol.md.  A reader that has read the event looks at seq
 * again: it has what was of that number only where it is the same.
 */
#define DAXGUARD_HISTORY 16384
#define DAXGUARD_SEQ_WRITING (1ULL << 63) /* somebody is writing here */
#define DAXGUARD_SEQ_LOST (1ULL << 62) /* and that one kept this number from it */
#define DAXGUARD_SEQ_FLAGS (DAXGUARD_SEQ_WRITING | DAXGUARD_SEQ_LOST)

struct daxguard_history {
	__u64 seq;
	struct daxguard_event_above event; /* ancestor.name "": it is not about one */
	__u32 zone; /* as in daxguard_event_zone; 0: it is not about one */
	__u32 allowed;
};

/*
 * What was refused, let through by audit, or slipped: how often for each program, user,
 * unit, device and type of event, map "tally".  Where that has no room left it is counted
 * under a key that is all zero but for the type.
 */
#define DAXGUARD_UNIT_LEN 64

struct daxguard_tally_key {
	struct daxguard_name device;
	char exe[DAXGUARD_EXE_LEN]; /* last part of the executable's path; a kernel thread has
				       none */
	char unit[DAXGUARD_UNIT_LEN]; /* last part of the cgroup's path */
	__u32 uid;
	__u32 event; /* enum daxguard_event_type: refused, audited or slipped */
};

struct daxguard_tally {
	__u64 count;
	__u64 first_ns; /* CLOCK_BOOTTIME */
	__u64 last_ns;
	__u64 cgroup; /* cgroup v2 id, of the first time */
	char file[DAXGUARD_FILE_LEN]; /* of the last time */
};

/* Layers that decide. */
enum daxguard_hooks {
	DAXGUARD_HOOKS_LSM = 1 << 0, /* file_permission */
	DAXGUARD_HOOKS_MODULE = 1 << 1, /* the module's refusal point */
	DAXGUARD_HOOKS_BUILTIN = 1 << 2, /* that of a patched kernel */
	DAXGUARD_HOOKS_ZONE = 1 << 3, /* either asks about the zone, too */
};

/* Global state, map "state" (the .data.state section). */
struct daxguard_state {
	__u64 armed; /* held + files in "opens": 0 = nothing to look at */
	__u64 held; /* transitions running */
	__u64 block_size; /* bytes in a memory block */
	__u32 abi; /* DAXGUARD_ABI */
	__u32 hooks; /* enum daxguard_hooks that are attached */
	char build[40]; /* hash of the object file that was loaded */
};

/* What belongs to one load alone: not pinned, no promise. */
struct daxguard_run {
	__u64 swept_ns; /* CLOCK_BOOTTIME: when "opens" was last gone through */
	__u32 seeding; /* the loader opens files for the programs to learn from */
	__u32 admitted; /* "writes" or "changing" have had an entry */
	__u32 no_block; /* beyond the number of any */
	__u32 zero;
};

/*
 * Control: the loader runs the program daxguard_ctl with this as its context.
 * Done in BPF so that a loader killed half way leaves nothing half changed.
 */
enum daxguard_command {
	/* name, hold_ns, named -> result, state, holder; -EAGAIN: ask again */
	DAXGUARD_CMD_CLAIM = 1,
	DAXGUARD_CMD_BEGUN = 2, /* name, state: report the begin */
	DAXGUARD_CMD_END = 3, /* name, by its owner only */
	DAXGUARD_CMD_RELEASE = 4, /* name, by force */
	DAXGUARD_CMD_EXPIRE = 5, /* release what is past its deadline */
	DAXGUARD_CMD_END_EXACTLY = 6, /* name, state: that generation, by who began it */
	/* name -> state: 1 while a write or change is under way; named: whose */
	DAXGUARD_CMD_WRITES = 7,
	/* counter "state" goes up by hold_ns: what an older set has counted */
	DAXGUARD_CMD_COUNT = 8,
	DAXGUARD_CMD_UNPLUGGED = 9, /* name: bound again only where it is named */
	/* -> named_pid: the caller's thread, state: its process, both in the initial
	 * pid namespace; hold_ns: how deep its own is, 0 for that one */
	DAXGUARD_CMD_WHO = 10,
	/* name: 0 where the caller owns the transition, else -EPERM or -ENOENT */
	DAXGUARD_CMD_MINE = 11,
	/* name, by its owner; state: 1 where no block of it is to come online, 0 where
	 * one may again; -EOPNOTSUPP without the kernel hook */
	DAXGUARD_CMD_KEEP_OFFLINE = 12,
};

struct daxguard_ctl {
	__u32 cmd; /* enum daxguard_command */
	__s32 result; /* out: 0 or a negative errno */
	struct daxguard_name name;
	__u64 state; /* generation that the command is about */
	__u64 hold_ns; /* longest hold asked for, 0 for the policy's */
	char named_comm[DAXGUARD_COMM_LEN]; /* whom a claim is for */
	__u32 named_pid;
	__u32 zero;
	struct daxguard_transition holder; /* out: who holds it */
};

/*
 * What a reader of the task iterator asks of it, map "requests" by its thread id in the
 * initial pid namespace (DAXGUARD_CMD_WHO).  It sees the tasks of its own namespace.
 */
enum daxguard_ask {
	DAXGUARD_ASK_ADOPT = 1, /* hand name over to owner_pid, mark its tree */
	DAXGUARD_ASK_INFLIGHT = 2, /* by 0.1.0, which had no DAXGUARD_CMD_WRITES */
	DAXGUARD_ASK_SEED = 4, /* find writes that began before the guard came */
	DAXGUARD_ASK_HOST = 5, /* owner_pid -> host_pid, comm */
	DAXGUARD_ASK_HERE = 6, /* host_pid -> owner_pid, comm */
	DAXGUARD_ASK_RUNNING = 7, /* who runs the file is the program "state" -> marked */
};

struct daxguard_request {
	__u32 ask; /* enum daxguard_ask */
	__u32 owner_pid; /* in the reader's pid namespace */
	union {
		struct daxguard_name name;
		struct daxguard_allow_key file; /* an executable, by inode */
	};
	__u64 state; /* generation of the transition */
	__u32 owner_seen; /* out: the owner is alive and has the device */
	__u32 marked; /* out: descendants newly marked */
	__u32 host_pid; /* in the initial pid namespace */
	char comm[DAXGUARD_COMM_LEN]; /* out */
	__u32 zero;
};

/* The owners that a task descends from, task storage "lineage". */
#define DAXGUARD_LINEAGE 4

struct daxguard_lineage {
	struct {
		__u64 start_ns;
		__u32 pid;
		__u32 zero;
	} owner[DAXGUARD_LINEAGE];
};

/* Limits events of one kind from one writer, map "limits". */
struct daxguard_limit_key {
	__u32 pid;
	__u32 event;
	struct daxguard_name device;
};

struct daxguard_limit {
	__u64 last_ns;
	__u64 unsaid; /* since the last event that was sent */
};

_Static_assert(sizeof(struct daxguard_name) == 16, "ABI: name");
_Static_assert(sizeof(struct daxguard_policy) == 8, "ABI: policy");
_Static_assert(sizeof(struct daxguard_policy_more) == 16, "ABI: more of a policy");
_Static_assert(sizeof(struct daxguard_path) == 256, "ABI: path");
_Static_assert(sizeof(struct daxguard_adopted) == 80, "ABI: adopted");
_Static_assert(sizeof(struct daxguard_bound) == 16, "ABI: bound");
_Static_assert(sizeof(struct daxguard_event_zone) == 144, "ABI: event about a zone");
_Static_assert(DAXGUARD_FLAGS_ALL <= 0xff, "ABI: flags of a policy");
_Static_assert(sizeof(struct daxguard_allow_key) == 16, "ABI: allow key");
_Static_assert(sizeof(struct daxguard_allow) == 128, "ABI: allow");
_Static_assert(sizeof(struct daxguard_device) == 24, "ABI: device");
_Static_assert(sizeof(struct daxguard_block) == 16, "ABI: block");
_Static_assert(sizeof(struct daxguard_below) == 64, "ABI: below");
_Static_assert(sizeof(struct daxguard_above) == 16, "ABI: above");
_Static_assert(sizeof(struct daxguard_transition) == 120, "ABI: transition");
_Static_assert(sizeof(struct daxguard_event) == 136, "ABI: event");
_Static_assert(sizeof(struct daxguard_event_above) == 256, "ABI: event about an ancestor");
_Static_assert(sizeof(struct daxguard_history) == 272, "ABI: history");
_Static_assert(sizeof(struct daxguard_tally_key) == 120, "ABI: tally key");
_Static_assert(sizeof(struct daxguard_tally) == 48, "ABI: tally");
_Static_assert(sizeof(struct daxguard_state) == 72, "ABI: state");
_Static_assert(sizeof(struct daxguard_task) == 32, "ABI: task");
_Static_assert(sizeof(struct daxguard_holder) == 72, "ABI: holder");
_Static_assert(sizeof(struct daxguard_write) == 112, "ABI: write");
_Static_assert(sizeof(struct daxguard_request) == 64, "ABI: request");
_Static_assert(sizeof(struct daxguard_ctl) == 184, "ABI: ctl");
_Static_assert(sizeof(struct daxguard_program) == 8, "ABI: program");
_Static_assert(sizeof(struct daxguard_limit_key) == 24, "ABI: limit key");
_Static_assert(sizeof(struct daxguard_limit) == 16, "ABI: limit");

#endif /* DAXGUARD_H */
