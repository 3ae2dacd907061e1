/* SPDX-License-Identifier: GPL-2.0-only */
/* What a machine needs for the guard to be loaded: what is missing, and the remedy. */
#include "guard/check.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "guard/ftrace.h"
#include "array.h"
#include "model.h"
#include "guard/pins.h"
#include "guard/skeleton.h"
#include "text.h"

#define BTF_FILE "/sys/kernel/btf/vmlinux"
#define MEMORY_DIR "/sys/devices/system/memory"
#define SECURITY_DIR "/sys/kernel/security"
#define LSM_FILE SECURITY_DIR "/lsm"
#define LOCKDOWN_FILE SECURITY_DIR "/lockdown"

void note(struct checks *c, enum finding finding, const char *what, const char *fmt, ...)
{
	char text[CHECK_LEN], clean[CHECK_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	c->found(c, finding, what, clean_text(clean, sizeof(clean), text, sizeof(text)));
	c->missing += finding == MISSING;
}

int read_line(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len < 0)
		return len;
	buf[len] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return 0;
}

bool list_has(const char *list, const char *word)
{
	size_t len = strlen(word), part;

	for (;;) {
		part = strcspn(list, ",");
		if (part == len && !strncmp(list, word, len))
			return true;
		if (!list[part])
			return false;
		list += part + 1;
	}
}

int release_at_least(const char *release, unsigned int major, unsigned int minor)
{
	unsigned int a, b;

	if (sscanf(release, "%u.%u", &a, &b) != 2)
		return -EINVAL;
	return a > major || (a == major && b >= minor);
}

int hook_of_section(const char *section, char *name, size_t size)
{
	static const struct {
		const char *section;
		const char *prefix;
		int kind;
	} kinds[] = {
		{ "lsm/", "bpf_lsm_", BTF_KIND_FUNC },
		{ "lsm.s/", "bpf_lsm_", BTF_KIND_FUNC },
		{ "fentry/", "", BTF_KIND_FUNC },
		{ "fexit/", "", BTF_KIND_FUNC },
		{ "tp_btf/", "btf_trace_", BTF_KIND_TYPEDEF },
		{ "iter/", "bpf_iter_", BTF_KIND_FUNC },
	};
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		len = strlen(kinds[i].section);
		if (strncmp(section, kinds[i].section, len) || !section[len])
			continue;
		snprintf(name, size, "%s%s", kinds[i].prefix, section + len);
		return kinds[i].kind;
	}
	return -ENOENT;
}

static bool has_capability(unsigned long long set, int nr)
{
	return set >> nr & 1;
}

/* The number that the kernel gives to the user namespace that all others are in. */
#define FIRST_USER_NS 0xEFFFFFFDU

/* There capabilities are seen, and are worth nothing outside. */
static bool in_user_namespace(void)
{
	struct stat st;

	return !stat("/proc/self/ns/user", &st) && st.st_ino != FIRST_USER_NS;
}

/* Root of a container may have been left without what loading takes. */
static void check_capabilities(struct checks *c)
{
	unsigned long long set = 0;
	char line[256];
	bool found = false;
	FILE *status;

	status = fopen("/proc/self/status", "re");
	while (status && !found && fgets(line, sizeof(line), status))
		found = sscanf(line, "CapEff: %llx", &set) == 1;
	if (status)
		fclose(status);
	if (!found)
		/* nor can libbpf do without it */
		note(c, MISSING, "proc",
		     "'/proc/self/status' cannot be read: mount -t proc proc /proc");
	else if (in_user_namespace())
		note(c, MISSING, "root",
		     "root of a user namespace cannot load BPF programs: run daxguard "
		     "outside of it");
	else if (!has_capability(set, CAP_SYS_ADMIN) &&
		 !(has_capability(set, CAP_BPF) && has_capability(set, CAP_PERFMON)))
		note(c, MISSING, "root",
		     "root lacks 'CAP_BPF' and 'CAP_PERFMON' here: "
		     "run daxguard outside of the container");
	else
		note(c, OK, "root", "the capabilities are there");
}

static void check_root(struct checks *c)
{
	if (geteuid())
		note(c, MISSING, "root",
		     "user id '%u' cannot load BPF programs: run "
		     "daxguard as root",
		     geteuid());
	else
		check_capabilities(c);
}

