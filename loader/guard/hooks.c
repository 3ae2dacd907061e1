// SPDX-License-Identifier: GPL-2.0-only
/* Finding the refusal point under the lock: the module's, or a patched kernel's. */
#include "guard/hooks.h"

#include <bpf/bpf.h>
#include <string.h>
#include <unistd.h>

#include "guard/check.h"
#include "cli.h"
#include "daxguard.h"
#include "module.h"
#include "guard/pins.h"
#include "show/report.h"
#include "guard/skeleton.h"

#define MODULE "daxguard_hook"
#define MODULE_BTF "/sys/kernel/btf/" MODULE
#define MODULE_DIR "/sys/module/" MODULE

bool hooks_module_loaded(void)
{
	return !access(MODULE_BTF, R_OK);
}

static bool is_builtin_hook(const struct bpf_program *prog)
{
	return !strncmp(bpf_program__section_name(prog), "fmod_ret/memory_subsys_", 23);
}

/*
 * Does this kernel let a program answer memory_subsys_online()?  Only one with our
 * patch does, and only trying tells: the list of such functions is not in BTF.
 */
static bool builtin_there(void)
{
	struct daxguard_bpf *skel = daxguard_bpf__open();
	struct bpf_program *prog;
	bool there;

	if (!skel)
		return false;
	bpf_object__for_each_program (prog, skel->obj)
		bpf_program__set_autoload(prog, is_builtin_hook(prog));
	there = !daxguard_bpf__load(skel);
	daxguard_bpf__destroy(skel);
	/* that it failed is an answer, not news */
	libbpf_log_forget();
	return there;
}

static __u32 find_kernel_hook(char words[MODULE_WORDS])
{
	*words = 0;
	if (builtin_there())
		return DAXGUARD_HOOKS_BUILTIN;
	if (!hooks_module_loaded() && access(MODULE_DIR, F_OK))
		load_module(MODULE, words);
	return hooks_module_loaded() ? DAXGUARD_HOOKS_MODULE : 0;
}

static int no_kernel_hook(const char *words)
{
	char missing[CHECK_LEN];

	/* what lacks for everything hides the patched kernel's refusal point, too */
	if (check_first_missing(missing))
		return fail(EXIT_LACKING, "%s", missing);
	if (!access(MODULE_DIR, F_OK))
		return fail(EXIT_LACKING, "the module '" MODULE "' has no BTF ('" MODULE_BTF
					  "' is missing): build it again as its README says");
	return fail(EXIT_LACKING,
		    "this kernel has no refusal point and the module '" MODULE
		    "' is not loaded%s: install the module (kernel/module), or use --hooks=lsm",
		    words);
}

int hooks_resolve(enum hooks_wanted wanted, __u32 *hooks)
{
	char words[MODULE_WORDS];
	__u32 kernel = wanted == HOOKS_LSM ? 0 : find_kernel_hook(words);

	if (!kernel && (wanted == HOOKS_KERNEL || wanted == HOOKS_BOTH))
		return no_kernel_hook(words);
	*hooks = kernel;
	if (!kernel || wanted == HOOKS_BOTH)
		*hooks |= DAXGUARD_HOOKS_LSM;
	return 0;
}

bool hooks_have_prog(__u32 hooks, const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	if (!strcmp(section, "lsm/file_permission"))
		return hooks & DAXGUARD_HOOKS_LSM;
	if (is_builtin_hook(prog))
		return hooks & DAXGUARD_HOOKS_BUILTIN;
	if (strstr(section, "_zone"))
		return hooks & DAXGUARD_HOOKS_ZONE;
	if (!strncmp(section, "fmod_ret/", 9))
		return hooks & DAXGUARD_HOOKS_MODULE;
	return true;
}

bool hooks_have_lsm(__u32 hooks)
{
	return hooks & DAXGUARD_HOOKS_LSM;
}

const char *hooks_kernel_name(__u32 hooks)
{
	if (hooks & DAXGUARD_HOOKS_BUILTIN)
		return "builtin";
	return hooks & DAXGUARD_HOOKS_MODULE ? "module" : "none";
}

__u32 hooks_pinned(void)
{
	struct daxguard_state state;
	__u32 key = 0;
	int fd = pins_map("state");
	int err;

	if (fd < 0)
		return 0;
	err = bpf_map_lookup_elem(fd, &key, &state);
	close(fd);
	return err ? 0 : state.hooks;
}

const char *hooks_news(__u32 hooks)
{
	if (hooks & DAXGUARD_HOOKS_BUILTIN)
		return NULL;
	if (hooks & DAXGUARD_HOOKS_MODULE && !hooks_module_loaded())
		return "the module '" MODULE "' is gone since the load, block writes are "
		       "not refused: load it and run 'daxguard load'";
	if (!(hooks & DAXGUARD_HOOKS_MODULE) && hooks_module_loaded())
		return "the module '" MODULE "' is there but not in use: run 'daxguard load' "
		       "to decide under the kernel's lock";
	return NULL;
}
