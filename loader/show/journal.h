/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages for systemd's journal, with fields to search by: journalctl DAXGUARD_DEVICE=dax0.0. */
#ifndef DAXGUARD_JOURNAL_H
#define DAXGUARD_JOURNAL_H

#include <linux/types.h>
#include <stdbool.h>

struct cgroups;
struct event_record;

/* Is stderr the journal, as in a unit? */
bool journal_is_stderr(void);

/* For who is asked to log there: 0, or an exit status after having said what lacks. */
int journal_need(void);

/*
 * Send a sentence of the command with its priority, and the exit status where it is an
 * error, else -1.  Returns 0 or a negative errno: -ENOSYS where libsystemd is not installed.
 */
int journal_sentence(int priority, int status, const char *sentence);

/* Send an event; its fields are those of `events -j`, in capitals.  The same returns. */
int journal_event(const struct event_record *e, __u64 seq, __u64 when,
		  const struct cgroups *cgroups);

/* That those from FIRST to LAST are lost.  The same returns. */
int journal_lost_events(__u64 first, __u64 last);

#endif
