/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: global options and the table of verbs. */
#ifndef DAXGUARD_CLI_H
#define DAXGUARD_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "option.h"
#include "show/output.h"

/* What next_option() returns for an option that has no letter. */
enum {
	OPT_HOOKS = 256,
	OPT_CONFIG,
	OPT_MODE,
	OPT_RELOAD,
	OPT_FALLBACK,
	OPT_SINCE,
	OPT_DEVICE,
	OPT_EVENT,
	OPT_ENFORCE,
	OPT_OWNER,
	OPT_TIMEOUT,
	OPT_DEADLINE,
	OPT_ZONE,
	OPT_BY_POLICY,
	OPT_WAIT,
	OPT_DRY_RUN,
	OPT_ALL,
	OPT_FORCE,
	OPT_TREE,
	OPT_ONCE,
	OPT_INTERVAL,
	OPT_SVG,
	OPT_HTML,
	OPT_TEXTFILE,
	OPT_JOURNAL,
	OPT_CURSOR_FILE,
	OPT_LIST_VERBS,
	OPT_LIST_OPTS,
	OPT_LIST_KNOBS,
	OPT_LIST_DEVICES,
	OPT_LIST_OPERANDS,
};

extern const char daxguard_version[];

struct verb {
	const char *name;
	const struct opt *opts; /* its own, or NULL */
	/* as the usage line has them; DEV is completed to a device */
	const char *operands;
	const char *what; /* one line of help */
	/* argv[0] is the verb; returns an exit status */
	int (*run)(int argc, char **argv);
	const char *notes; /* what --help has to say besides, or NULL */
	/* its KEY=VALUE words: fills WORD with the one of that number, false past the last */
	bool (*word)(size_t nr, struct opt *word);
};

/* Ends with an entry of NULLs. */
extern const struct verb verbs[];

const struct verb *find_verb(const char *name);

/* What works with every verb, and what only works without one. */
extern const struct opt global_opts[];
extern const struct opt main_opts[];

#define MAX_OPTS 24 /* of a verb, with the global ones and the end */

/*
 * Make one table of two, either of which may be NULL.  ALL has room for MAX_OPTS.
 * Returns how many there are without the end.
 */
size_t merge_opts(struct opt *all, const struct opt *first, const struct opt *second);

/*
 * The next option of the verb that runs: a key of OWN (may be NULL), or OPTIONS_END
 * when argv[optind] is the first operand.  Takes the global options itself.
 * Anything unknown, --help and --version leave the program: parse before holding
 * anything.
 */
#define OPTIONS_END (-1)
int next_option(int argc, char **argv, const struct opt *own);

/* The same where what follows the first operand is not ours. */
int next_leading_option(int argc, char **argv, const struct opt *own);

/* "daxguard VERB" with its options and operands, a line. */
void print_usage(const struct verb *verb);

void help_verb(const struct verb *verb);
void help_all(void);

/*
 * What may follow the verb, or daxguard itself where it is NULL, a line each for
 * programs: see opts_list().  Options have dashes, KEY=VALUE words a "=" only, and
 * what is neither says what to do.
 */
void list_opts(const struct verb *verb);

/*
 * The operands that the verb takes, a line for each way, for programs: as the usage line
 * has them, without options, brackets and quotes.
 */
void list_operands(const struct verb *verb);

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
int verb_who(int argc, char **argv);
int verb_top(int argc, char **argv);
int verb_timeline(int argc, char **argv);
int verb_metrics(int argc, char **argv);
int verb_policy(int argc, char **argv);
int verb_allow(int argc, char **argv);
int verb_controller(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_begin(int argc, char **argv);
int verb_end(int argc, char **argv);
int verb_release(int argc, char **argv);
int verb_online(int argc, char **argv);
int verb_offline(int argc, char **argv);
int verb_unplug(int argc, char **argv);
int verb_plug(int argc, char **argv);

extern const struct opt load_opts[];
extern const struct opt check_opts[];
extern const struct opt events_opts[];
extern const struct opt who_opts[];
extern const struct opt top_opts[];
extern const struct opt timeline_opts[];
extern const struct opt metrics_opts[];
extern const struct opt tree_opts[]; /* of list */
extern const struct opt run_opts[];
extern const struct opt begin_opts[];
extern const struct opt release_opts[];
extern const struct opt online_opts[];
extern const struct opt plug_opts[];
extern const struct opt change_opts[]; /* of offline and unplug */

#endif
