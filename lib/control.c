// SPDX-License-Identifier: LGPL-2.1-or-later
/* Claiming, ending and looking at transitions through the pinned programs. */
#include "control.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pinned.h"

int device_key(struct daxguard_name *key, const char *text, bool any)
{
	int used = -1;
	size_t len = strlen(text);

	memset(key, 0, sizeof(*key));
	if (len >= sizeof(key->name))
		return -EINVAL;
	if (any && !strcmp(text, DAXGUARD_ANY)) {
		memcpy(key->name, text, len);
		return 0;
	}
	/* digits only: scanf alone would take signs and blanks */
	if (strspn(text + (len < 3 ? len : 3), "0123456789.") + 3 != len)
		return -EINVAL;
	if (sscanf(text, "dax%*u.%*u%n", &used) < 0 || used < 0 || (size_t)used != len)
		return -EINVAL;
	memcpy(key->name, text, len);
	return 0;
}

int control(struct daxguard_ctl *ctl)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = ctl, .ctx_size_in = sizeof(*ctl));
	int fd = pins_prog("daxguard_ctl");
	int err = 0;

	if (fd < 0)
		return fd;
	if (bpf_prog_test_run_opts(fd, &run))
		err = -errno;
	close(fd);
	return err ? err : ctl->result;
}

/* The number that the guard knows this thread by, 0 where it cannot be asked. */
static __u32 host_tid(void)
{
	struct daxguard_ctl who = { .cmd = DAXGUARD_CMD_WHO };

	return control(&who) ? 0 : who.named_pid;
}

static int read_all(int iter)
{
	char none[64];
	ssize_t n;

	while ((n = read(iter, none, sizeof(none))) != 0)
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
	return 0;
}

static int ask_as(int map, __u32 tid, struct daxguard_request *req)
{
	int iter, err;

	if (bpf_map_update_elem(map, &tid, req, BPF_ANY))
		return -errno;
	iter = pins_iter("daxguard_iter_task");
	err = iter < 0 ? iter : read_all(iter);
	if (!err && bpf_map_lookup_elem(map, &tid, req))
		err = -errno;
	if (iter >= 0)
		close(iter);
	bpf_map_delete_elem(map, &tid);
	return err;
}

int control_ask(struct daxguard_request *req)
{
	__u32 tid = host_tid();
	int map, err;

	if (!tid)
		return -ENOENT;
	map = pins_map("requests");
	if (map < 0)
		return map;
	err = ask_as(map, tid, req);
	close(map);
	return err;
}

void control_sweep(void)
{
	struct daxguard_ctl ctl = { .cmd = DAXGUARD_CMD_EXPIRE };

	(void)control(&ctl);
}

const char *kind_name(__u32 kind)
{
	switch (kind) {
	case DAXGUARD_KIND_DECLARED:
		return "declared";
	case DAXGUARD_KIND_STATE:
		return "state";
	case DAXGUARD_KIND_HOTPLUG:
		return "hotplug";
	case DAXGUARD_KIND_UNBIND:
		return "unbind";
	case DAXGUARD_KIND_BIND:
		return "bind";
	case DAXGUARD_KIND_ADOPTED:
		return "adopted";
	default:
		return "none";
	}
}
