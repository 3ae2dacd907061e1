/* SPDX-License-Identifier: GPL-2.0-only */
/* Putting a configuration in force in the maps of a guard, all of it or nothing. */
#ifndef DAXGUARD_CONFIGURE_H
#define DAXGUARD_CONFIGURE_H

#include <linux/types.h>
#include <stdbool.h>

struct config;
struct daxguard_name;

struct configure_options {
	/*
	 * What was set by hand stays, and what the configuration does not name any more goes.
	 * Without it the maps are those of a guard that knew no origins: nothing goes, and
	 * what the configuration names is laid over it.
	 */
	bool keep;
	bool tell; /* what stays by hand */
	bool running; /* the programs are pinned: what is put on a list counts where it runs */
	__u8 mode; /* of '*' where the configuration has none, 0: as it is */
};

/* Under the lock of the pins.  Returns an exit status and has said why. */
int configure(struct config *config, const struct configure_options *options);

/*
 * The same for one device, by what was loaded last: it is there now, or somewhere else.  The
 * first takes the lock of a loaded guard.
 */
int configure_device(const struct daxguard_name *device);
int configure_device_locked(const struct daxguard_name *device);

#endif
