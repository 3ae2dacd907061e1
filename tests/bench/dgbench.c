// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions a system call takes, in a VM whose clock counts instructions
 * (-icount shift=0: one nanosecond each).  Prints one line "NAME COUNT" a call.
 *
 * usage: dgbench [--floor] [FILE]    FILE: state of a memory block that is online
 *        dgbench --exec              an exec alone
 *        dgbench --time COMMAND...   what the command takes, from fork to exit
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "floor.skel.h"

#define CALLS 1000
#define PROCESSES 8
#define ROUNDS 4
#define BLOCK_ROUNDS 9
#define EXECS 1000

/* A sysfs file that takes a "1", belongs to no device, and changes nothing. */
#define SYSFS_FILE "/sys/kernel/mm/ksm/pages_to_scan"

/* An ordinary one, in memory. */
#define FILE_NAME "/tmp/dgbench"

/* What is executed: it ends at once, without a library. */
#define PROGRAM "/usr/bin/dgtrue"

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void do_write(int fd)
{
	if (pwrite(fd, "1", 1, 0) != 1)
		abort();
}

static void do_read(int fd)
{
	char c;

	if (pread(fd, &c, 1, 0) != 1)
		abort();
}

static void do_open(int unused)
{
	int fd = open("/dev/null", O_WRONLY);

	(void)unused;
	if (fd < 0 || close(fd))
		abort();
}

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd >= 0)
		return fd;
	fprintf(stderr, "dgbench: cannot open '%s': %s\n", path, strerror(errno));
	exit(1);
}

/* The cheapest of some rounds: the others had a timer interrupt in them. */
static long long cheapest_round(const char *path, int flags, void (*call)(int))
{
	long long best = 1LL << 62, start, took;
	int fd = open_file(path, flags);

	/* the first read of a file makes its buffer */
	call(fd);
	for (int round = 0; round < ROUNDS; round++) {
		start = now_ns();
		for (int i = 0; i < CALLS; i++)
			call(fd);
		took = now_ns() - start;
		if (took < best)
			best = took;
	}
	close(fd);
	return best;
}

/*
 * The cheapest of some processes: where the kernel has put a process and its buffers makes
 * one, two or three instructions of a read, programs or not.
 */
static void measure(const char *name, const char *path, int flags, void (*call)(int))
{
	long long *best = mmap(NULL, sizeof(*best), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long took;

	if (best == MAP_FAILED)
		abort();
	*best = 1LL << 62;
	for (int process = 0; process < PROCESSES; process++) {
		if (!fork()) {
			took = cheapest_round(path, flags, call);
			if (took < *best)
				*best = took;
			_exit(0);
		}
		wait(NULL);
	}
	if (*best == 1LL << 62) {
		fprintf(stderr, "dgbench: '%s' was not measured\n", name);
		exit(1);
	}
	printf("%s %lld\n", name, (*best + CALLS / 2) / CALLS);
	munmap(best, sizeof(*best));
}

static void put_word(int fd, const char *word)
{
	if (pwrite(fd, word, strlen(word), 0) != (ssize_t)strlen(word)) {
		fprintf(stderr, "dgbench: cannot write '%s': %s\n", word, strerror(errno));
		exit(1);
	}
}

/* A block offline and online again, as the owner of a transition does it. */
static void measure_block(const char *path)
{
	long long best = 1LL << 62, start, took;
	int fd = open_file(path, O_WRONLY);

	for (int round = 0; round < BLOCK_ROUNDS; round++) {
		start = now_ns();
		put_word(fd, "offline");
		put_word(fd, "online_movable");
		took = now_ns() - start;
		if (took < best)
			best = took;
	}
	close(fd);
	printf("block_cycle %lld\n", best);
}

static void run_program(void)
{
	char *args[] = { PROGRAM, NULL };
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		execv(*args, args);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "dgbench: cannot run '%s'\n", PROGRAM);
		exit(1);
	}
}

/* A process that executes the smallest program, from its fork to its end: the cheapest. */
static int time_execs(void)
{
	long long best = 1LL << 62, start, took;

	for (int i = 0; i < EXECS; i++) {
		start = now_ns();
		run_program();
		took = now_ns() - start;
		if (took < best)
			best = took;
	}
	printf("exec %lld\n", best);
	return 0;
}

/*
 * By an own process, and with each part of both where it always is: by chance there would
 * be a page table more or less, which is more than what is to be seen.
 */
static void measure_exec(void)
{
	int status;

	fflush(stdout);
	if (!fork()) {
		personality(ADDR_NO_RANDOMIZE);
		execl("/proc/self/exe", "dgbench", "--exec", NULL);
		_exit(127);
	}
	if (wait(&status) < 0 || status) {
		fprintf(stderr, "dgbench: an exec was not measured\n");
		exit(1);
	}
}

/* Prints nothing but the figure; the command's status is the own one. */
static int time_command(char **command)
{
	long long start = now_ns();
	int status;

	if (!fork()) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(*command, command);
		_exit(127);
	}
	wait(&status);
	printf("%lld\n", now_ns() - start);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	struct sched_param first = { .sched_priority = 50 };
	struct floor_bpf *floor = NULL;

	/* as any command runs, and all that it starts */
	if (argc > 2 && !strcmp(argv[1], "--time"))
		return time_command(argv + 2);

	/* kernel threads that tidy up after boot would be counted too */
	if (sched_setscheduler(0, SCHED_FIFO, &first)) {
		fprintf(stderr, "dgbench: cannot run first: %s\n", strerror(errno));
		return 1;
	}
	if (argc > 1 && !strcmp(argv[1], "--exec"))
		return time_execs();
	if (argc > 1 && !strcmp(argv[1], "--floor")) {
		floor = floor_bpf__open_and_load();
		if (!floor || floor_bpf__attach(floor)) {
			fprintf(stderr, "dgbench: cannot attach the floor program\n");
			return 1;
		}
	}
	close(creat(FILE_NAME, 0600));
	measure("write_null", "/dev/null", O_WRONLY, do_write);
	measure("write_file", FILE_NAME, O_WRONLY, do_write);
	measure("write_sysfs", SYSFS_FILE, O_WRONLY, do_write);
	measure("read_zero", "/dev/zero", O_RDONLY, do_read);
	measure("read_file", FILE_NAME, O_RDONLY, do_read);
	measure("read_sysfs", SYSFS_FILE, O_RDONLY, do_read);
	measure("open_close", "/dev/null", O_RDONLY, do_open);
	if (argc > 1 && argv[argc - 1][0] == '/')
		measure_block(argv[argc - 1]);
	/* last: the memory of many processes lies in the blocks, which would have to move it */
	measure_exec();
	floor_bpf__destroy(floor);
	return 0;
}
