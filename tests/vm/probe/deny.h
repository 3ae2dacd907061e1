/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verb deny and its program share. */
#ifndef DGPROBE_DENY_H
#define DGPROBE_DENY_H

/* What is answered with an error: that step of the block, or that it goes online in that zone. */
enum denied {
	DENIED_ONLINE,
	DENIED_OFFLINE,
	DENIED_KERNEL,
	DENIED_MOVABLE,
};

#endif
