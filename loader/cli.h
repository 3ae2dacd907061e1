/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: exit statuses, global options and the table of verbs. */
#ifndef DAXGUARD_CLI_H
#define DAXGUARD_CLI_H

#include <getopt.h>
#include <stdbool.h>

/* Exit statuses, a promise to scripts (see daxguard(8)). */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_LACKING = 3, /* the kernel or machine lacks something */
	EXIT_HELD = 4, /* someone else holds the device */
	EXIT_ROLLED_BACK = 5,
	EXIT_NOT_AS_ASKED = 6,
};

/* Set once from the global options, before a verb runs. */
struct options {
	bool json;
	bool verbose;
};

extern struct options opts;

extern const char daxguard_version[];

struct verb {
	const char *name;
	const char *usage; /* what follows the name */
	const char *what; /* one line of help */
	/* argv[0] is the verb; returns an exit status */
	int (*run)(int argc, char **argv);
	const char *help; /* its options, a line each, or NULL */
};

/* Ends with an entry of NULLs. */
extern const struct verb verbs[];

const struct verb *find_verb(const char *name);

/*
 * The next option of the verb that runs: a value of LONGS (ends with {}; may be
 * NULL) or of SHORTS (getopt's spelling, starts with "+" where what follows the
 * first operand is not ours), OPTIONS_END when argv[optind] is the first operand.
 * Takes the global options itself.  Anything unknown, --help and --version leave
 * the program: parse before holding anything.
 */
#define OPTIONS_END (-1)
int next_option(int argc, char **argv, const char *shorts, const struct option *longs);

/*
 * After the options: 0 where between MIN and MAX operands are left (MAX -1: any
 * number), else EXIT_USAGE after having said so.
 */
int need_operands(int argc, char **argv, int min, int max);

/* Whether -j or --json is among the words before "--": decides how errors look. */
bool asks_json(char *const *argv);

int verb_load(int argc, char **argv);
int verb_unload(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_events(int argc, char **argv);
int verb_policy(int argc, char **argv);
int verb_allow(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_begin(int argc, char **argv);
int verb_end(int argc, char **argv);
int verb_release(int argc, char **argv);
int verb_online(int argc, char **argv);
int verb_offline(int argc, char **argv);
int verb_unplug(int argc, char **argv);
int verb_plug(int argc, char **argv);

#endif
