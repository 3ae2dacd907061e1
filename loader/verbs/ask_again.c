// SPDX-License-Identifier: GPL-2.0-only
/* Asking udev's rules again about blocks that they were refused. */
#include "verbs/ask_again.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "control.h"
#include "guard/guard.h"
#include "model.h"
#include "show/report.h"
#include "transition.h"

#define UEVENT "/sys/devices/system/memory/memory%u/uevent"

/*
 * A map remembers a hold that is over until the next one begins.  One that began after the
 * bind kept nothing that was new from udev.
 */
static bool refused_since_bind(const struct daxguard_name *name, bool *bound_in_it)
{
	struct daxguard_transition last;
	struct daxguard_device device;

	*bound_in_it = !guard_entry("transitions", name, &last, sizeof(last)) &&
		       !guard_entry("devices", name, &device, sizeof(device)) && device.bound &&
		       last.begin_ns && device.learnt_ns >= last.begin_ns;
	return *bound_in_it && last.refused;
}

enum ask_again ask_again_look(const char *device)
{
	struct hold h = {};
	bool held, refused, bound_in_it;

	if (device_key(&h.name, device, false))
		return ASK_NOT;
	/* before the map is read: nobody is refused any more, then */
	held = transition_is_there(&h);
	refused = refused_since_bind(&h.name, &bound_in_it);
	if (!held)
		return refused ? ASK_NOW : ASK_NOT;
	return bound_in_it && !transition_is_mine(&h) ? ASK_LATER : ASK_NOT;
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

int ask_again(const char *device, size_t *asked)
{
	struct dax_devices one;
	int status = 0, err = model_one(&one, device);

	*asked = 0;
	if (!err)
		status = ask_about_each(one.dev, asked);
	else if (err != -ENOENT)
		status = fail(EXIT_FAILED, "'%s' cannot be read (%s): run this as root", device,
			      strerror(-err));
	model_free(&one);
	return status;
}
