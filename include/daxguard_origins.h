/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * The map ABI, continued: where each value of the policy and each entry of the lists comes
 * from.  Only the loader reads and writes it; nothing is decided by it.
 */
#ifndef DAXGUARD_ORIGINS_H
#define DAXGUARD_ORIGINS_H

#include "daxguard.h"

/* Key of the map "origins". */
struct daxguard_origin_key {
	char what[DAXGUARD_NAME_LEN]; /* a key of policy ("mode"), "allow" or "controllers" */
	union {
		struct daxguard_name name; /* a section of the configuration, or a device */
		struct daxguard_allow_key who;
	};
};

/* Who has set it. */
enum daxguard_from {
	DAXGUARD_FROM_FILE = 1, /* the line "text" of the configuration */
	DAXGUARD_FROM_HAND = 2, /* a verb */
	DAXGUARD_FROM_OPTION = 3, /* load --mode */
	DAXGUARD_FROM_ANY = 4, /* '*' had it when the device got an entry */
};

/* Which section of the configuration, the higher wins. */
enum daxguard_section {
	DAXGUARD_SECTION_ANY = 1, /* [*] */
	DAXGUARD_SECTION_GLOB = 2, /* [dax*] */
	DAXGUARD_SECTION_PLACE = 3, /* [region0], [node1] */
	DAXGUARD_SECTION_DEVICE = 4, /* [dax0.0] */
};

#define DAXGUARD_ORIGIN_LEN 112

struct daxguard_origin {
	__u32 value; /* that was applied: another one in the map is by hand */
	__u32 from; /* enum daxguard_from */
	__u32 section; /* enum daxguard_section, of a file */
	__u32 order; /* later lines of a section of the same kind win */
	char text[DAXGUARD_ORIGIN_LEN]; /* "/etc/daxguard/daxguard.conf:12" */
};

_Static_assert(sizeof(struct daxguard_origin_key) == 32, "ABI: key of an origin");
_Static_assert(sizeof(struct daxguard_origin) == 128, "ABI: origin");

#endif
