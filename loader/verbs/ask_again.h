/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device that policy leaves as it is may have been held when kmem bound it, by daxctl, say.
 * A udev rule that brings blocks online was refused then, and udev asks it but once: so it is
 * asked again when the hold is over.
 */
#ifndef DAXGUARD_ASK_AGAIN_H
#define DAXGUARD_ASK_AGAIN_H

#include <stddef.h>

enum ask_again {
	ASK_NOT, /* nobody was refused, or whoever holds it is we */
	ASK_LATER, /* the hold that it was bound in is not over */
	ASK_NOW,
};

/* Is udev to be asked again about DEVICE?  Not where no guard is loaded. */
enum ask_again ask_again_look(const char *device);

/*
 * Ask it about each block of DEVICE that is offline, and set *ASKED to their number.  Returns
 * 0 or an exit status after having said why not.
 */
int ask_again(const char *device, size_t *asked);

#endif
