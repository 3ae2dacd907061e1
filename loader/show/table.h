/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for people, with columns as wide as what stands in them. */
#ifndef DAXGUARD_TABLE_H
#define DAXGUARD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct libscols_table;
struct libscols_line;

struct table_column {
	const char *heading; /* NULL in all of them: a table without headings */
	bool right; /* numbers */
	bool tree; /* rows stand below others here, as a tree */
};

struct table {
	struct libscols_table *rows;
	size_t nr_columns;
	int err; /* the first that went wrong: it is said at the end */
};

/* Begin a table of NR columns; table_print() or table_text() ends it. */
void table_begin(struct table *table, const struct table_column *columns, size_t nr);

/* A row with a cell for each column, each fit to be shown; they are copied. */
void table_row(struct table *table, const char *const *cells);

/*
 * The same below the row ABOVE, NULL for a root.  Returns the row, or NULL where no memory is
 * left.  Such a table has no notes.
 */
struct libscols_line *table_branch(struct table *table, struct libscols_line *above,
				   const char *const *cells);

/* A line of its own below the row that came last; TEXT is copied. */
void table_note(struct table *table, const char *text);

/*
 * The table as text, the caller's to free, or NULL where no memory is left.  Nothing is cut,
 * and nothing but blanks and branches added, on a terminal neither.  A table without rows is "".
 */
char *table_text(struct table *table);

/* Print it on stdout.  Returns EXIT_DONE, or EXIT_FAILED having said why. */
int table_print(struct table *table);

#endif
