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

/* Run the task iterator over the machine with REQ, which comes back answered. */
int control_ask(struct daxguard_request *req)
{
	__u32 tid = gettid();
	int map = pins_map("requests");
	int iter = -1, err = 0;
	char none[64];

	if (map < 0)
		return map;
	if (bpf_map_update_elem(map, &tid, req, BPF_ANY)) {
		err = -errno;
		goto out;
	}
	iter = pins_iter("daxguard_iter_task");
	if (iter < 0) {
		err = iter;
		goto forget;
	}
	while ((err = read(iter, none, sizeof(none))) != 0) {
		if (err < 0 && errno != EAGAIN && errno != EINTR) {
			err = -errno;
			break;
		}
	}
	if (!err && bpf_map_lookup_elem(map, &tid, req))
		err = -errno;
	close(iter);
forget:
	bpf_map_delete_elem(map, &tid);
out:
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
	default:
		return "none";
	}
}
