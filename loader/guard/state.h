/* SPDX-License-Identifier: GPL-2.0-only */
/* The pinned map "state": which build of the guard is loaded, and what is armed. */
#ifndef DAXGUARD_GUARD_STATE_H
#define DAXGUARD_GUARD_STATE_H

#include <stdbool.h>

#include "daxguard.h"

/* Mapped and shared with the programs, for state_unmap(); NULL with errno. */
struct daxguard_state *state_map(void);
void state_unmap(struct daxguard_state *state);

/* Is this build of the programs loaded, with these hooks (enum daxguard_hooks)? */
bool state_is_current(__u32 hooks);

/* Has another build finished its load, and none since? */
bool state_is_other_build(void);

/* Has a load of any build come to its end? */
bool state_is_signed(void);

/* From here on the programs know that those of these layers are there.  Returns 0 or a negative
 * errno. */
int state_set_hooks(__u32 hooks);

/* From here on this build calls itself loaded.  Returns 0 or a negative errno. */
int state_sign(__u32 hooks);

#endif
