/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy and the allow list: words to bytes and back, strictly. */
#include "policy/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "array.h"
#include "number.h"
#include "option.h"

struct daxguard_policy policy_default(void)
{
	return (struct daxguard_policy){ .mode = DAXGUARD_MODE_ENFORCE,
					 .scope = DAXGUARD_SCOPE_TRANSITION,
					 .flags = DAXGUARD_FLAGS_DEFAULT,
					 .max_hold_s = DAXGUARD_MAX_HOLD_S };
}

enum key {
	KEY_MODE,
	KEY_SCOPE,
	KEY_FLAG,
	KEY_MAX_HOLD,
};

/* A key, the words that it takes and what it is good for; a flag's byte is 1 or 0. */
static const struct {
	const char *name;
	enum key key;
	__u8 flag;
	const char *words[4]; /* NULL at the end */
	__u8 values[3];
	const char *help;
} keys[] = {
	{ "mode",
	  KEY_MODE,
	  0,
	  { "off", "audit", "enforce" },
	  { DAXGUARD_MODE_OFF, DAXGUARD_MODE_AUDIT, DAXGUARD_MODE_ENFORCE },
	  "let through, only count and report, or refuse" },
	{ "scope",
	  KEY_SCOPE,
	  0,
	  { "transition", "always" },
	  { DAXGUARD_SCOPE_TRANSITION, DAXGUARD_SCOPE_ALWAYS },
	  "while the device changes, or at any time" },
	{ "unbind",
	  KEY_FLAG,
	  DAXGUARD_REFUSE_UNBIND,
	  { "refuse", "allow" },
	  { 1, 0 },
	  "unbinding while a block is online" },
	{ "bind",
	  KEY_FLAG,
	  DAXGUARD_HOLD_ON_BIND,
	  { "hold", "free" },
	  { 1, 0 },
	  "hold the device while it is being bound" },
	{ "auto_online",
	  KEY_FLAG,
	  DAXGUARD_REFUSE_AUTO_ONLINE,
	  { "refuse", "allow" },
	  { 1, 0 },
	  "changes of auto_online_blocks while anything is held" },
	{ "mapping",
	  KEY_FLAG,
	  DAXGUARD_REFUSE_MAPPING,
	  { "refuse", "allow" },
	  { 1, 0 },
	  "changes of mapping, size and align while bound" },
	{ "max_hold", KEY_MAX_HOLD, 0, { NULL }, { 0 }, "longest hold, 0 for none" },
};

#define NR_KEYS ARRAY_SIZE(keys)

bool policy_word(size_t nr, struct opt *word)
{
	if (nr >= NR_KEYS)
		return false;
	*word = (struct opt){ .name = keys[nr].name, .help = keys[nr].help };
	if (keys[nr].words[0])
		word->values = keys[nr].words;
	else
		word->arg = "SECONDS";
	return true;
}

static int find_key(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NR_KEYS; i++)
		if (strlen(keys[i].name) == len && !strncmp(keys[i].name, name, len))
			return i;
	return -ENOENT;
}

static int take(struct policy_change *change, int key, const char *word)
{
	__u64 number;
	int which;
	__u8 value;

	if (keys[key].key == KEY_MAX_HOLD) {
		if (parse_number(word, 10, UINT32_MAX, &number))
			return -EINVAL;
		change->value.max_hold_s = number;
		return 0;
	}
	which = find_word(keys[key].words, word);
	if (which < 0)
		return -EINVAL;
	value = keys[key].values[which];
	if (keys[key].key == KEY_MODE) {
		change->value.mode = value;
	} else if (keys[key].key == KEY_SCOPE) {
		change->value.scope = value;
	} else {
		change->flags_named |= keys[key].flag;
		if (value)
			change->value.flags |= keys[key].flag;
	}
	return 0;
}

static int take_once(struct policy_change *change, int key, const char *word)
{
	int err;

	if (key < 0)
		return key;
	if (change->seen & 1u << key)
		return -EEXIST;
	err = take(change, key, word);
	if (!err)
		change->seen |= 1u << key;
	return err;
}

const char *policy_wrong(int err)
{
	switch (err) {
	case -ENOENT:
		return "an unknown key";
	case -EEXIST:
		return "a key that was given already";
	default:
		return "a value that this key does not have";
	}
}

int policy_take(struct policy_change *change, const char *key, const char *word)
{
	return take_once(change, find_key(key, strlen(key)), word);
}

