/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The handle behind libdaxguard.h. */
#ifndef DAXGUARD_HANDLE_H
#define DAXGUARD_HANDLE_H

#include <signal.h>
#include <stdbool.h>

#include "holds.h"
#include "libdaxguard.h"
#include "model.h"
#include "why.h"

#define DEFAULT_TIMEOUT_S 60

struct daxguard {
	struct why why;
	double timeout_s;
	bool wait;
	daxguard_progress_fn progress;
	void *context;
	volatile sig_atomic_t stop; /* set by daxguard_interrupt() */
	/* the zone for a device where that is not the caller's alone to say; or NULL */
	enum daxguard_zone (*zone_of)(const char *device, enum daxguard_zone zone);
	/* the only one in which its blocks may come online, or AUTO; or NULL */
	enum daxguard_zone (*only_zone)(const char *device);
	bool holding; /* by daxguard_begin() */
	struct holds holds;
	struct dax_devices last; /* the devices as the last change left them */
};

#endif
