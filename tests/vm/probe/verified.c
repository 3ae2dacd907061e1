// SPDX-License-Identifier: GPL-2.0-only
/* The verb verified: how many instructions the kernel followed to accept programs of a name. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "dgprobe.h"

int verb_verified(int argc, char **argv)
{
	unsigned long long sum = 0;
	__u32 id = 0;

	(void)argc;
	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue; /* it is gone meanwhile */
		if (bpf_obj_get_info_by_fd(fd, &info, &size))
			cannot("ask about program %u: %m", id);
		close(fd);
		if (!strncmp(info.name, argv[1], strlen(argv[1])))
			sum += info.verified_insns;
	}
	printf("verified %llu\n", sum);
	return 0;
}
