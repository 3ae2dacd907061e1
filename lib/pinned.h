/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the guard's pinned programs, maps and links are. */
#ifndef DAXGUARD_PINNED_H
#define DAXGUARD_PINNED_H

#include "daxguard.h"

#define PIN_TEXT(number) #number
#define PIN_VERSION(number) "v" PIN_TEXT(number)

#define PIN_ROOT "/sys/fs/bpf"
#define PIN_TOP PIN_ROOT "/daxguard"
#define PIN_DIR PIN_TOP "/" PIN_VERSION(DAXGUARD_ABI)
#define PIN_MAPS PIN_DIR "/maps"
#define PIN_PROGS PIN_DIR "/progs"
#define PIN_LINKS PIN_DIR "/links"

/* Open the pinned map NAME ("policy").  Returns a descriptor or a negative errno. */
int pins_map(const char *name);

/* Open the pinned program NAME.  Returns a descriptor or a negative errno. */
int pins_prog(const char *name);

/* Open the pinned link NAME.  Returns a descriptor or a negative errno. */
int pins_link(const char *name);

/* Open the pinned iterator NAME for reading.  Descriptor or a negative errno. */
int pins_iter(const char *name);

/*
 * Take KEY out of the pinned map.  Returns 0, for one caller alone, or a negative errno:
 * -ENOENT where it was not there.
 */
int pins_take(const char *map, const void *key);

#endif
