// SPDX-License-Identifier: GPL-2.0-only
/* The verb deny: until told to go, one memory block answers an error to a step or a zone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deny.h"
#include "deny.skel.h"
#include "dgprobe.h"

static unsigned long long block_pages(void)
{
	char text[32];

	if (read_text("/sys/devices/system/memory/block_size_bytes", text, sizeof(text)) <= 0)
		cannot("read the size of a block");
	return strtoull(text, NULL, 16) / sysconf(_SC_PAGESIZE);
}

static enum denied denied_by(const char *word)
{
	static const char *const words[] = { [DENIED_ONLINE] = "online",
					     [DENIED_OFFLINE] = "offline",
					     [DENIED_KERNEL] = "kernel",
					     [DENIED_MOVABLE] = "movable" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(word, words[i]))
			return i;
	usage();
}

/* The programs for that refusal point.  An older one does not ask for zones. */
static void choose(struct deny_bpf *skel, bool module, bool zone)
{
	bpf_program__set_autoload(skel->progs.deny_memory_change, module);
	bpf_program__set_autoload(skel->progs.deny_memory_zone, module && zone);
	bpf_program__set_autoload(skel->progs.deny_memory_subsys_online, !module);
	bpf_program__set_autoload(skel->progs.deny_memory_subsys_offline, !module);
	bpf_program__set_autoload(skel->progs.deny_memory_block_check_zone, !module && zone);
}

int verb_deny(int argc, char **argv)
{
	bool module = !access("/sys/kernel/btf/daxguard_hook", R_OK);
	enum denied denied = denied_by(argv[2]);
	bool zone = denied == DENIED_KERNEL || denied == DENIED_MOVABLE;
	struct deny_bpf *skel = deny_bpf__open();

	(void)argc;
	if (!skel)
		cannot("open the program");
	choose(skel, module, zone);
	skel->rodata->denied_block = to_number(argv[1]);
	skel->rodata->denied = denied;
	skel->rodata->pages_per_block = block_pages();
	if (deny_bpf__load(skel) || deny_bpf__attach(skel))
		cannot("attach: this kernel has no refusal point");
	say_ready(argv[3]);
	wait_for_go(argv[3]);
	if (zone)
		printf("kernel %u movable %u\n", skel->bss->asked_kernel,
		       skel->bss->asked_movable);
	deny_bpf__destroy(skel);
	return 0;
}
