// SPDX-License-Identifier: GPL-2.0-only
/* Finds at each exec which of the programs in the map "programs" it is, if any. */
#include "event.h"
#include "program.h"

#define WORDS (DAXGUARD_PATH_LEN / 8)

/*
 * Nothing but zeroes behind the LEN bytes of the path: it is a key.  Without a branch, each
 * of which would double what the verifier has to look at.
 */
static __always_inline void clear_rest(struct daxguard_path *key, long len)
{
	__s64 last = (1LL << 8 * (len & 7)) - 1, left = len;
	__u64 *word = (void *)key->path;

	for (int i = 0; i < WORDS; i++, left -= 8) {
		__s64 whole = ~((left - 8) >> 63), begun = -left >> 63;

		barrier_var(whole);
		barrier_var(begun);
		word[i] &= whole | (begun & last);
	}
}

/*
 * The path of the file that is run.  Where that has lost its name since it was opened, for a
 * package is being upgraded this very moment, it is the path that was asked for, of a
 * script the interpreter's.  Looked at last: it may lose it until then.
 */
static __always_inline long read_path(struct daxguard_path *key, struct linux_binprm *bprm)
{
	struct file *file = bprm->file;
	long len = bpf_d_path(&file->f_path, key->path, sizeof(key->path));

	if (BPF_CORE_READ(file, f_path.dentry, d_hash.pprev))
		return len;
	return bpf_probe_read_kernel_str(key->path, sizeof(key->path), bprm->interp);
}

/* There is no way back from here: the task has its new memory and rights. */
SEC("lsm/bprm_committed_creds")
int BPF_PROG(daxguard_bprm_committed_creds, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct daxguard_program *program;
	struct daxguard_path key = {};
	long len, err;

	/* first: who adds a program meanwhile marks the tasks that run it after it has a path */
	err = bpf_task_storage_delete(&identity, task);
	/*
	 * Before 6.2 (commit bc235cdb423a) every use of a task's storage fails on a processor
	 * that was taken from another one in the middle: then it stays what it was.
	 */
	if (err && err != -ENOENT)
		count(DAXGUARD_UNDECIDED);
	len = read_path(&key, bprm);
	if (len <= 0)
		return 0;
	clear_rest(&key, len);
	program = bpf_map_lookup_elem(&programs, &key);
	if (!program || !sees_files_of_host(task) || !in_own_mounts(task, bprm->file))
		return 0;
	if (!identity_set(task, program->id))
		count(DAXGUARD_UNDECIDED);
	return 0;
}
