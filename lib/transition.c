// SPDX-License-Identifier: LGPL-2.1-or-later
/* Declared transitions: claim, drain, hand over. */
#include "transition.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "model.h"
#include "pidns.h"
#include "text.h"

/* Writers are looked at again after this, doubling up to the second. */
#define POLL_FIRST_MS 1
#define POLL_LAST_MS 50

/* Marking a tree that keeps forking ends after as many looks. */
#define MARK_ROUNDS 16

int transition_name(struct hold *h, const char *text, struct why *why)
{
	char path[64];

	if (device_key(&h->name, text, false))
		return set_why(
			why, DAXGUARD_RESULT_USAGE,
			"'%s' is not the name of a dax device: use a name like 'dax0.0', "
			"see 'daxguard list'",
			text);
	snprintf(path, sizeof(path), DAX_DEVICES "/%s", text);
	if (access(path, F_OK) && errno == ENOENT)
		return set_why(why, DAXGUARD_RESULT_FAILED,
			       "there is no dax device '%s': see 'daxguard list'", text);
	return 0;
}

static int say_held(const struct hold *h, const struct daxguard_transition *by, struct why *why)
{
	char comm[DAXGUARD_COMM_LEN * 2], pid[48];

	clean_text(comm, sizeof(comm), by->named_comm, sizeof(by->named_comm));
	pidns_text(pid, sizeof(pid), by->named_pid);
	if (by->owner_tid)
		return set_why(why, DAXGUARD_RESULT_HELD,
			       "'%s' is held by '%s' (pid %s, %s): wait until that is done",
			       h->name.name, comm, pid, kind_name(by->kind));
	if (transition_is_mine(h))
		return set_why(why, DAXGUARD_RESULT_HELD,
			       "'%s' is held by '%s' (pid %s), and so by this process: go on "
			       "without, or run 'daxguard end %s' first",
			       h->name.name, comm, pid, h->name.name);
	return set_why(why, DAXGUARD_RESULT_HELD,
		       "'%s' is held by '%s' (pid %s): wait for it, or run 'daxguard release "
		       "--force %s'",
		       h->name.name, comm, pid, h->name.name);
}

static int claim(struct hold *h, const struct pid_pair *owner, struct why *why)
{
	struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_CLAIM,
				    .name = h->name,
				    .hold_ns = h->deadline_s * 1e9 };
	int err;

	/* for those who are turned away before the owner has the device */
	ctl.named_pid = owner->host;
	memcpy(ctl.named_comm, owner->comm, sizeof(ctl.named_comm));
	do {
		err = control(&ctl);
	} while (err == -EAGAIN); /* the holder changed at that moment */
	h->state = ctl.state;
	h->holder = ctl.holder;
	if (err == -EBUSY)
		return say_held(h, &h->holder, why);
	if (err)
		return set_why(why, DAXGUARD_RESULT_FAILED,
			       "cannot take '%s' (%s): see 'daxguard status'", h->name.name,
			       strerror(-err));
	return 0;
}

/* A write under way, the one that WRITES names, outlasts the timeout. */
static int still_writing(const struct hold *h, const struct daxguard_ctl *writes,
			 struct why *why)
{
	char comm[DAXGUARD_COMM_LEN * 2], pid[48];

	set_why(why, DAXGUARD_RESULT_FAILED,
		"a write to '%s' by '%s' (pid %s) is still under way after %g s: end that "
		"program",
		h->name.name,
		clean_text(comm, sizeof(comm), writes->named_comm, sizeof(writes->named_comm)),
		pidns_text(pid, sizeof(pid), writes->named_pid), h->timeout_s);
	why->remedy = REMEDY_WRITER_TIME;
	return DAXGUARD_RESULT_FAILED;
}

static int taken_away(const struct hold *h, struct why *why)
{
	return set_why(
		why, DAXGUARD_RESULT_FAILED,
		"'%s' was taken away, or its deadline was over, before it could begin: see "
		"'daxguard events'",
		h->name.name);
}

/* Wait until no write that was let through before the claim is under way. */
static int drain(const struct hold *h, struct why *why)
{
	double until = now_s() + h->timeout_s;
	int wait_ms = POLL_FIRST_MS, none = 0;

	for (;;) {
		struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_WRITES, .name = h->name };
		int err = control(&ctl);

		if (err)
			return set_why(why, DAXGUARD_RESULT_FAILED,
				       "cannot see which writes to '%s' are under way "
				       "(%s): see 'daxguard check'",
				       h->name.name, strerror(-err));
		/* a look may miss an entry while others come and go: two do not */
		if (!ctl.state && none++)
			return 0;
		if (!ctl.state)
			continue;
		none = 0;
		if (!transition_is_there(h))
			return taken_away(h, why);
		if (h->stop && *h->stop)
			return set_why(why, DAXGUARD_RESULT_FAILED,
				       "waiting for writes to '%s' was interrupted: nothing "
				       "was changed",
				       h->name.name);
		if (now_s() >= until)
			return still_writing(h, &ctl, why);
		poll(NULL, 0, wait_ms);
		wait_ms = wait_ms * 2 > POLL_LAST_MS ? POLL_LAST_MS : wait_ms * 2;
	}
}