static void check_kernel(struct checks *c)
{
	struct utsname name;

	if (uname(&name)) {
		note(c, UNKNOWN, "kernel", "'uname' fails (%s): see dmesg", strerror(errno));
		return;
	}
	if (strcmp(name.machine, "x86_64"))
		note(c, MISSING, "machine", "'%s' is not supported: use x86_64", name.machine);
	else
		note(c, OK, "machine", "x86_64");
	if (release_at_least(name.release, 6, 1) > 0)
		note(c, OK, "kernel", "%s", name.release);
	else
		note(c, MISSING, "kernel", "Linux '%s' is too old: use 6.1 or later",
		     name.release);
}

static void check_memory(struct checks *c)
{
	__u64 size;
	int err = model_block_size(&size);

	if (!err)
		note(c, OK, "memory", "blocks of %llu MiB", size >> 20);
	else if (err == -ENOENT)
		note(c, MISSING, "memory",
		     "this kernel has no memory blocks: use one with "
		     "CONFIG_MEMORY_HOTPLUG");
	else
		note(c, UNKNOWN, "memory",
		     "'" MEMORY_DIR "/block_size_bytes' "
		     "cannot be read (%s): see that sysfs is mounted",
		     strerror(-err));
}

/* A guard that runs does not mind: it writes to nothing there. */
static void check_writable(struct checks *c)
{
	struct statvfs fs;

	if (!statvfs(MEMORY_DIR, &fs) && fs.f_flag & ST_RDONLY)
		note(c, WARNING, "sysfs",
		     "'/sys' is read-only here: a guard that is loaded works, but none can be "
		     "loaded, and no verb can change a device: mount -o remount,rw /sys");
}

static void check_bpffs(struct checks *c)
{
	struct statfs fs;
	int err = statfs(PIN_ROOT, &fs) ? errno : 0;

	if (err && err != ENOENT)
		note(c, UNKNOWN, "bpffs",
		     "'" PIN_ROOT "' cannot be looked at (%s): run "
		     "daxguard as root",
		     strerror(err));
	else if (err || (unsigned int)fs.f_type != BPF_FS_MAGIC)
		note(c, MISSING, "bpffs",
		     "no bpf file system is mounted on '" PIN_ROOT
		     "': mount -t bpf bpf " PIN_ROOT);
	else
		note(c, OK, "bpffs", "mounted on " PIN_ROOT);
}

/* Since Linux 6.8, whatever is mounted; younger than the headers that we build with. */
#define SYS_LIST_LSMS 461
#define LSM_ID_OF_BPF 109
#define MOST_LSMS 64

/* Is bpf among the active security modules?  Negative: the kernel cannot be asked. */
static int bpf_is_active(void)
{
	__u64 ids[MOST_LSMS];
	__u32 size = sizeof(ids);
	long nr = syscall(SYS_LIST_LSMS, ids, &size, 0);

	if (nr < 0)
		return -errno;
	while (nr)
		if (ids[--nr] == LSM_ID_OF_BPF)
			return true;
	return false;
}

static bool has_securityfs(void)
{
	struct statfs fs;

	return !statfs(SECURITY_DIR, &fs) && (unsigned int)fs.f_type == SECURITYFS_MAGIC;
}

static void no_lsm_file(struct checks *c, int err)
{
	int active = bpf_is_active();

	if (active > 0)
		note(c, OK, "lsm", "bpf is active");
	else if (!active)
		note(c, MISSING, "lsm",
		     "'bpf' is not among the active security modules: add it to the list in "
		     "the kernel parameter lsm= and boot");
	else if (err == -ENOENT && !has_securityfs())
		note(c, UNKNOWN, "lsm",
		     "securityfs is not mounted on '" SECURITY_DIR
		     "': mount -t securityfs securityfs " SECURITY_DIR);
	else
		note(c, UNKNOWN, "lsm",
		     "'" LSM_FILE "' cannot be read (%s): run daxguard "
		     "as root",
		     strerror(-err));
}

static void check_lsm(struct checks *c)
{
	char list[512];
	int err = read_line(LSM_FILE, list, sizeof(list));

	if (err)
		no_lsm_file(c, err);
	else if (list_has(list, "bpf"))
		note(c, OK, "lsm", "%s", list);
	else
		note(c, MISSING, "lsm",
		     "'bpf' is not among the active security modules: "
		     "boot with lsm=%s%sbpf",
		     list, *list ? "," : "");
}

