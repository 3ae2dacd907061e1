/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of verbs, with what --help says about each besides its options. */
#include "cli.h"
#include "policy/allow.h"
#include "policy/policy.h"

#define WHOLE "DEV...|--all"

const struct verb verbs[] = {
	{ "load", load_opts, "", "Load the guard and pin it", .run = verb_load },
	{ "unload", NULL, "", "Take the guard away", .run = verb_unload },
	{ "status", NULL, "",
	  "Show whether the guard is loaded, what is held, and the counters",
	  .run = verb_status },
	{ "list", tree_opts, "[DEV...]", "Show dax devices and their memory blocks",
	  .run = verb_list },
	{ "check", check_opts, "", "Show what the machine lacks, and how to get it",
	  .run = verb_check },
	{ "events", events_opts, "", "Show who was refused, and what began and ended",
	  .run = verb_events },
	{ "who", who_opts, "", "Show which programs were refused, and how often",
	  .run = verb_who },
	{ "top", top_opts, "", "Show devices, blocks, holders and who is refused, live",
	  .run = verb_top, .notes = "The key '?' shows the others.\n" },
	{ "timeline", timeline_opts, "--svg|--html [DEV...]",
	  "Draw what has happened: blocks down, time across", .run = verb_timeline },
	{ "metrics", metrics_opts, "", "Show the guard and the devices for Prometheus",
	  .run = verb_metrics },
	{ "policy", NULL, "list | set DEV|'*' KEY=VALUE... | unset DEV|'*' | apply DEV...",
	  "Show and change what is refused", .run = verb_policy, .word = policy_word },
	{ "allow", NULL, "list | add WHO... | remove WHO...",
	  "Show and change who is never refused", .run = verb_allow,
	  .notes = "  WHO is exe=PATH, uid=NUMBER, uid=NAME or cgroup=PATH.\n",
	  .word = allow_word },
	{ "controller", NULL, "list | add exe=PATH... | remove exe=PATH...",
	  "Show and change whose run is a transition", .run = verb_controller,
	  .notes = "  exe=PATH is a program: what has that path when a process starts.\n",
	  .word = controller_word },
	{ "online", online_opts, WHOLE, "Bring a whole device online, all or nothing",
	  .run = verb_online },
	{ "offline", change_opts, WHOLE, "Take a whole device offline, all or nothing",
	  .run = verb_offline },
	{ "unplug", change_opts, WHOLE, "Take a whole device offline and from kmem",
	  .run = verb_unplug },
	{ "plug", plug_opts, WHOLE, "Bind a device to kmem and bring it online",
	  .run = verb_plug },
	{ "run", run_opts, "DEV -- COMMAND...", "Hold a device while a command runs",
	  .run = verb_run },
	{ "begin", begin_opts, "DEV", "Begin a declared transition", .run = verb_begin },
	{ "end", NULL, "DEV", "End a declared transition, by its owner", .run = verb_end },
	{ "release", release_opts, "--force DEV", "End someone else's transition",
	  .run = verb_release },
	{},
};
