/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of verbs, with what --help says about each. */
#include <stddef.h>

#include "cli.h"

#define TIMES                                                                         \
	"  --timeout=S   wait at most S seconds for writes under way (default: 10)\n" \
	"  --deadline=S  give it up by itself after S seconds\n"

#define CHANGE                                                                         \
	"  --timeout=S  try a busy block again for at most S seconds (default: 60)\n"  \
	"  --wait       wait for a device that someone else holds\n"                   \
	"  --dry-run    only say what would change, and which blocks look unmovable\n" \
	"  --all        every device that it concerns\n"

#define ZONE                                                                                 \
	"  --zone=ZONE  movable, kernel, or auto (default): movable, unless the device is\n" \
	"               wholly online in the kernel's zones already\n"

const struct verb verbs[] = {
	{ "load", "[--hooks=auto|kernel|lsm|both] [--config=FILE] [--mode=audit|enforce]",
	  "Load the guard and pin it", verb_load,
	  "  --hooks=WHICH  where to decide (default: auto, the kernel hook if there is one)\n"
	  "  --config=FILE  read FILE in place of /etc/daxguard\n"
	  "  --mode=MODE    the mode of every device without a policy of its own\n" },
	{ "unload", "", "Take the guard away", verb_unload, NULL },
	{ "status", "", "Show whether the guard is loaded, what is held, and the counters",
	  verb_status, NULL },
	{ "list", "[DEV...]", "Show dax devices and their memory blocks", verb_list, NULL },
	{ "check", "", "Show what the machine lacks, and how to get it", verb_check, NULL },
	{ "events", "[--follow] [--since=WHEN]",
	  "Show who was refused, and what began and ended", verb_events,
	  "  -f, --follow   go on with what happens from now on\n"
	  "  --since=WHEN   only from WHEN: 2026-01-31T12:00:00Z, @1769860800 or -10m\n"
	  "Reading takes the events out: there is one reader at a time.\n" },
	{ "policy", "list | set DEV|'*' KEY=VALUE... | unset DEV|'*'",
	  "Show and change what is refused", verb_policy,
	  "  mode=off|audit|enforce   let through, only count and report, or refuse\n"
	  "  scope=transition|always  while the device changes, or at any time\n"
	  "  unbind=refuse|allow      unbinding while a block is online\n"
	  "  bind=hold|free           hold the device while it is being bound\n"
	  "  auto_online=refuse|allow changes of auto_online_blocks while anything is held\n"
	  "  mapping=refuse|allow     changes of mapping, size and align while bound\n"
	  "  max_hold=SECONDS         longest hold, 0 for none\n" },
	{ "allow", "list | add WHO... | remove WHO...", "Show and change who is never refused",
	  verb_allow, "  WHO is exe=PATH, uid=NUMBER, uid=NAME or cgroup=PATH.\n" },
	{ "online", "[--zone=movable|kernel|auto] [OPTION...] DEV...|--all",
	  "Bring a whole device online, all or nothing", verb_online, ZONE CHANGE },
	{ "offline", "[OPTION...] DEV...|--all", "Take a whole device offline, all or nothing",
	  verb_offline, CHANGE },
	{ "unplug", "[OPTION...] DEV...|--all", "Take a whole device offline and from kmem",
	  verb_unplug, CHANGE },
	{ "plug", "[--zone=movable|kernel|auto] [OPTION...] DEV...|--all",
	  "Bind a device to kmem and bring it online", verb_plug, ZONE CHANGE },
	{ "run", "[--timeout=S] [--deadline=S] DEV -- COMMAND...",
	  "Hold a device while a command runs", verb_run, TIMES },
	{ "begin", "[--owner=PID] [--timeout=S] [--deadline=S] DEV",
	  "Begin a declared transition", verb_begin,
	  "  --owner=PID   who may change DEV (default: the caller of daxguard)\n" TIMES },
	{ "end", "DEV", "End a declared transition, by its owner", verb_end, NULL },
	{ "release", "--force DEV", "End someone else's transition", verb_release,
	  "  --force  needed: the owner is not asked\n" },
	{},
};