/* Above integrity, BPF programs may not read kernel memory. */
static void check_lockdown(struct checks *c)
{
	char line[128];
	int err = read_line(LOCKDOWN_FILE, line, sizeof(line));

	/* a kernel that knows no lockdown has the file system without the file */
	if (err == -ENOENT && !has_securityfs())
		note(c, UNKNOWN, "lockdown",
		     "the lockdown level is not to be seen, as securityfs is not mounted on "
		     "'" SECURITY_DIR "': mount -t securityfs securityfs " SECURITY_DIR);
	else if (err && err != -ENOENT)
		note(c, UNKNOWN, "lockdown",
		     "'" LOCKDOWN_FILE "' cannot be read (%s): run daxguard as root",
		     strerror(-err));
	else if (!err && strstr(line, "[confidentiality]"))
		note(c, MISSING, "lockdown",
		     "the lockdown level 'confidentiality' keeps "
		     "BPF programs from reading kernel memory: boot with "
		     "lockdown=integrity");
}

static void check_ftrace(struct checks *c)
{
	const char *stopped = ftrace_stopped();

	if (stopped)
		note(c, MISSING, "ftrace", "%s", stopped);
}

/* Has an earlier program asked for the same? */
static bool asked_before(const struct bpf_object *obj, const struct bpf_program *prog,
			 const char *hook)
{
	struct bpf_program *before;
	char name[128];

	bpf_object__for_each_program (before, obj) {
		if (before == prog)
			break;
		if (hook_of_section(bpf_program__section_name(before), name, sizeof(name)) >=
			    0 &&
		    !strcmp(name, hook))
			return true;
	}
	return false;
}

static void check_hooks(struct checks *c, const struct btf *btf)
{
	struct daxguard_bpf *skel = daxguard_bpf__open();
	size_t there = 0, missing = c->missing;
	struct bpf_program *prog;
	char hook[128];
	int kind;

	if (!skel) {
		note(c, MISSING, "hooks",
		     "the BPF object in this command cannot be read "
		     "(%s): install daxguard again",
		     strerror(errno));
		return;
	}
	bpf_object__for_each_program (prog, skel->obj) {
		kind = hook_of_section(bpf_program__section_name(prog), hook, sizeof(hook));
		/* fmod_ret: a kernel need not have it, see check_kernel_hook() */
		if (kind < 0 || asked_before(skel->obj, prog, hook) ||
		    !strncmp(bpf_program__section_name(prog), "fmod_ret/", 9))
			continue;
		if (btf__find_by_name_kind(btf, hook, kind) > 0)
			there++;
		else
			note(c, MISSING, "hooks", "this kernel has no '%s': use one with %s",
			     hook,
			     strncmp(hook, "bpf_lsm_", 8)
				     ? "CONFIG_DAX=y and CONFIG_MEMORY_HOTPLUG=y"
				     : "CONFIG_BPF_LSM=y");
	}
	if (missing == c->missing)
		note(c, OK, "hooks", "all %zu are there", there);
	daxguard_bpf__destroy(skel);
}

static void check_btf(struct checks *c)
{
	int err = access(BTF_FILE, R_OK) ? errno : 0;
	struct btf *btf;

	if (err) {
		note(c, err == ENOENT ? MISSING : UNKNOWN, "btf",
		     "'" BTF_FILE "' cannot be read (%s): %s", strerror(err),
		     err == ENOENT ? "use a kernel with CONFIG_DEBUG_INFO_BTF"
				   : "run daxguard as root");
		return;
	}
	btf = btf__parse(BTF_FILE, NULL);
	if (!btf) {
		note(c, MISSING, "btf",
		     "'" BTF_FILE "' cannot be read by libbpf (%s): use "
		     "a newer libbpf",
		     strerror(errno));
		return;
	}
	note(c, OK, "btf", "%u types", btf__type_cnt(btf));
	check_hooks(c, btf);
	btf__free(btf);
}

void check_machine(struct checks *c)
{
	check_root(c);
	check_kernel(c);
	check_memory(c);
	check_writable(c);
	check_bpffs(c);
	check_lsm(c);
	check_lockdown(c);
	check_ftrace(c);
	check_btf(c);
}

static void keep_first(struct checks *c, enum finding finding, const char *what,
		       const char *text)
{
	(void)what;
	if (finding == MISSING && !c->missing)
		snprintf(c->context, CHECK_LEN, "%s", text);
}

bool check_first_missing(char text[CHECK_LEN])
{
	struct checks c = { .found = keep_first, .context = text };

	check_machine(&c);
	return c.missing;
}
