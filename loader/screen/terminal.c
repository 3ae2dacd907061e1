/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages on a terminal, and keys from it. */
#include "screen/terminal.h"

#include <curses.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "array.h"
#include "screen/rows.h"
#include "show/output.h"
#include "show/report.h"

/* How a style looks: in colour, and without any, where the characters have to tell. */
static const struct {
	short ink, ground; /* -1: the terminal's own */
	attr_t more; /* with colour */
	attr_t mono;
} looks[NR_STYLES] = {
	[STYLE_PLAIN] = { -1, -1, A_NORMAL, A_NORMAL },
	[STYLE_TITLE] = { -1, -1, A_BOLD, A_BOLD },
	[STYLE_HEADING] = { -1, -1, A_REVERSE, A_REVERSE },
	[STYLE_DIM] = { -1, -1, A_DIM, A_NORMAL },
	[STYLE_BAD] = { COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE },
	[STYLE_BUSY] = { COLOR_YELLOW, -1, A_BOLD, A_BOLD },
	[STYLE_SELECTED] = { -1, -1, A_REVERSE, A_REVERSE },
	[STYLE_CELL + STRIP_ABSENT] = { -1, -1, A_DIM, A_NORMAL },
	[STYLE_CELL + STRIP_OFFLINE] = { COLOR_WHITE, COLOR_BLUE, A_NORMAL, A_NORMAL },
	[STYLE_CELL + STRIP_GOING] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_BOLD },
	[STYLE_CELL + STRIP_MOVABLE] = { COLOR_BLACK, COLOR_GREEN, A_NORMAL, A_NORMAL },
	[STYLE_CELL + STRIP_KERNEL] = { COLOR_BLACK, COLOR_YELLOW, A_NORMAL, A_BOLD },
	[STYLE_CELL + STRIP_ZONES] = { COLOR_BLACK, COLOR_MAGENTA, A_NORMAL, A_BOLD },
	[STYLE_CELL + STRIP_MIXED] = { COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_BOLD },
};

static SCREEN *screen;
static bool coloured;

static void make_colours(void)
{
	short style;

	coloured = !getenv("NO_COLOR") && has_colors() && start_color() == OK;
	if (!coloured)
		return;
	use_default_colors();
	for (style = 0; style < NR_STYLES; style++)
		init_pair(style + 1, looks[style].ink, looks[style].ground);
}

int terminal_begin(void)
{
	const char *type = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return fail(EXIT_FAILED, "'daxguard top' is not on a terminal: run it on one, "
					 "or 'daxguard top --once' for one screen as text");
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return fail(EXIT_FAILED,
			    "the terminal '%s' is not known here: set TERM to one that is, "
			    "or run 'daxguard top --once'",
			    type ? type : "");
	set_term(screen);
	make_colours();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	return 0;
}

void terminal_size(int *rows, int *cols)
{
	getmaxyx(stdscr, *rows, *cols);
}

void terminal_show(const struct page *page)
{
	size_t at = 0;
	int row, col, style;

	erase();
	for (row = 0; row < page->rows; row++) {
		for (col = 0; col < page->cols; col++, at++) {
			style = page->style[at];
			if (page->text[at] == ' ' && style == STYLE_PLAIN)
				continue;
			attrset(coloured ? looks[style].more : looks[style].mono);
			if (coloured)
				attron(COLOR_PAIR(style + 1));
			mvaddch(row, col, (unsigned char)page->text[at]);
		}
	}
	attrset(A_NORMAL);
	refresh();
}

/* Nobody is at the other end: then there is no key, and no waiting for one. */
static bool is_gone(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&fd, 1, 0) > 0 && fd.revents & (POLLHUP | POLLERR);
}

int terminal_key(int ms)
{
	static const struct {
		int theirs, ours;
	} keys[] = {
		{ KEY_UP, TOP_KEY_UP },
		{ KEY_DOWN, TOP_KEY_DOWN },
		{ KEY_PPAGE, TOP_KEY_PAGE_UP },
		{ KEY_NPAGE, TOP_KEY_PAGE_DOWN },
		{ KEY_HOME, TOP_KEY_HOME },
		{ KEY_END, TOP_KEY_END },
		{ KEY_BACKSPACE, TOP_KEY_BACKSPACE },
		{ 0x7f, TOP_KEY_BACKSPACE },
		{ '\b', TOP_KEY_BACKSPACE },
		{ KEY_ENTER, TOP_KEY_ENTER },
		{ '\r', TOP_KEY_ENTER },
		{ '\n', TOP_KEY_ENTER },
		{ 0x1b, TOP_KEY_ESCAPE },
		{ KEY_RESIZE, TOP_KEY_RESIZE },
	};
	size_t i;
	int key;

	timeout(ms);
	key = getch();
	if (key == ERR && is_gone())
		return 'q';
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].theirs == key)
			return keys[i].ours;
	return key == ERR ? -1 : key;
}

void terminal_end(void)
{
	endwin();
	delscreen(screen);
	screen = NULL;
}
