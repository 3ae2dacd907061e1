// SPDX-License-Identifier: GPL-2.0-only
/* The verb deny: until told to go, one memory block answers EPROTO to online, or to offline. */
#include <string.h>

#include "deny.skel.h"
#include "dgprobe.h"

int verb_deny(int argc, char **argv)
{
	struct deny_bpf *skel = deny_bpf__open();

	(void)argc;
	if (!skel)
		cannot("open the program");
	skel->rodata->denied_block = to_number(argv[1]);
	skel->rodata->deny_online = !strcmp(argv[2], "online");
	if (deny_bpf__load(skel) || deny_bpf__attach(skel))
		cannot("attach to memory_subsys_%s: this kernel has no such refusal point",
		       argv[2]);
	say_ready(argv[3]);
	wait_for_go(argv[3]);
	deny_bpf__destroy(skel);
	return 0;
}
