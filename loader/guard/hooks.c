// SPDX-License-Identifier: GPL-2.0-only
/* Finding the refusal point under the lock: the module's, or a patched kernel's. */
#include "guard/hooks.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
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

#define MODULE_ZONE "security_daxguard_memory_zone"
#define BUILTIN_ZONE "memory_block_check_zone"

/* Programs that belong to some sets only: to those that have all of these. */
static const struct {
	const char *section;
	__u32 hooks;
} layers[] = {
	{ "lsm/file_permission", DAXGUARD_HOOKS_LSM },
	{ "fmod_ret/security_daxguard_memory_change", DAXGUARD_HOOKS_MODULE },
	{ "fmod_ret/" MODULE_ZONE, DAXGUARD_HOOKS_MODULE | DAXGUARD_HOOKS_ZONE },
	{ "fmod_ret/memory_subsys_online", DAXGUARD_HOOKS_BUILTIN },
	{ "fmod_ret/memory_subsys_offline", DAXGUARD_HOOKS_BUILTIN },
	{ "fmod_ret/" BUILTIN_ZONE, DAXGUARD_HOOKS_BUILTIN | DAXGUARD_HOOKS_ZONE },
};

/* What a set must have for this program; 0 for one of every set. */
static __u32 layer_of(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		if (!strcmp(section, layers[i].section))
			return layers[i].hooks;
	return 0;
}

/*
 * Does this kernel take the programs of that layer?  Only one with our patches lets a
 * program answer memory_subsys_online() or memory_block_check_zone(), and only trying
 * tells: the list of such functions is not in BTF.
 */
static bool kernel_takes(__u32 layer)
{
	struct daxguard_bpf *skel = daxguard_bpf__open();
	struct bpf_program *prog;
	bool there;

	if (!skel)
		return false;
	bpf_object__for_each_program (prog, skel->obj)
		bpf_program__set_autoload(prog, layer_of(prog) == layer);
	there = !daxguard_bpf__load(skel);
	daxguard_bpf__destroy(skel);
	/* that it failed is an answer, not news */
	libbpf_log_forget();
	return there;
}

/* Is there such a function?  MODULE is where to look beside the kernel itself, or NULL. */
static bool has_function(const char *module, const char *name)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	struct btf *split = module ? btf__load_module_btf(module, kernel) : NULL;
	const struct btf *btf = module ? split : kernel;
	bool there = btf && btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;

	btf__free(split);
	btf__free(kernel);
	return there;
}

static bool module_tells_zone(void)
{
	return has_function(MODULE, MODULE_ZONE);
}

/* An older patch, or an older module, knows no zones. */
static __u32 find_builtin(void)
{
	if (!kernel_takes(DAXGUARD_HOOKS_BUILTIN))
		return 0;
	if (!kernel_takes(DAXGUARD_HOOKS_BUILTIN | DAXGUARD_HOOKS_ZONE))
		return DAXGUARD_HOOKS_BUILTIN;
	return DAXGUARD_HOOKS_BUILTIN | DAXGUARD_HOOKS_ZONE;
}

static __u32 find_module(char words[MODULE_WORDS])
{
	if (!hooks_module_loaded() && access(MODULE_DIR, F_OK))
		load_module(MODULE, words);
	if (!hooks_module_loaded())
		return 0;
	return DAXGUARD_HOOKS_MODULE | (module_tells_zone() ? DAXGUARD_HOOKS_ZONE : 0);
}

static __u32 find_kernel_hook(char words[MODULE_WORDS])
{
	__u32 builtin = find_builtin();

	*words = 0;
	return builtin ? builtin : find_module(words);
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
	__u32 layer = layer_of(prog);

	return (hooks & layer) == layer;
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

/* Of a hook in use that is not asked for zones: is there no answer, or no question? */
static const char *no_zones(__u32 hooks)
{
	if (hooks & DAXGUARD_HOOKS_BUILTIN)
		return has_function(NULL, BUILTIN_ZONE)
			       ? "the kernel says which zone a block gets, but this guard does "
				 "not ask: run 'daxguard load'"
			       : "the kernel's patches are older than this daxguard and do not "
				 "say which zone a block gets: build the kernel with the newer "
				 "ones (kernel/patches)";
	return module_tells_zone()
		       ? "the module '" MODULE "' says which zone a block gets, but this guard "
			 "does not ask: run 'daxguard load'"
		       : "the module '" MODULE "' is older than this daxguard and does not say "
			 "which zone a block gets: build and load it again";
}

const char *hooks_news(__u32 hooks)
{
	bool module = hooks & DAXGUARD_HOOKS_MODULE;

	if (module && !hooks_module_loaded())
		return "the module '" MODULE "' is gone since the load, block writes are "
		       "not refused: load it and run 'daxguard load'";
	if (hooks & (DAXGUARD_HOOKS_BUILTIN | DAXGUARD_HOOKS_MODULE))
		return hooks & DAXGUARD_HOOKS_ZONE ? NULL : no_zones(hooks);
	if (hooks_module_loaded())
		return "the module '" MODULE "' is there but not in use: run 'daxguard load' "
		       "to decide under the kernel's lock";
	return NULL;
}
