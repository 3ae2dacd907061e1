// SPDX-License-Identifier: GPL-2.0-only
/* dgprobe: the writers, good and bad, that the VM tests set on daxguard; this file is its table
 * of verbs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "dgprobe.h"

struct verb {
	const char *name;
	int least; /* arguments after the name */
	int most; /* -1: any number */
	int (*run)(int argc, char **argv);
	const char *usage;
};

static const struct verb verbs[] = {
	{ "attempt", 3, 3, verb_attempt, "METHOD FILE WORD" },
	{ "attempt-held", 4, 4, verb_attempt_held, "METHOD FILE WORD GOFILE" },
	{ "slow", 4, 4, verb_slow, "uffd|uffd-METHOD|splice|sendfile|mutex FILE WORD GOFILE" },
	{ "rivals", 3, -1, verb_rivals, "N WORD FILE..." },
	{ "mayflies", 3, 3, verb_mayflies, "N FILE WORD" },
	{ "late", 5, 5, verb_late, "ROUNDS uffd|splice|sendfile|write DEV FILE WORD" },
	{ "veto", 5, 5, verb_veto, "ROUNDS FILE WORD FILE WORD" },
	{ "tree", 3, 3, verb_tree,
	  "child|grandchild|orphan|double-orphan|thread|exec-thread FILE WORD" },
	{ "begin-storm", 2, 3, verb_begin_storm, "N DEV [DAXGUARD]" },
	{ "pin", 2, -1, verb_pin, "GOFILE MEMORY-BLOCK-DIRECTORY..." },
	{ "deny", 3, 3, verb_deny, "BLOCK online|offline|kernel|movable GOFILE" },
	{ "agent", 1, 1, verb_agent, "SOCKET" },
	{ "ask", 1, -1, verb_ask, "SOCKET [COMMAND...]" },
	{ "pass", 2, 2, verb_pass, "SOCKET FILE" },
	{ "receive", 2, 2, verb_receive, "SOCKET WORD" },
	{ "json", 1, -1, verb_json, "[-t] FIELD..." },
	{ "as-uid", 2, -1, verb_as_uid, "UID COMMAND..." },
	{ "thread-exec", 1, -1, verb_thread_exec, "COMMAND..." },
	{ "leaderless", 1, 1, verb_leaderless, "GOFILE" },
	{ "kill-at", 2, -1, verb_kill_at, "N COMMAND..." },
	{ "tty", 1, -1, verb_tty, "[--interrupt GOFILE] COMMAND [ARG...]" },
	{ "screen", 4, -1, verb_screen, "80x24 ORDERS-FIFO FILE COMMAND [ARG...]" },
	{ "insist", 2, 2, verb_insist, "FILE WORD" },
	{ "flippers", 3, -1, verb_flippers, "N SEED FILE..." },
	{ "drop-link", 1, 1, verb_drop_link, "PIN" },
	{ "keep-link", 2, 2, verb_keep_link, "PIN GOFILE" },
	{ "verified", 1, 1, verb_verified, "PREFIX" },
	{ "failed-fork", 1, 1, verb_failed_fork, "GOFILE" },
	{ "killed-owners", 3, 3, verb_killed_owners, "N DEV FILE" },
	{ "bind-storm", 2, -1, verb_bind_storm, "ROUNDS DEV=FILE..." },
	{ "flock", 2, 2, verb_flock, "FILE GOFILE" },
	{ "delete-module", 2, 2, verb_delete_module, "64|ia32|x32 NAME" },
	{ "fail-nth", 3, 3, verb_fail_nth, "N FILE WORD" },
	{ "upgrades", 4, 4, verb_upgrades, "PATH FILE FILE GOFILE" },
	{ "starts", 2, -1, verb_starts, "N PROGRAM [WORD...]" },
};

#define NR_VERBS ARRAY_SIZE(verbs)

static const struct method *const tables[] = {
	write_methods,	    pipe_methods, async_methods,
	descriptor_methods, path_methods, sector_methods,
};

const struct method *find_method(const char *name)
{
	const struct method *m;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (m = tables[i]; m->name; m++)
			if (!strcmp(m->name, name))
				return m;
	return NULL;
}

void usage(void)
{
	const struct method *m;
	size_t i;

	for (i = 0; i < NR_VERBS; i++)
		fprintf(stderr, "%s dgprobe %s %s\n", i ? "      " : "usage:", verbs[i].name,
			verbs[i].usage);
	fprintf(stderr, "METHOD:");
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (m = tables[i]; m->name; m++)
			fprintf(stderr, " %s", m->name);
	fprintf(stderr,
		"\nattempts exit 0: let through, 1: EBUSY, 2: not attempted, 3: other error\n");
	exit(NOT_ATTEMPTED);
}

int main(int argc, char **argv)
{
	const struct verb *v;

	if (argc < 2)
		usage();
	for (v = verbs; v < verbs + NR_VERBS; v++) {
		if (strcmp(v->name, argv[1]))
			continue;
		if (argc - 2 < v->least || (v->most >= 0 && argc - 2 > v->most))
			usage();
		return v->run(argc - 1, argv + 1);
	}
	usage();
}
