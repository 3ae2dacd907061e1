/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of the lists of who is treated differently: allow and controllers. */
#include "policy/allow.h"

#include <ctype.h>
#include <errno.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "array.h"
#include "number.h"
#include "option.h"
#include "show/report.h"

const struct who_list allow_list = {
	.map = "allow",
	.verb = "allow",
	.title = "the allow list",
	.words = "exe=PATH, uid=NUMBER, uid=NAME and cgroup=PATH",
	.nr_words = 3,
};

const struct who_list controller_list = {
	.map = "controllers",
	.verb = "controller",
	.title = "the list of controllers",
	.words = "exe=PATH",
	.nr_words = 1,
};

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

static int find_exe(const char *text, struct who *who)
{
	program_resolve(text, &who->program);
	return 0;
}

static int find_uid(const char *text, struct who *who)
{
	struct passwd *user;
	__u64 uid;

	/* the last number means "no user" to the kernel */
	if (!parse_number(text, 10, UINT32_MAX - 1, &uid)) {
		who->key.id = uid;
		return 0;
	}
	/* a number that is none: no user will ever have that name */
	if (isdigit((unsigned char)*text) || *text == '-')
		return -EINVAL;
	user = getpwnam(text);
	if (!user)
		return -ENOENT;
	who->key.id = user->pw_uid;
	return 0;
}

/* As /sys/fs/cgroup/a/b, or as /proc/PID/cgroup has it: /a/b. */
static int find_cgroup(const char *text, struct who *who)
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
	who->key.id = st.st_ino; /* which is the cgroup's id on 64 bits */
	return 0;
}

static const struct {
	const char *name;
	enum daxguard_allow_what what;
	int (*find)(const char *text, struct who *who);
	const char *arg;
	const char *complete; /* see struct opt */
} whos[] = {
	{ "exe", DAXGUARD_ALLOW_PROGRAM, find_exe, "PATH", "file" },
	{ "uid", DAXGUARD_ALLOW_UID, find_uid, "WHO", "user" },
	{ "cgroup", DAXGUARD_ALLOW_CGROUP, find_cgroup, "PATH", "directory" },
};

static bool list_word(const struct who_list *list, size_t nr, struct opt *word)
{
	if (nr >= list->nr_words)
		return false;
	*word = (struct opt){ .name = whos[nr].name,
			      .arg = whos[nr].arg,
			      .complete = whos[nr].complete };
	return true;
}

bool allow_word(size_t nr, struct opt *word)
{
	return list_word(&allow_list, nr, word);
}

bool controller_word(size_t nr, struct opt *word)
{
	return list_word(&controller_list, nr, word);
}

const char *who_name(__u32 what)
{
	if (what == DAXGUARD_ALLOW_EXE) /* by inode */
		what = DAXGUARD_ALLOW_PROGRAM;
	for (size_t i = 0; i < ARRAY_SIZE(whos); i++)
		if (whos[i].what == what)
			return whos[i].name;
	return NULL;
}

/* Of a path that is too long the end: it is what tells it from others. */
static void set_label(struct daxguard_allow *entry, const char *text)
{
	size_t len = strlen(text), room = sizeof(entry->label) - 1;

	if (len <= room)
		memcpy(entry->label, text, len);
	else
		snprintf(entry->label, sizeof(entry->label), "...%s", text + len - (room - 3));
}

bool label_is_cut(const struct daxguard_allow *entry)
{
	return !strncmp(entry->label, "...", 3) &&
	       strnlen(entry->label, sizeof(entry->label)) == sizeof(entry->label) - 1;
}

int who_parse(const struct who_list *list, const char *word, struct who *who)
{
	size_t i, len = strcspn(word, "=");
	const char *text = word + len + 1;

	*who = (struct who){ .word = word };
	if (!word[len] || !*text)
		return -EINVAL;
	for (i = 0; i < list->nr_words; i++) {
		if (strlen(whos[i].name) != len || strncmp(whos[i].name, word, len))
			continue;
		who->key.what = whos[i].what;
		set_label(&who->entry, text);
		who->found = whos[i].find(text, who);
		return 0;
	}
	return -EINVAL;
}

static bool is_program(const struct who *who)
{
	return who->key.what == DAXGUARD_ALLOW_PROGRAM;
}

bool who_is_fine(const struct who *who)
{
	return !who->found && (!is_program(who) || who->program.fault == PROGRAM_FINE);
}

const char *who_what(const struct who *who)
{
	if (is_program(who))
		return program_what(who->program.fault);
	return who->key.what == DAXGUARD_ALLOW_UID ? "no user of this machine"
						   : "no directory of cgroup v2";
}

const char *who_remedy(const struct who *who)
{
	if (is_program(who))
		return program_remedy(who->program.fault);
	return who->key.what == DAXGUARD_ALLOW_UID
		       ? "give a name that is, or a number"
		       : "name one like cgroup=/sys/fs/cgroup/system.slice";
}

void who_warn(const struct who *who)
{
	const char *text = strchr(who->word, '=') + 1;

	if (who->key.what == DAXGUARD_ALLOW_UID && !who->key.id)
		warn("with '%s' no process of root is ever refused: name a program or a "
		     "cgroup instead",
		     who->word);
	if (!is_program(who))
		return;
	if (strcmp(text, who->program.path.path))
		warn("'%s' leads to '%s', and that is what counts", text,
		     who->program.path.path);
	if (!who->program.there)
		warn("'%s' is not there: what is put there counts from then on",
		     who->program.path.path);
}
