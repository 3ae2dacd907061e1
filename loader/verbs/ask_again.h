/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device that policy leaves as it is may have been held when kmem bound it, by daxctl, say.
 * A udev rule that brings blocks online was refused then, and udev asks it but once: so it is
 * asked again when the hold is over, unless its holder has changed blocks itself.
 */
#ifndef DAXGUARD_ASK_AGAIN_H
#define DAXGUARD_ASK_AGAIN_H

#include <stddef.h>

enum ask_again {
	ASK_NOT, /* there is nothing to ask, or whoever holds the device is we */
	ASK_LATER, /* when it is free, and udev has done what it has to do */
	ASK_NOW,
	ASK_NO_MORE, /* until the next bind; not for callers */
};

/* Is udev to be asked again about DEVICE?  Not where no guard is loaded. */
enum ask_again ask_again_look(const char *device);

/*
 * Ask it about each block of DEVICE that is offline, and add their number to *ASKED.  One
 * caller does it, for others there is nothing to ask until somebody is refused again.  Returns
 * 0 or an exit status after having said why not.
 */
int ask_again(const char *device, size_t *asked);

/* Say that DEVICE is still held and udev was not asked.  Returns the exit status. */
int ask_again_gave_up(const char *device);

#endif