int policy_parse(struct policy_change *change, char *const *args, int nr, const char **bad)
{
	struct policy_change all = *change;
	const char *equals;
	int i, err;

	for (i = 0; i < nr; i++) {
		*bad = args[i];
		equals = strchr(args[i], '=');
		if (!equals)
			return -ENOENT;
		err = take_once(&all, find_key(args[i], equals - args[i]), equals + 1);
		if (err)
			return err;
	}
	*change = all;
	return 0;
}

static bool names(const struct policy_change *change, enum key key)
{
	size_t i;

	for (i = 0; i < NR_KEYS; i++)
		if (keys[i].key == key && change->seen & 1u << i)
			return true;
	return false;
}

void policy_apply(const struct policy_change *change, struct daxguard_policy *policy)
{
	if (names(change, KEY_MODE))
		policy->mode = change->value.mode;
	if (names(change, KEY_SCOPE))
		policy->scope = change->value.scope;
	if (names(change, KEY_MAX_HOLD))
		policy->max_hold_s = change->value.max_hold_s;
	policy->flags &= ~change->flags_named;
	policy->flags |= change->value.flags;
	/* bits that mean nothing have no word to put them right with */
	policy->flags &= DAXGUARD_FLAGS_ALL;
	policy->zero = 0;
}

const char *policy_mode(const struct daxguard_policy *policy)
{
	if (policy->mode == DAXGUARD_MODE_OFF)
		return "off";
	return policy->mode == DAXGUARD_MODE_AUDIT ? "audit" : "enforce";
}

static const char *scope_name(__u8 scope)
{
	return scope == DAXGUARD_SCOPE_ALWAYS ? "always" : "transition";
}

const char *policy_value(const struct daxguard_policy *policy, size_t nr, char *buf,
			 size_t size)
{
	switch (keys[nr].key) {
	case KEY_MODE:
		return policy_mode(policy);
	case KEY_SCOPE:
		return scope_name(policy->scope);
	case KEY_FLAG:
		return keys[nr].words[policy->flags & keys[nr].flag ? 0 : 1];
	default:
		snprintf(buf, size, "%u", policy->max_hold_s);
		return policy->max_hold_s ? buf : "none";
	}
}

__u32 policy_number(const struct daxguard_policy *policy, size_t nr)
{
	return keys[nr].key == KEY_MAX_HOLD ? policy->max_hold_s : 0;
}

bool policy_odd_bytes(const struct daxguard_policy *policy, char *buf, size_t size)
{
	__u8 rest = policy->flags & ~DAXGUARD_FLAGS_ALL;
	char odd[128] = "";
	size_t len = 0;

	if (policy->mode < DAXGUARD_MODE_OFF || policy->mode > DAXGUARD_MODE_ENFORCE)
		len += sprintf(odd + len, ", mode enforce (byte 0x%02x)", policy->mode);
	if (policy->scope < DAXGUARD_SCOPE_TRANSITION || policy->scope > DAXGUARD_SCOPE_ALWAYS)
		len += sprintf(odd + len, ", scope transition (byte 0x%02x)", policy->scope);
	if (rest)
		len += sprintf(odd + len, ", flags (bits 0x%02x)", rest);
	if (policy->zero)
		len += sprintf(odd + len, ", zero (byte 0x%02x)", policy->zero);
	snprintf(buf, size, "%s", len ? odd + 2 : "");
	return len;
}

static bool is_cgroup2(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC;
}

const char *cgroup_root(void)
{
	static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(roots); i++)
		if (is_cgroup2(roots[i]))
			return roots[i];
	return NULL;
}

/*
 * The device number of the file system, as the kernel has it in its super block.
 * stat's differs from it on btrfs, where each subvolume shows one of its own.
 */
static __u32 file_system_dev(int fd, const struct stat *st)
{
	unsigned int id, dev_major, dev_minor;
	struct statx sx;
	__u32 dev = (__u32)major(st->st_dev) << 20 | minor(st->st_dev);
	char line[4096];
	FILE *mounts;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &sx) || !(sx.stx_mask & STATX_MNT_ID))
		return dev;
	mounts = fopen("/proc/self/mountinfo", "re");
	if (!mounts)
		return dev;
	while (fgets(line, sizeof(line), mounts)) {
		if (sscanf(line, "%u %*u %u:%u", &id, &dev_major, &dev_minor) != 3 ||
		    id != sx.stx_mnt_id)
			continue;
		dev = dev_major << 20 | dev_minor;
		break;
	}
	fclose(mounts);
	return dev;
}

