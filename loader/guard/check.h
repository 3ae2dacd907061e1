/* SPDX-License-Identifier: GPL-2.0-only */
/* What a machine needs for the guard to be loaded: what is missing, and the remedy. */
#ifndef DAXGUARD_CHECK_H
#define DAXGUARD_CHECK_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* A finding's text with its zero. */
#define CHECK_LEN 1024

enum finding {
	OK,
	MISSING,
	WARNING,
	UNKNOWN, /* what would tell it cannot be read */
};

struct checks {
	/* called for each finding; TEXT is fit to be shown */
	void (*found)(struct checks *c, enum finding finding, const char *what,
		      const char *text);
	void *context;
	size_t missing; /* findings of that kind before this one */
};

/* A requirement. */
struct need {
	const char *name; /* in the output of `check` */
	enum finding unmet; /* MISSING, or WARNING where the guard can be loaded without it */
	const char *remedy; /* what helps where it is not met, NULL: look() says that */
	/* tells by the functions below what it finds, also nothing where it is met */
	void (*look)(const struct need *need, struct checks *c);
};

/* It is met. */
__attribute__((format(printf, 3, 4))) void met(const struct need *need, struct checks *c,
					       const char *fmt, ...);

/* It is not: a sentence without an end, REMEDY where another one helps than usual, or NULL. */
__attribute__((format(printf, 4, 5))) void unmet(const struct need *need, struct checks *c,
						 const char *remedy, const char *fmt, ...);

/* That cannot be told: why not, and what helps against that. */
__attribute__((format(printf, 4, 5))) void untold(const struct need *need, struct checks *c,
						  const char *remedy, const char *fmt, ...);

/* Look at each of them, which end with an entry of NULLs. */
void check_needs(struct checks *c, const struct need *needs);

/* One finding about WHAT: a sentence, with the remedy where it is not OK. */
__attribute__((format(printf, 4, 5))) void note(struct checks *c, enum finding finding,
						const char *what, const char *fmt, ...);

/* The first line of a file, without its end.  Returns 0 or a negative errno. */
int read_line(const char *path, char *buf, size_t size);

/* All that loading needs; not whether the guard is loaded. */
extern const struct need machine_needs[];
void check_machine(struct checks *c);

/*
 * Why the guard cannot be loaded here: the first thing that is missing, in the words of
 * daxguard check.  False where nothing known is missing.
 */
bool check_first_missing(char text[CHECK_LEN]);

/* The pure parts, for the unit test. */

/* Is WORD one of the words of LIST, which commas separate? */
bool list_has(const char *list, const char *word);

/*
 * What a program in SECTION ("lsm/file_open") attaches to, as BTF has it: the name
 * in NAME ("bpf_lsm_file_open") and BTF_KIND_FUNC, or BTF_KIND_TYPEDEF of a
 * tracepoint.  Negative for a section that needs nothing of vmlinux.
 */
int hook_of_section(const char *section, char *name, size_t size);

/* Is RELEASE ("6.12.107+deb12-amd64") at least MAJOR.MINOR?  Negative: no release. */
int release_at_least(const char *release, unsigned int major, unsigned int minor);

#endif
