// SPDX-License-Identifier: LGPL-2.1-or-later
/* Giving a dax device to a driver and taking it away again. */
#include "driver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "module.h"

/* Read the device anew: is this the driver that it has?  "" for none. */
static bool has_driver(struct job *job, const char *driver)
{
	return !job_read(job) && !strcmp(job_driver(job), driver);
}

static int write_driver(struct job *job, const char *driver, const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), DAX_DRIVERS "/%s/%s", driver, file);
	return job_write(job, path, job->name);
}

static bool is_there(const char *driver)
{
	char path[128];

	snprintf(path, sizeof(path), DAX_DRIVERS "/%s", driver);
	return !access(path, F_OK);
}

/*
 * A driver takes a device of its type, and any that it was told the name of.  The name
 * comes second: with it the driver looks at all devices again and takes others, too.
 * Somebody else's write of that may be binding ours just now, and the link is there
 * before the probe is done: "bind" waits for its end.
 */
int driver_bind(struct job *job, const char *driver)
{
	char words[MODULE_WORDS] = "";
	int err;

	if (!is_there(driver))
		load_module(driver, words);
	if (!is_there(driver))
		return job_cause(job, -ENOENT,
				 "there is no driver '%s' for dax devices%s: see that "
				 "'modprobe %s' works",
				 driver, words, driver);
	err = write_driver(job, driver, "bind");
	if (err == -ENODEV) {
		write_driver(job, driver, "new_id");
		err = write_driver(job, driver, "bind");
	}
	if (has_driver(job, driver))
		return 0;
	if (!err)
		err = -ENODEV;
	return job_cause(job, err, "'%s' cannot be bound to '%s' (%s)", job->name, driver,
			 job_errno(job, err));
}

int driver_unbind(struct job *job, const char *driver)
{
	int err;

	/* a name left behind would have it taken again at the next look */
	write_driver(job, driver, "remove_id");
	err = write_driver(job, driver, "unbind");
	if (has_driver(job, ""))
		return 0;
	if (!err)
		err = -EBUSY;
	return job_cause(job, err, "'%s' cannot be taken from '%s' (%s)", job->name, driver,
			 job_errno(job, err));
}
