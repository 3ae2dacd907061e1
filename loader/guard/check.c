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

#include "guard/arch.h"
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

#define NO_LSM "'bpf' is not among the active security modules"

#define RUN_AS_ROOT "run daxguard as root"
#define MOUNT_SECURITYFS "mount -t securityfs securityfs " SECURITY_DIR

/* Tell it: the sentence, and after it the REMEDY, where there is one. */
__attribute__((format(printf, 5, 0))) static void found(struct checks *c, enum finding finding,
							const char *what, const char *remedy,
							const char *fmt, va_list args)
{
	char text[CHECK_LEN], clean[CHECK_LEN];
	size_t len;

	vsnprintf(text, sizeof(text), fmt, args);
	len = strlen(text);
	if (remedy)
		snprintf(text + len, sizeof(text) - len, ": %s", remedy);
	c->found(c, finding, what, clean_text(clean, sizeof(clean), text, sizeof(text)));
	c->missing += finding == MISSING;
}

void note(struct checks *c, enum finding finding, const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	found(c, finding, what, NULL, fmt, args);
	va_end(args);
}

void met(const struct need *need, struct checks *c, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	found(c, OK, need->name, NULL, fmt, args);
	va_end(args);
}

void unmet(const struct need *need, struct checks *c, const char *remedy, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	found(c, need->unmet, need->name, remedy ? remedy : need->remedy, fmt, args);
	va_end(args);
}

void untold(const struct need *need, struct checks *c, const char *remedy, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	found(c, UNKNOWN, need->name, remedy, fmt, args);
	va_end(args);
}

