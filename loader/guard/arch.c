// SPDX-License-Identifier: GPL-2.0-only
/* What the command has to know of architectures: which there are, and what one may lack. */
#include "guard/arch.h"

#include <bpf/btf.h>
#include <string.h>

#include "guard/check.h"

/* As uname(2) names those for which bpf/arch.h has the system calls and registers. */
static bool is_supported(const char *machine)
{
	return !strcmp(machine, "x86_64") || !strcmp(machine, "aarch64");
}

/* Where one architecture has both, the name says it as well ("aarch64_be"). */
void look_at_arch(const struct need *need, struct checks *c, const char *machine,
		  bool big_endian)
{
	size_t len = strlen(machine);

	if (big_endian || (len > 3 && !strcmp(machine + len - 3, "_be")))
		unmet(need, c, "use a little-endian system on x86_64 or aarch64",
		      "'%s' is big-endian, which daxguard is not made for", machine);
	else if (!is_supported(machine))
		unmet(need, c, NULL, "'%s' is not supported", machine);
	else
		met(need, c, "%s", machine);
}

/* What the kernel has wherever it can be told to call a program from a function. */
#define DIRECT_CALLS "register_ftrace_direct"

bool look_at_direct_calls(const struct need *need, struct checks *c, const struct btf *btf)
{
	if (btf__find_by_name_kind(btf, DIRECT_CALLS, BTF_KIND_FUNC) > 0)
		return true;
	unmet(need,
	      c, "use one with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y, which arm64 has since 6.4",
	      "this kernel has no '" DIRECT_CALLS
	      "', so no program can be attached to its functions");
	return false;
}
