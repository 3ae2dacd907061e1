// SPDX-License-Identifier: GPL-2.0-only
/* The verb fail-nth: one write; its Nth allocation fails, by the kernel's fault injection. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dgprobe.h"

#define NTH "/proc/thread-self/fail-nth"

/* What is left to count down: 0 when the fault has come. */
static bool has_failed(int nth)
{
	char left[16] = "";

	if (pread(nth, left, sizeof(left) - 1, 0) <= 0)
		cannot("read " NTH ": %m");
	left[strcspn(left, "\n")] = 0;
	return !to_number(left);
}

int verb_fail_nth(int argc, char **argv)
{
	struct attempt at = { .method = find_method("write"),
			      .file = argv[2],
			      .word = argv[3],
			      .len = strlen(argv[3]) };
	int nth = open(NTH, O_RDWR | O_CLOEXEC), err;
	bool failed;
	ssize_t ret;

	(void)argc;
	if (nth < 0)
		cannot("open " NTH ": %m; this takes CONFIG_FAULT_INJECTION");
	err = at.method->prepare(&at);
	if (err)
		return verdict(&at, err);
	/* from here to the look at what is left nothing but the write may allocate */
	if (pwrite(nth, argv[1], strlen(argv[1]), 0) < 0)
		cannot("write %s to " NTH ": %m", argv[1]);
	ret = at.method->put(&at);
	failed = has_failed(nth);
	/* what is left would hit the next best */
	if (pwrite(nth, "0", 1, 0) < 0)
		cannot("write 0 to " NTH ": %m");
	puts(failed ? "failed" : "not reached");
	return verdict(&at, ret);
}
