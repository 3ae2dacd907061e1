/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of dgprobe share: ways to write, exit statuses, waiting with a bound. */
#ifndef DGPROBE_H
#define DGPROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Exit statuses of every verb that attempts a write. */
enum {
	LET_THROUGH = 0,
	REFUSED = 1, /* EBUSY */
	NOT_ATTEMPTED = 2, /* the reason is on stderr */
	OTHER_ERROR = 3, /* its name is on stderr */
};

/* Everything that is waited for comes within this time, or the verb gives up. */
#define WAIT_MS 300000

/* One write to come: prepared, then put. */
struct attempt {
	const struct method *method;
	const char *file;
	const char *word; /* may lie in a page that is not there yet */
	size_t len;
	int fd; /* FILE, open for writing */
	int source; /* where the word comes from, for those without a buffer */
	void *extra; /* the method's own */
};

struct method {
	const char *name;
	/* All but the write itself.  Returns 0, or -EBUSY where that was refused. */
	int (*prepare)(struct attempt *at);
	/* The write.  Returns the number of bytes or a negative errno. */
	ssize_t (*put)(struct attempt *at);
	bool reads_word; /* put() has the kernel read the word from memory */
};

/* One table a file; each ends with an entry without a name. */
extern const struct method write_methods[];
extern const struct method pipe_methods[];
extern const struct method async_methods[];
extern const struct method descriptor_methods[];
extern const struct method path_methods[];
extern const struct method sector_methods[];

const struct method *find_method(const char *name);

/* attempt.c */
int open_target(struct attempt *at);
ssize_t put_plain(struct attempt *at);
int verdict(const struct attempt *at, ssize_t ret);
int attempt(const char *method, const char *file, const char *word);

/* util.c */
_Noreturn void cannot(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void usage(void);
long long now_ms(void);
bool wait_until(bool (*true_now)(void *arg), void *arg, int ms);
void say_ready(const char *gofile);
void wait_for_go(const char *gofile);
ssize_t read_text(const char *path, char *buf, size_t size);
pid_t fork_or_quit(void);
int exit_status_of(pid_t pid);
int to_number(const char *text);

/* sources.c */
int open_word_source(const char *word, const char *not_this);
int word_pipe(const char *word, size_t len);

/* fdpass.c */
int send_fds(int sock, const void *data, size_t len, const int *fds, int nr);
ssize_t recv_fds(int sock, void *data, size_t size, int *fds, int nr);

/* uffd.c: a page that is not there until it is filled in */
struct absent_page {
	int uffd;
	char *addr;
	size_t size;
};

void absent_page_make(struct absent_page *page);
void absent_page_await_fault(struct absent_page *page);
void absent_page_fill(struct absent_page *page, const char *text);

/* One verb a function: argv[0] is the verb, argc has been checked. */
int verb_attempt(int argc, char **argv);
int verb_attempt_held(int argc, char **argv);
int verb_slow(int argc, char **argv);
int verb_deny(int argc, char **argv);
int verb_rivals(int argc, char **argv);
int verb_insist(int argc, char **argv);
int verb_mayflies(int argc, char **argv);
int verb_late(int argc, char **argv);
int verb_veto(int argc, char **argv);
int verb_tree(int argc, char **argv);
int verb_begin_storm(int argc, char **argv);
int verb_pin(int argc, char **argv);
int verb_agent(int argc, char **argv);
int verb_ask(int argc, char **argv);
int verb_pass(int argc, char **argv);
int verb_receive(int argc, char **argv);
int verb_json(int argc, char **argv);
int verb_as_uid(int argc, char **argv);
int verb_thread_exec(int argc, char **argv);
int verb_leaderless(int argc, char **argv);
int verb_kill_at(int argc, char **argv);
int verb_tty(int argc, char **argv);
int verb_screen(int argc, char **argv);
int verb_flippers(int argc, char **argv);
int verb_fail_nth(int argc, char **argv);
int verb_flock(int argc, char **argv);
int verb_delete_module(int argc, char **argv);
int verb_drop_link(int argc, char **argv);
int verb_keep_link(int argc, char **argv);
int verb_verified(int argc, char **argv);
int verb_failed_fork(int argc, char **argv);
int verb_killed_owners(int argc, char **argv);
int verb_bind_storm(int argc, char **argv);
int verb_upgrades(int argc, char **argv);
int verb_starts(int argc, char **argv);

#endif
