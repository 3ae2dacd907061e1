// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An example of libdaxguard: take a device from the kernel, and give it back.
 *
 * usage: example unplug|plug DEVICE
 * cc example.c $(pkg-config --cflags --libs libdaxguard)
 */
#include <stdio.h>
#include <string.h>

#include <libdaxguard.h>

static void show(void *context, const struct daxguard_progress *p)
{
	(void)context;
	if (p->block >= 0)
		printf("%s %s: %zu of %zu: memory%d %s %s\n", p->verb, p->device, p->done,
		       p->total, p->block, p->block_state, p->block_zone);
}

int main(int argc, char **argv)
{
	struct daxguard *handle;
	int result;

	if (argc != 3) {
		fprintf(stderr, "usage: %s unplug|plug DEVICE\n", argv[0]);
		return DAXGUARD_RESULT_USAGE;
	}
	handle = daxguard_new();
	if (!handle) {
		perror("daxguard_new");
		return DAXGUARD_RESULT_FAILED;
	}
	daxguard_set_progress(handle, show, NULL);
	if (!strcmp(argv[1], "unplug"))
		result = daxguard_unplug(handle, argv[2]);
	else
		result = daxguard_plug(handle, argv[2], DAXGUARD_ZONE_AUTO);
	if (result)
		fprintf(stderr, "%s\n", daxguard_error(handle));
	daxguard_free(handle);
	return result;
}