/* A script is run by its interpreter, which is what the kernel sees. */
static bool is_program(int fd, const struct stat *st)
{
	char start[2];

	if (!S_ISREG(st->st_mode) || !(st->st_mode & 0111))
		return false;
	return pread(fd, start, 2, 0) != 2 || memcmp(start, "#!", 2);
}

static int find_exe(const char *path, struct daxguard_allow_key *key)
{
	struct stat st;
	int err = 0;
	/* nonblocking: it may be a pipe, which is refused below */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!is_program(fd, &st))
		err = -ENOEXEC;
	if (!err) {
		key->id = st.st_ino;
		key->dev = file_system_dev(fd, &st);
	}
	close(fd);
	return err;
}

static int find_uid(const char *text, struct daxguard_allow_key *key)
{
	struct passwd *user;
	__u64 uid;

	/* the last number means "no user" to the kernel */
	if (!parse_number(text, 10, UINT32_MAX - 1, &uid)) {
		key->id = uid;
		return 0;
	}
	user = getpwnam(text);
	if (!user)
		return -ENOENT;
	key->id = user->pw_uid;
	return 0;
}

/* As /sys/fs/cgroup/a/b, or as /proc/PID/cgroup has it: /a/b. */
static int find_cgroup(const char *text, struct daxguard_allow_key *key)
{
	const char *root = cgroup_root();
	char path[4096];
	struct stat st;

	if (text[0] != '/' || !root)
		return -ENODEV;
	snprintf(path, sizeof(path), "%s", text);
	if (!is_cgroup2(path) &&
	    (size_t)snprintf(path, sizeof(path), "%s%s", root, text) >= sizeof(path))
		return -ENAMETOOLONG;
	if (stat(path, &st))
		return -errno;
	if (!is_cgroup2(path) || !S_ISDIR(st.st_mode))
		return -ENODEV;
	key->id = st.st_ino; /* which is the cgroup's id on 64 bits */
	return 0;
}

static const struct {
	const char *name;
	enum daxguard_allow_what what;
	int (*find)(const char *text, struct daxguard_allow_key *key);
	const char *complete; /* see struct opt */
} whos[] = {
	{ "exe", DAXGUARD_ALLOW_EXE, find_exe, "file" },
	{ "uid", DAXGUARD_ALLOW_UID, find_uid, "user" },
	{ "cgroup", DAXGUARD_ALLOW_CGROUP, find_cgroup, "directory" },
};

#define NR_WHOS ARRAY_SIZE(whos)

bool allow_word(size_t nr, struct opt *word)
{
	if (nr >= NR_WHOS)
		return false;
	*word = (struct opt){ .name = whos[nr].name,
			      .arg = "WHO",
			      .complete = whos[nr].complete };
	return true;
}

const char *allow_name(__u32 what)
{
	size_t i;

	for (i = 0; i < NR_WHOS; i++)
		if (whos[i].what == what)
			return whos[i].name;
	return NULL;
}

bool allow_is_user(const struct daxguard_allow_key *key)
{
	return key->what == DAXGUARD_ALLOW_UID;
}

bool allow_is_root(const struct daxguard_allow_key *key)
{
	return allow_is_user(key) && !key->id;
}

/* Of a path that is too long the end: it is what tells it from others. */
static void set_label(struct daxguard_allow *entry, const char *text)
{
	size_t len = strlen(text), room = sizeof(entry->label) - 1;

	memset(entry->label, 0, sizeof(entry->label));
	if (len <= room)
		memcpy(entry->label, text, len);
	else
		snprintf(entry->label, sizeof(entry->label), "...%s", text + len - (room - 3));
}

int allow_parse(const char *text, struct daxguard_allow_key *key, struct daxguard_allow *entry)
{
	size_t i, len = strcspn(text, "=");

	memset(key, 0, sizeof(*key));
	memset(entry, 0, sizeof(*entry));
	if (!text[len] || !text[len + 1])
		return -EINVAL;
	for (i = 0; i < NR_WHOS; i++) {
		if (strlen(whos[i].name) != len || strncmp(whos[i].name, text, len))
			continue;
		key->what = whos[i].what;
		set_label(entry, text + len + 1);
		return whos[i].find(text + len + 1, key);
	}
	return -EINVAL;
}
