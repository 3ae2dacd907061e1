// SPDX-License-Identifier: GPL-2.0-only
/* Asking udev's rules again about blocks that they were refused. */
#include "verbs/ask_again.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "control.h"
#include "guard/guard.h"
#include "model.h"
#include "pinned.h"
#include "show/report.h"
#include "transition.h"

extern char **environ;

#define UDEVD "/run/udev/control"
#define UEVENT "/sys/devices/system/memory/memory%u/uevent"

/*
 * Has udev events to handle still?  By its command: one that the kernel has sent and udevd has
 * not read yet no file tells of, and libudev looks at a file.
 */
static bool udev_is_busy(void)
{
	char *argv[] = { "udevadm", "settle", "--timeout=1", NULL };
	posix_spawn_file_actions_t actions;
	int err, status = 0;
	pid_t pid;

	if (access(UDEVD, F_OK) || posix_spawn_file_actions_init(&actions))
		return false;
	err = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY,
					       0);
	if (!err)
		err = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/*
 * What is known of the bind, which goes to BOUND.  Whether somebody has the device is looked at
 * before: once it is free nobody is refused any more.
 */
static enum ask_again look(const struct hold *h, struct daxguard_bound *bound)
{
	bool held = transition_is_there(h);

	if (guard_entry("bound", &h->name, bound, sizeof(*bound)))
		return ASK_NOT;
	if (bound->changed)
		return ASK_NO_MORE;
	if (held)
		return transition_is_mine(h) ? ASK_NOT : ASK_LATER;
	return bound->refused ? ASK_NOW : ASK_NO_MORE;
}

/*
 * Takes what is known of the bind SEEN, for one caller alone.  Returns 0 or a negative errno:
 * -EAGAIN where there has been another bind since, which is left as it is.
 */
static int take_bind(const struct daxguard_name *name, const struct daxguard_bound *seen)
{
	struct daxguard_bound taken;
	int map = pins_map("bound");
	int err;

	if (map < 0)
		return map;
	err = bpf_map_lookup_and_delete_elem(map, name, &taken) ? -errno : 0;
	if (!err && taken.bound_ns != seen->bound_ns) {
		bpf_map_update_elem(map, name, &taken, BPF_NOEXIST);
		err = -EAGAIN;
	}
	close(map);
	return err;
}

enum ask_again ask_again_look(const char *device)
{
	struct daxguard_bound bound;
	struct hold h = {};
	enum ask_again ask;

	if (device_key(&h.name, device, false))
		return ASK_NOT;
	ask = look(&h, &bound);
	/* a rule that it has still to ask may be refused yet */
	if (ask == ASK_NO_MORE)
		ask = udev_is_busy() ? ASK_LATER : look(&h, &bound);
	if (ask != ASK_NO_MORE)
		return ask;
	/* what is refused from now on has nothing to do with the bind */
	return take_bind(&h.name, &bound) == -EAGAIN ? ASK_LATER : ASK_NOT;
}

/* As `udevadm trigger --action=add` does it.  Returns 0 or a negative errno. */
static int ask_about(__u32 block)
{
	char path[96];
	int fd, err = 0;

	snprintf(path, sizeof(path), UEVENT, block);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, "add", strlen("add")) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int ask_about_each(const struct dax_device *dev, size_t *asked)
{
	size_t i;
	int err;

	for (i = 0; i < dev->nr_blocks; i++) {
		if (dev->blocks[i].state != BLOCK_OFFLINE)
			continue;
		err = ask_about(dev->blocks[i].nr);
		if (!err)
			(*asked)++;
		/* gone since */
		else if (err != -ENOENT && err != -ENODEV)
			return fail(EXIT_FAILED,
				    "udev cannot be asked again about 'memory%u' of '%s' (%s): "
				    "run 'udevadm trigger --action=add "
				    "--subsystem-match=memory'",
				    dev->blocks[i].nr, dev->name, strerror(-err));
	}
	return 0;
}

/* For one caller alone, and for what is refused once more. */
static int begin_anew(const struct daxguard_name *name)
{
	struct daxguard_bound bound;
	int map, err = guard_entry("bound", name, &bound, sizeof(bound));

	if (!err)
		err = take_bind(name, &bound);
	if (err)
		return err;
	map = pins_map("bound");
	if (map < 0)
		return map;
	bound.refused = 0;
	err = bpf_map_update_elem(map, name, &bound, BPF_NOEXIST) ? -errno : 0;
	close(map);
	return err == -EEXIST ? 0 : err;
}

int ask_again(const char *device, size_t *asked)
{
	struct daxguard_name name;
	struct dax_devices one;
	int status = 0, err;

	if (device_key(&name, device, false))
		return 0;
	err = begin_anew(&name);
	if (err)
		return err == -ENOENT || err == -EAGAIN ? 0 : guard_failed(err);
	err = model_one(&one, device);
	if (!err)
		status = ask_about_each(one.dev, asked);
	else if (err != -ENOENT)
		status = fail(EXIT_FAILED, "'%s' cannot be read (%s): run this as root", device,
			      strerror(-err));
	model_free(&one);
	return status;
}

int ask_again_gave_up(const char *device)
{
	return fail(EXIT_HELD,
		    "'%s' is still held, or udev is busy, so udev was not asked again about "
		    "its blocks: run 'daxguard online --by-policy %s' later",
		    device, device);
}
