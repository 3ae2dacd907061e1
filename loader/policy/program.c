/* SPDX-License-Identifier: GPL-2.0-only */
/* A program by its path: which path counts, and whether what is there can be one. */
#include "policy/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* As many as the kernel follows. */
#define MOST_LINKS 40

bool program_key(const char *text, struct daxguard_path *key)
{
	size_t len = strlen(text);

	memset(key, 0, sizeof(*key));
	if (len >= sizeof(key->path))
		return false;
	memcpy(key->path, text, len);
	return true;
}

/*
 * Of PATH, which is not there, the beginning that is goes to DIR without links.  Returns the
 * rest, or NULL with errno.
 */
static const char *find_there(const char *path, char dir[PATH_MAX])
{
	size_t len = strlen(path);
	char head[PATH_MAX];

	for (;;) {
		while (path[len - 1] != '/')
			len--;
		snprintf(head, sizeof(head), "%.*s", (int)len, path);
		if (realpath(head, dir))
			return path + len;
		if (errno != ENOENT)
			return NULL;
		while (path[len - 1] == '/')
			len--;
	}
}

/* Put the parts of REST behind DIR.  False where one of them is a step back, or too much. */
static bool append(char dir[PATH_MAX], const char *rest)
{
	size_t at = strlen(dir), len;

	for (; *rest; rest += len) {
		rest += strspn(rest, "/");
		len = strcspn(rest, "/");
		if (len == 2 && !strncmp(rest, "..", 2))
			return false;
		if (!len || (len == 1 && *rest == '.'))
			continue;
		if (at + 1 + len >= PATH_MAX)
			return false;
		at += sprintf(dir + at, "%s%.*s", at > 1 ? "/" : "", (int)len, rest);
	}
	return true;
}

/*
 * A link that leads nowhere is there all the same: PATH becomes where it leads, with what
 * stands behind it.  False where the first part of REST is no link.
 */
static bool follow(const char *dir, const char *rest, char path[PATH_MAX])
{
	size_t len = strcspn(rest, "/");
	char link[2 * PATH_MAX], target[PATH_MAX], whole[4 * PATH_MAX];
	ssize_t end;

	snprintf(link, sizeof(link), "%s/%.*s", dir, (int)len, rest);
	end = readlink(link, target, sizeof(target) - 1);
	if (end <= 0)
		return false;
	target[end] = 0;
	snprintf(whole, sizeof(whole), "%s/%s%s", *target == '/' ? "" : dir, target,
		 rest + len);
	if (strlen(whole) >= PATH_MAX)
		return false;
	strcpy(path, whole);
	return true;
}

/* TEXT without links in OUT, whether all of it is there or not.  Returns 0 or a negative errno.
 */
static int resolve(const char *text, char out[PATH_MAX], bool *there)
{
	char path[PATH_MAX];
	const char *rest;

	strcpy(path, text);
	for (int links = 0; links < MOST_LINKS; links++) {
		*there = realpath(path, out);
		if (*there)
			return 0;
		if (errno != ENOENT)
			return -errno;
		rest = find_there(path, out);
		if (!rest)
			return -errno;
		if (!follow(out, rest, path))
			return append(out, rest) ? 0 : -ENOENT;
	}
	return -ELOOP;
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

/* What the kernel sees of a script is its interpreter. */
static enum program_fault judge(int fd, struct daxguard_allow_key *file)
{
	struct stat st;
	char start[2];

	if (fstat(fd, &st))
		return PROGRAM_UNSEEN;
	if (S_ISDIR(st.st_mode))
		return PROGRAM_DIRECTORY;
	if (!S_ISREG(st.st_mode))
		return PROGRAM_NO_FILE;
	if (!(st.st_mode & 0111))
		return PROGRAM_NO_EXECUTE;
	if (pread(fd, start, 2, 0) == 2 && !memcmp(start, "#!", 2))
		return PROGRAM_SCRIPT;
	*file = (struct daxguard_allow_key){ .what = DAXGUARD_ALLOW_EXE,
					     .dev = file_system_dev(fd, &st),
					     .id = st.st_ino };
	return PROGRAM_FINE;
}

static enum program_fault look_at(struct program *program)
{
	enum program_fault fault;
	/* nonblocking: it may be a pipe, which is refused */
	int fd = open(program->path.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return errno == ENXIO ? PROGRAM_NO_FILE : PROGRAM_UNSEEN;
	fault = judge(fd, &program->file);
	close(fd);
	return fault;
}

void program_resolve(const char *text, struct program *program)
{
	char path[PATH_MAX];
	size_t len = strlen(text);

	memset(program, 0, sizeof(*program));
	if (*text != '/')
		program->fault = PROGRAM_RELATIVE;
	else if (len >= DAXGUARD_PATH_LEN)
		program->fault = PROGRAM_TOO_LONG;
	else if (resolve(text, path, &program->there))
		program->fault = PROGRAM_UNSEEN;
	else if (!program_key(path, &program->path))
		program->fault = PROGRAM_TOO_LONG;
	else if (program->there)
		program->fault = look_at(program);
	else if (text[len - 1] == '/')
		program->fault = PROGRAM_DIRECTORY; /* nothing else can have that name */
}

static const struct {
	const char *what;
	const char *remedy;
} faults[] = {
	[PROGRAM_FINE] = { "a program", "" },
	[PROGRAM_RELATIVE] = { "no path from the root",
			       "give all of it, like exe=/usr/sbin/agent" },
	[PROGRAM_TOO_LONG] = { "a path of more than 255 bytes",
			       "put the program where its path is shorter" },
	[PROGRAM_DIRECTORY] = { "a directory", "name a program in it" },
	[PROGRAM_NO_FILE] = { "not a regular file", "name a program" },
	[PROGRAM_NO_EXECUTE] = { "a file that nobody may execute",
				 "name a program, or set its execute bits" },
	[PROGRAM_SCRIPT] = { "a script",
			     "scripts are their interpreter: name the program that runs it" },
	[PROGRAM_UNSEEN] = { "a path that cannot be followed",
			     "name one that leads to a program, as root" },
};

const char *program_what(enum program_fault fault)
{
	return faults[fault].what;
}

const char *program_remedy(enum program_fault fault)
{
	return faults[fault].remedy;
}