void check_needs(struct checks *c, const struct need *needs)
{
	for (; needs->name; needs++)
		needs->look(needs, c);
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

/* The effective set, as a bit for each.  False where it cannot be read. */
static bool read_capabilities(unsigned long long *set)
{
	FILE *status = fopen("/proc/self/status", "re");
	bool seen = false;
	char line[256];

	while (status && !seen && fgets(line, sizeof(line), status))
		seen = sscanf(line, "CapEff: %llx", set) == 1;
	if (status)
		fclose(status);
	return seen;
}

/* libbpf needs it, too. */
static void look_proc(const struct need *need, struct checks *c)
{
	unsigned long long set;

	if (!geteuid() && !read_capabilities(&set))
		unmet(need, c, NULL, "'/proc/self/status' cannot be read");
}

/* Root of a container may have been left without what loading takes. */
static void look_root(const struct need *need, struct checks *c)
{
	unsigned long long set;

	if (geteuid())
		unmet(need, c, NULL, "user id '%u' cannot load BPF programs", geteuid());
	else if (!read_capabilities(&set))
		return; /* look_proc() has said so */
	else if (in_user_namespace())
		unmet(need, c, "run daxguard outside of it",
		      "root of a user namespace cannot load BPF programs");
	else if (!has_capability(set, CAP_SYS_ADMIN) &&
		 !(has_capability(set, CAP_BPF) && has_capability(set, CAP_PERFMON)))
		unmet(need, c, "run daxguard outside of the container",
		      "root lacks 'CAP_BPF' and 'CAP_PERFMON' here");
	else
		met(need, c, "the capabilities are there");
}

static void look_machine(const struct need *need, struct checks *c)
{
	struct utsname name;

	if (uname(&name))
		return; /* look_kernel() says so */
	look_at_arch(need, c, name.machine, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

static void look_kernel(const struct need *need, struct checks *c)
{
	struct utsname name;

	if (uname(&name))
		untold(need, c, "see dmesg", "'uname' fails (%s)", strerror(errno));
	else if (release_at_least(name.release, 6, 1) > 0)
		met(need, c, "%s", name.release);
	else
		unmet(need, c, NULL, "Linux '%s' is too old", name.release);
}

static void look_memory(const struct need *need, struct checks *c)
{
	__u64 size;
	int err = model_block_size(&size);

	if (!err)
		met(need, c, "blocks of %llu MiB", size >> 20);
	else if (err == -ENOENT)
		unmet(need, c, NULL, "this kernel has no memory blocks");
	else
		untold(need, c, "see that sysfs is mounted",
		       "'" MEMORY_DIR "/block_size_bytes' cannot be read (%s)", strerror(-err));
}

/* A guard that runs does not mind: it writes to nothing there. */
static void look_sysfs(const struct need *need, struct checks *c)
{
	struct statvfs fs;

	if (!statvfs(MEMORY_DIR, &fs) && fs.f_flag & ST_RDONLY)
		unmet(need, c, NULL,
		      "'/sys' is read-only here: a guard that is loaded works, but none can be "
		      "loaded, and no verb can change a device");
}

static void look_bpffs(const struct need *need, struct checks *c)
{
	struct statfs fs;
	int err = statfs(PIN_ROOT, &fs) ? errno : 0;

	if (err && err != ENOENT)
		untold(need, c, RUN_AS_ROOT, "'" PIN_ROOT "' cannot be looked at (%s)",
		       strerror(err));
	else if (err || (unsigned int)fs.f_type != BPF_FS_MAGIC)
		unmet(need, c, NULL, "no bpf file system is mounted on '" PIN_ROOT "'");
	else
		met(need, c, "mounted on " PIN_ROOT);
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

static void without_lsm_file(const struct need *need, struct checks *c, int err)
{
	int active = bpf_is_active();

	if (active > 0)
		met(need, c, "bpf is active");
	else if (!active)
		unmet(need, c, NULL, NO_LSM);
	else if (err == -ENOENT && !has_securityfs())
		untold(need, c, MOUNT_SECURITYFS,
		       "securityfs is not mounted on '" SECURITY_DIR "'");
	else
		untold(need, c, RUN_AS_ROOT, "'" LSM_FILE "' cannot be read (%s)",
		       strerror(-err));
}

static void look_lsm(const struct need *need, struct checks *c)
{
	char list[512], remedy[600];
	int err = read_line(LSM_FILE, list, sizeof(list));

	if (err) {
		without_lsm_file(need, c, err);
	} else if (list_has(list, "bpf")) {
		met(need, c, "%s", list);
	} else {
		snprintf(remedy, sizeof(remedy), "boot with lsm=%s%sbpf", list,
			 *list ? "," : "");
		unmet(need, c, remedy, NO_LSM);
	}
}

/* Above integrity, BPF programs may not read kernel memory. */
static void look_lockdown(const struct need *need, struct checks *c)
{
	char line[128];
	int err = read_line(LOCKDOWN_FILE, line, sizeof(line));

	/* a kernel that knows no lockdown has the file system without the file */
	if (err == -ENOENT && !has_securityfs())
		untold(need, c, MOUNT_SECURITYFS,
		       "the lockdown level is unknown, as securityfs is not mounted on "
		       "'" SECURITY_DIR "'");
	else if (err && err != -ENOENT)
		untold(need, c, RUN_AS_ROOT, "'" LOCKDOWN_FILE "' cannot be read (%s)",
		       strerror(-err));
	else if (!err && strstr(line, "[confidentiality]"))
		unmet(need, c, NULL,
		      "the lockdown level 'confidentiality' keeps BPF programs from reading "
		      "kernel memory");
}

static void look_ftrace(const struct need *need, struct checks *c)
{
	const char *stopped = ftrace_stopped();

	if (stopped)
		unmet(need, c, NULL, "%s", stopped);
}

/* Of the kernel, read once: it is large.  NULL with errno. */
static const struct btf *kernel_btf(void)
{
	static struct btf *btf;

	if (!btf)
		btf = btf__parse(BTF_FILE, NULL);
	return btf;
}

static void look_btf(const struct need *need, struct checks *c)
{
	int err = access(BTF_FILE, R_OK) ? errno : 0;

	if (err == ENOENT)
		unmet(need, c, NULL, "'" BTF_FILE "' cannot be read (%s)", strerror(err));
	else if (err)
		untold(need, c, RUN_AS_ROOT, "'" BTF_FILE "' cannot be read (%s)",
		       strerror(err));
	else if (!kernel_btf())
		unmet(need, c, "use a newer libbpf",
		      "'" BTF_FILE "' cannot be read by libbpf (%s)", strerror(errno));
	else
		met(need, c, "%u types", btf__type_cnt(kernel_btf()));
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

static void look_hooks(const struct need *need, struct checks *c)
{
	size_t there = 0, missing = c->missing;
	struct daxguard_bpf *skel;
	struct bpf_program *prog;
	char hook[128];
	int kind;

	if (!kernel_btf())
		return; /* look_btf() has said so */
	if (!look_at_direct_calls(need, c, kernel_btf()))
		return;
	skel = daxguard_bpf__open();
	if (!skel) {
		unmet(need, c, "install daxguard again",
		      "the BPF object in this command cannot be read (%s)", strerror(errno));
		return;
	}
	bpf_object__for_each_program (prog, skel->obj) {
		kind = hook_of_section(bpf_program__section_name(prog), hook, sizeof(hook));
		/* fmod_ret: a kernel need not have it, see look_kernel_hook() */
		if (kind < 0 || asked_before(skel->obj, prog, hook) ||
		    !strncmp(bpf_program__section_name(prog), "fmod_ret/", 9))
			continue;
		if (btf__find_by_name_kind(kernel_btf(), hook, kind) > 0)
			there++;
		else
			unmet(need, c,
			      strncmp(hook, "bpf_lsm_", 8) ? NULL
							   : "use one with CONFIG_BPF_LSM=y",
			      "this kernel has no '%s'", hook);
	}
	if (missing == c->missing)
		met(need, c, "all %zu are there", there);
	daxguard_bpf__destroy(skel);
}

/* In the order in which `check` shows them. */
const struct need machine_needs[] = {
	{ "proc", MISSING, "mount -t proc proc /proc", look_proc },
	{ "root", MISSING, RUN_AS_ROOT, look_root },
	{ "machine", MISSING, "use x86_64 or aarch64", look_machine },
	{ "kernel", MISSING, "use 6.1 or later", look_kernel },
	{ "memory", MISSING, "use one with CONFIG_MEMORY_HOTPLUG", look_memory },
	{ "sysfs", WARNING, "mount -o remount,rw /sys", look_sysfs },
	{ "bpffs", MISSING, "mount -t bpf bpf " PIN_ROOT, look_bpffs },
	{ "lsm", MISSING, "add it to the list in the kernel parameter lsm= and boot",
	  look_lsm },
	{ "lockdown", MISSING, "boot with lockdown=integrity", look_lockdown },
	{ "ftrace", MISSING, NULL, look_ftrace },
	{ "btf", MISSING, "use a kernel with CONFIG_DEBUG_INFO_BTF", look_btf },
	{ "hooks", MISSING, "use one with CONFIG_DAX=y and CONFIG_MEMORY_HOTPLUG=y",
	  look_hooks },
	{},
};

void check_machine(struct checks *c)
{
	check_needs(c, machine_needs);
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
