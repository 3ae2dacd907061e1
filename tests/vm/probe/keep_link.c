// SPDX-License-Identifier: GPL-2.0-only
/* The verb keep-link: has a pinned link open, whatever becomes of the pin, until it is let go. */
#include <bpf/bpf.h>

#include "dgprobe.h"

int verb_keep_link(int argc, char **argv)
{
	(void)argc;
	if (bpf_obj_get(argv[1]) < 0)
		cannot("open %s: %m", argv[1]);
	say_ready(argv[2]);
	wait_for_go(argv[2]);
	return 0;
}
