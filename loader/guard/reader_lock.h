/* SPDX-License-Identifier: GPL-2.0-only */
/* One reader of the events at a time: an event that one of two takes, the other never sees. */
#ifndef DAXGUARD_READER_LOCK_H
#define DAXGUARD_READER_LOCK_H

/*
 * Take the lock without waiting.  Returns 0, with the descriptor in *LOCK for the caller
 * to close, which gives the lock back; or an exit status, having said why, and -1 there.
 */
int reader_lock(int *lock);

#endif
