/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What takes a dax device along when it goes, and the dax devices that a name stands for. */
#ifndef DAXGUARD_ANCESTRY_H
#define DAXGUARD_ANCESTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "why.h"

/*
 * A device on a bus that is above a dax device: among its parents in sysfs, or a part of what
 * a CXL region above it is made of, which is above it nowhere in sysfs.
 */
struct ancestor {
	char *path; /* its directory */
	const char *name; /* the end of that */
	char *subsystem; /* its bus: "platform", "cxl", "pci", "nd", ... */
	char *driver; /* NULL for none */
	const char *from; /* directory of what it was found from: that goes with it */
	unsigned int steps; /* from the dax device */
	bool part; /* of what a region is made of */
};

struct ancestry {
	struct ancestor *list; /* nearest first, none twice */
	size_t nr;
};

/*
 * What is above the dax device NAME.  Returns 0 or a negative errno, -ENOENT where there is
 * no such device; ancestry_free() in any case.
 */
int ancestry_of(struct ancestry *all, const char *name);
void ancestry_free(struct ancestry *all);

struct device_names {
	char **name; /* by name, dax0.2 before dax0.10 */
	size_t nr;
};

/*
 * The dax devices that have an ancestor NAME of that SUBSYSTEM, or of any where that is NULL.
 * Returns 0 or a negative errno; device_names_free() in any case.
 */
int devices_below(struct device_names *names, const char *subsystem, const char *name);
void device_names_free(struct device_names *names);

/*
 * The dax devices that TEXT stands for: the one of that name, or else those below the
 * ancestor of that name, "NAME" or "SUBSYSTEM/NAME".  What is the name of nothing is left to
 * whoever looks for the device: it is the only name then.  Returns 0, or
 * DAXGUARD_RESULT_USAGE or _FAILED with WHY; device_names_free() in any case.
 */
int devices_named(struct device_names *names, const char *text, struct why *why);

#endif