static int no_owner(const struct hold *h, struct why *why)
{
	set_why(why, DAXGUARD_RESULT_FAILED, "there is no process %d to hold '%s'", h->owner,
		h->name.name);
	why->remedy = REMEDY_RUNNING_OWNER;
	return DAXGUARD_RESULT_FAILED;
}

/* Hand the device to its owner and mark the processes below it. */
static int hand_over(const struct hold *h, struct why *why)
{
	struct daxguard_request req = { .ask = DAXGUARD_ASK_ADOPT,
					.owner_pid = h->owner,
					.name = h->name,
					.state = h->state };

	/* again until none is new: some were forked while we looked */
	for (int i = 0; i < MARK_ROUNDS; i++) {
		int err;

		req.marked = 0;
		err = control_ask(&req);
		if (err)
			return set_why(why, DAXGUARD_RESULT_FAILED,
				       "cannot hand '%s' over to pid %d (%s): see "
				       "'daxguard check'",
				       h->name.name, h->owner, strerror(-err));
		if (!req.owner_seen)
			return transition_is_there(h) ? no_owner(h, why) : taken_away(h, why);
		if (!req.marked)
			break;
	}
	return 0;
}

/* Who it is for.  Everything descends from the first process: nobody would be refused. */
static int find_owner(const struct hold *h, struct pid_pair *owner, struct why *why)
{
	bool found = h->owner > 0 && pidns_host(owner, h->owner);

	if (h->owner > 0 && !found)
		return no_owner(h, why);
	if (found && owner->host != 1)
		return 0;
	set_why(why, DAXGUARD_RESULT_FAILED, "process %d cannot hold '%s'", h->owner,
		h->name.name);
	why->remedy = REMEDY_OTHER_OWNER;
	return DAXGUARD_RESULT_FAILED;
}

int transition_begin(struct hold *h, struct why *why)
{
	struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_BEGUN };
	struct pid_pair owner;
	int status = find_owner(h, &owner, why);

	if (!status)
		status = claim(h, &owner, why);
	if (status)
		return status;
	status = drain(h, why);
	if (!status)
		status = hand_over(h, why);
	ctl.name = h->name;
	ctl.state = h->state;
	if (!status && control(&ctl))
		status = taken_away(h, why);
	if (status)
		(void)transition_end(h);
	return status;
}

bool transition_is_mine(const struct hold *h)
{
	struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_MINE, .name = h->name };

	return !control(&ctl);
}

bool transition_is_there(const struct hold *h)
{
	struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_MINE, .name = h->name };

	return control(&ctl) != -ENOENT;
}

void transition_unplugged(const struct hold *h)
{
	struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_UNPLUGGED, .name = h->name };

	(void)control(&ctl);
}

int transition_keep_offline(const struct hold *h, bool keep)
{
	struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_KEEP_OFFLINE,
				    .name = h->name,
				    .state = keep };

	return control(&ctl);
}

int transition_end(const struct hold *h)
{
	struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_END_EXACTLY,
				    .name = h->name,
				    .state = h->state };

	return control(&ctl);
}

static int end_named(const struct hold *h, __u32 cmd, struct why *why)
{
	struct daxguard_ctl ctl = { .cmd = cmd, .name = h->name };
	char comm[DAXGUARD_COMM_LEN * 2], pid[48];
	int err = control(&ctl);

	if (err == -ENOENT)
		return set_why(
			why, DAXGUARD_RESULT_FAILED,
			"'%s' is not held: its transition was ended, released or past its "
			"deadline, see 'daxguard events'",
			h->name.name);
	if (err == -EPERM)
		return set_why(why, DAXGUARD_RESULT_HELD,
			       "'%s' is held by '%s' (pid %s), not by this process or one "
			       "above it: use 'daxguard release --force %s'",
			       h->name.name,
			       clean_text(comm, sizeof(comm), ctl.holder.named_comm,
					  sizeof(ctl.holder.named_comm)),
			       pidns_text(pid, sizeof(pid), ctl.holder.named_pid),
			       h->name.name);
	if (err)
		return set_why(why, DAXGUARD_RESULT_FAILED, "cannot let go of '%s': %s",
			       h->name.name, strerror(-err));
	return 0;
}

int transition_end_owned(const struct hold *h, struct why *why)
{
	return end_named(h, DAXGUARD_CMD_END, why);
}

int transition_release(const struct hold *h, struct why *why)
{
	return end_named(h, DAXGUARD_CMD_RELEASE, why);
}
