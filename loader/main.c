/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard: finds the verb and runs it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "show/knob_table.h"
#include "show/name_table.h"
#include "show/report.h"

/*
 * A descriptor of a map must never become stdout.  What is closed stays unusable
 * the way it was: reading from 0 fails, and so does writing to 1 and 2.
 */
static int fill_standard_fds(void)
{
	int fd, flags;

	for (fd = 0; fd <= 2; fd++) {
		flags = fd ? O_RDONLY : O_WRONLY;
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags) != fd)
			return -errno;
	}
	return 0;
}

static int list_verbs(void)
{
	const struct verb *verb;

	for (verb = verbs; verb->name; verb++)
		puts(verb->name);
	return EXIT_DONE;
}

static int no_verb(void)
{
	return fail(EXIT_USAGE, "no verb was given: see 'daxguard --help'");
}

static int unknown_verb(const char *name)
{
	return fail(EXIT_USAGE, "the verb '%s' is unknown: see 'daxguard --help'", name);
}

/* Of the verb that WORDS names, else of daxguard itself, which has options alone. */
static int list_of(char **words, void (*list)(const struct verb *verb))
{
	const struct verb *verb = words[0] ? find_verb(words[0]) : NULL;

	if (words[0] && !verb)
		return unknown_verb(words[0]);
	if (verb && words[1])
		return fail(EXIT_USAGE, "'%s' is one argument too many: see 'daxguard --help'",
			    words[1]);
	if (!verb && list != list_opts)
		return no_verb();
	list(verb);
	return EXIT_DONE;
}

static int run_verb(int argc, char **argv)
{
	const struct verb *verb;

	if (!argc)
		return no_verb();
	verb = find_verb(argv[0]);
	if (!verb)
		return unknown_verb(argv[0]);
	optind = 0; /* glibc: start over, with another argv */
	return verb->run(argc, argv);
}

int main(int argc, char **argv)
{
	int option;

	if (!argc || fill_standard_fds())
		return EXIT_FAILED;
	opts.json = asks_json(argv);
	libbpf_log_collect();
	option = next_leading_option(argc, argv, main_opts);
	if (option == OPT_LIST_VERBS)
		return report_close(list_verbs());
	if (option == OPT_LIST_KNOBS) {
		knobs_print();
		return report_close(EXIT_DONE);
	}
	if (option == OPT_LIST_DEVICES) {
		names_print();
		return report_close(EXIT_DONE);
	}
	if (option == OPT_LIST_OPTS)
		return report_close(list_of(argv + optind, list_opts));
	if (option == OPT_LIST_OPERANDS)
		return report_close(list_of(argv + optind, list_operands));
	return report_close(run_verb(argc - optind, argv + optind));
}
