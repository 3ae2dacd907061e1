// SPDX-License-Identifier: GPL-2.0-only
/* The pinned map "state": which build of the guard is loaded, and what is armed. */
#include "guard/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guard/pins.h"
#include "guard/skeleton.h"

/* FNV-1a over the object file: tells one build of the programs from another. */
static void build_id(char *out, size_t size)
{
	size_t len;
	const unsigned char *p = daxguard_bpf__elf_bytes(&len);
	__u64 hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3ULL;
	snprintf(out, size, "%016llx-%zu", (unsigned long long)hash, len);
}

struct daxguard_state *state_map(void)
{
	int fd = pins_map("state");
	void *at;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	at = mmap(NULL, sizeof(struct daxguard_state), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		  0);
	close(fd);
	return at == MAP_FAILED ? NULL : at;
}

void state_unmap(struct daxguard_state *state)
{
	munmap(state, sizeof(*state));
}

static bool is_ours(const struct daxguard_state *state)
{
	char build[sizeof(state->build)];

	build_id(build, sizeof(build));
	return state->abi == DAXGUARD_ABI && !strncmp(state->build, build, sizeof(build));
}

bool state_is_current(__u32 hooks)
{
	struct daxguard_state *state = state_map();
	bool same;

	if (!state)
		return false;
	same = is_ours(state) && state->hooks == hooks;
	state_unmap(state);
	return same;
}

bool state_is_other_build(void)
{
	struct daxguard_state *state = state_map();
	bool other;

	if (!state)
		return false;
	other = *state->build && !is_ours(state);
	state_unmap(state);
	return other;
}

bool state_is_signed(void)
{
	struct daxguard_state *state = state_map();
	bool is;

	if (!state)
		return false;
	is = *state->build;
	state_unmap(state);
	return is;
}

int state_set_hooks(__u32 hooks)
{
	struct daxguard_state *state = state_map();

	if (!state)
		return -errno;
	state->hooks = hooks;
	state_unmap(state);
	return 0;
}

int state_sign(__u32 hooks)
{
	struct daxguard_state *state = state_map();

	if (!state)
		return -errno;
	state->abi = DAXGUARD_ABI;
	state->hooks = hooks;
	build_id(state->build, sizeof(state->build));
	state_unmap(state);
	return 0;
}
