// SPDX-License-Identifier: GPL-2.0-only
/* Protections that this machine does not give although the guard can be loaded. */
#include "guard/protect.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "array.h"
#include "guard/check.h"
#include "daxguard.h"
#include "guard/hooks.h"

#define MODULE "daxguard_hook"
#define UNSEEN \
	"block writes that no LSM program sees (loop, nvmet, kernel threads) are not refused"

/* Is the module where modprobe would look for it? */
static bool module_installed(const char *release)
{
	static const char *const dirs[] = { "updates", "updates/dkms", "extra", "kernel/*",
					    "weak-updates" };
	char pattern[256];
	bool found = false;
	glob_t g;

	for (size_t i = 0; !found && i < ARRAY_SIZE(dirs); i++) {
		snprintf(pattern, sizeof(pattern), "/lib/modules/%.64s/%s/" MODULE ".ko*",
			 release, dirs[i]);
		found = !glob(pattern, GLOB_NOSORT, NULL, &g);
		globfree(&g);
	}
	return found;
}

static bool file_says(const char *path, const char *text)
{
	char line[256];

	return !read_line(path, line, sizeof(line)) && strstr(line, text);
}

/* Why the kernel would not let the module in; NULL where nothing is known against it. */
static const char *module_kept_out(void)
{
	if (file_says("/proc/sys/kernel/modules_disabled", "1"))
		return "'kernel.modules_disabled' is set: have it loaded before that, at boot";
	if (file_says("/sys/module/module/parameters/sig_enforce", "Y"))
		return "'module.sig_enforce' is set: sign it with a key that the kernel knows";
	if (file_says("/sys/kernel/security/lockdown", "[integrity]"))
		return "the lockdown level is 'integrity': sign it with a key that the kernel "
		       "knows";
	return NULL;
}

static void look_kernel_hook(const struct need *need, struct checks *c)
{
	const char *news = hooks_news(hooks_pinned());
	const char *why = module_kept_out();
	struct utsname name;
	char remedy[256];

	if (uname(&name))
		return;
	if (news) {
		unmet(need, c, NULL, "%s", news);
	} else if (hooks_pinned() & DAXGUARD_HOOKS_BUILTIN) {
		met(need, c, "the kernel has its own");
	} else if (hooks_module_loaded()) {
		met(need, c, "the module '" MODULE "' is there");
	} else if (!module_installed(name.release)) {
		snprintf(remedy, sizeof(remedy),
			 "install it (package 'daxguard-dkms' with 'linux-headers-%s', or "
			 "kernel/module)%s%s",
			 name.release, why ? ", but " : "", why ? why : "");
		unmet(need, c, remedy, "no module '" MODULE "': " UNSEEN);
	} else if (why) {
		unmet(need, c, NULL, "the module '" MODULE "' is not let in, " UNSEEN ", as %s",
		      why);
	} else {
		unmet(need, c, "run 'modprobe " MODULE "' and 'daxguard load'",
		      "the module '" MODULE "' is not loaded, " UNSEEN);
	}
}

/* As the scheduler says where debugfs is mounted, else as it was built and booted. */
static bool kernel_preempts(const struct utsname *name)
{
	char line[256];

	if (!read_line("/sys/kernel/debug/sched/preempt", line, sizeof(line)))
		return strstr(line, "(full)") || strstr(line, "(lazy)");
	if (file_says("/proc/cmdline", "preempt=full"))
		return true;
	return strstr(name->version, "PREEMPT") && !strstr(name->version, "PREEMPT_DYNAMIC");
}

static void look_left_out(const struct need *need, struct checks *c)
{
	struct utsname name;

	if (uname(&name))
		return;
	if (release_at_least(name.release, 6, 2) || !kernel_preempts(&name))
		met(need, c, "none is ever left out by the kernel");
	else
		unmet(need, c, NULL,
		      "Linux '%s' is older than 6.2 and preempts: where one task preempts "
		      "another in such a program it is not run",
		      name.release);
}

const struct need protections[] = {
	{ "kernel hook", WARNING, NULL, look_kernel_hook },
	{ "LSM programs", WARNING, "boot with 'preempt=voluntary'", look_left_out },
	{},
};

void check_protections(struct checks *c)
{
	check_needs(c, protections);
}

bool protection_lacking(char text[CHECK_LEN])
{
	const char *why = module_kept_out();
	struct utsname name;

	if (uname(&name))
		return false;
	if (!hooks_pinned() ||
	    hooks_pinned() & (DAXGUARD_HOOKS_MODULE | DAXGUARD_HOOKS_BUILTIN))
		return false;
	if (!why || !module_installed(name.release))
		return false;
	snprintf(text, CHECK_LEN, "the module '" MODULE "' is not let in, " UNSEEN ", as %s",
		 why);
	return true;
}
