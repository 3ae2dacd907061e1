// SPDX-License-Identifier: LGPL-2.1-or-later
/* Process ids in a container: this namespace's and the host's. */
#include "pidns.h"

#include <stdio.h>
#include <string.h>

#include "control.h"
#include "process.h"

bool pidns_is_host(void)
{
	struct daxguard_ctl who = { .cmd = DAXGUARD_CMD_WHO };

	return control(&who) || !who.hold_ns;
}

/* In the host's namespace there is one number, and /proc has the name, if it is there. */
static bool on_host(struct pid_pair *pair, pid_t pid)
{
	pair->here = pid;
	pair->host = pid;
	process_name(pid, pair->comm, sizeof(pair->comm));
	return true;
}

static bool ask(struct pid_pair *pair, __u32 ask, pid_t here, __u32 host)
{
	struct daxguard_request req = { .ask = ask, .owner_pid = here, .host_pid = host };

	pair->here = here;
	pair->host = host;
	memset(pair->comm, 0, sizeof(pair->comm));
	if (control_ask(&req) || !req.owner_seen)
		return false;
	pair->here = req.owner_pid;
	pair->host = req.host_pid;
	memcpy(pair->comm, req.comm, sizeof(pair->comm));
	return true;
}

bool pidns_host(struct pid_pair *pair, pid_t here)
{
	return pidns_is_host() ? on_host(pair, here) : ask(pair, DAXGUARD_ASK_HOST, here, 0);
}

bool pidns_here(struct pid_pair *pair, __u32 host)
{
	return pidns_is_host() ? on_host(pair, host) : ask(pair, DAXGUARD_ASK_HERE, 0, host);
}

const char *pidns_text(char *buf, size_t size, __u32 host)
{
	struct pid_pair pair;

	if (pidns_is_host())
		snprintf(buf, size, "%u", host);
	else if (pidns_here(&pair, host))
		snprintf(buf, size, "%d", pair.here);
	else
		snprintf(buf, size, "%u of the host", host);
	return buf;
}
