// SPDX-License-Identifier: GPL-2.0-only
/* The verb deny: until told to go, one memory block answers an error to online, or to offline. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deny.skel.h"
#include "dgprobe.h"

static unsigned long long block_pages(void)
{
	char text[32];

	if (read_text("/sys/devices/system/memory/block_size_bytes", text, sizeof(text)) <= 0)
		cannot("read the size of a block");
	return strtoull(text, NULL, 16) / sysconf(_SC_PAGESIZE);
}

int verb_deny(int argc, char **argv)
{
	bool module = !access("/sys/kernel/btf/daxguard_hook", R_OK);
	struct deny_bpf *skel = deny_bpf__open();

	(void)argc;
	if (!skel)
		cannot("open the program");
	bpf_program__set_autoload(skel->progs.deny_memory_change, module);
	bpf_program__set_autoload(skel->progs.deny_memory_subsys_online, !module);
	bpf_program__set_autoload(skel->progs.deny_memory_subsys_offline, !module);
	skel->rodata->denied_block = to_number(argv[1]);
	skel->rodata->deny_online = !strcmp(argv[2], "online");
	skel->rodata->pages_per_block = block_pages();
	if (deny_bpf__load(skel) || deny_bpf__attach(skel))
		cannot("attach: this kernel has no refusal point");
	say_ready(argv[3]);
	wait_for_go(argv[3]);
	deny_bpf__destroy(skel);
	return 0;
}
