// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verb screen: runs a command on a terminal, types on it what it is told, and keeps what
 * that shows in a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <vterm.h>

#include "dgprobe.h"

struct terminal {
	struct winsize size;
	VTerm *vt;
	VTermScreen *screen;
	const char *file; /* what it shows */
	FILE *raw; /* all that was written to it */
	int pty;
};

/* All lines, each as wide as it is, into the file, which is there in whole or not at all. */
static void keep(const struct terminal *t)
{
	char path[4096], line[4096];
	VTermRect rect = { .end_col = t->size.ws_col };
	FILE *out;
	size_t len;

	snprintf(path, sizeof(path), "%s.new", t->file);
	out = fopen(path, "we");
	if (!out)
		cannot("write %s: %m", path);
	for (; rect.start_row < t->size.ws_row; rect.start_row++) {
		rect.end_row = rect.start_row + 1;
		len = vterm_screen_get_text(t->screen, line, sizeof(line), rect);
		fprintf(out, "%.*s\n", (int)len, line);
	}
	if (fclose(out) || rename(path, t->file))
		cannot("write %s: %m", t->file);
}

static void resize(struct terminal *t, const char *words)
{
	unsigned short rows, cols;

	if (sscanf(words, "%hux%hu", &cols, &rows) != 2)
		cannot("resize to '%s': write 80x24", words);
	t->size = (struct winsize){ .ws_row = rows, .ws_col = cols };
	vterm_set_size(t->vt, rows, cols);
	if (ioctl(t->pty, TIOCSWINSZ, &t->size))
		cannot("resize the terminal: %m");
}

/* "type TEXT" or "size 80x24"; a key that is no character is what a terminal sends for it. */
static void obey(struct terminal *t, char *line)
{
	line[strcspn(line, "\n")] = 0;
	if (!strncmp(line, "size ", 5))
		resize(t, line + 5);
	else if (strncmp(line, "type ", 5) ||
		 write(t->pty, line + 5, strlen(line + 5)) != (ssize_t)strlen(line + 5))
		cannot("obey '%s'", line);
}

/* Returns false where nobody has the other end any more. */
static bool take_output(const struct terminal *t)
{
	char buf[4096];
	ssize_t len = read(t->pty, buf, sizeof(buf));

	if (len <= 0)
		return false;
	fwrite(buf, 1, len, t->raw);
	fflush(t->raw);
	vterm_input_write(t->vt, buf, len);
	keep(t);
	return true;
}

static void run(struct terminal *t, FILE *orders)
{
	struct pollfd fds[] = { { .fd = t->pty, .events = POLLIN },
				{ .fd = fileno(orders), .events = POLLIN } };
	char line[256];

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			cannot("wait: %m");
		if (fds[1].revents & POLLIN && fgets(line, sizeof(line), orders))
			obey(t, line);
		if (fds[0].revents && !take_output(t))
			return;
	}
}

int verb_screen(int argc, char **argv)
{
	struct terminal t = { .file = argv[3] };
	char raw[4096];
	FILE *orders;
	pid_t pid;

	(void)argc;
	t.vt = vterm_new(24, 80);
	vterm_set_utf8(t.vt, 1);
	t.screen = vterm_obtain_screen(t.vt);
	vterm_screen_enable_altscreen(t.screen, 1);
	vterm_screen_reset(t.screen, 1);
	snprintf(raw, sizeof(raw), "%s.raw", t.file);
	t.raw = fopen(raw, "we");
	/* both ends, so that it does not end with the first who writes to it */
	orders = fopen(argv[2], "r+e");
	if (!t.raw || !orders)
		cannot("open %s: %m", t.raw ? argv[2] : raw);
	setvbuf(orders, NULL, _IONBF, 0);
	sscanf(argv[1], "%hux%hu", &t.size.ws_col, &t.size.ws_row);
	pid = forkpty(&t.pty, NULL, NULL, &t.size);
	if (pid < 0)
		cannot("open a terminal: %m");
	if (!pid) {
		signal(SIGINT, SIG_DFL);
		execvp(argv[4], argv + 4);
		cannot("execute %s: %m", argv[4]);
	}
	resize(&t, argv[1]);
	run(&t, orders);
	return exit_status_of(pid);
}
