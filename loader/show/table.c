/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for people, with columns as wide as what stands in them. */
#include "show/table.h"

#include <errno.h>
#include <libsmartcols.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/output.h"
#include "show/report.h"

static void keep_error(struct table *table, int err)
{
	if (!table->err)
		table->err = err;
}

static void add_column(struct table *table, const struct table_column *column)
{
	int flags = (column->right ? SCOLS_FL_RIGHT : 0) | (column->tree ? SCOLS_FL_TREE : 0);

	if (!scols_table_new_column(table->rows, column->heading, 0, flags))
		keep_error(table, -ENOMEM);
}

void table_begin(struct table *table, const struct table_column *columns, size_t nr)
{
	*table = (struct table){ .rows = scols_new_table(), .nr_columns = nr };
	if (!table->rows) {
		table->err = -ENOMEM;
		return;
	}
	/* the end of a row may be what is to be done: a narrow terminal must not cut it */
	keep_error(table, scols_table_set_termforce(table->rows, SCOLS_TERMFORCE_NEVER));
	keep_error(table, scols_table_set_column_separator(table->rows, "  "));
	keep_error(table, scols_table_enable_noheadings(table->rows, !columns[0].heading));
	for (size_t i = 0; i < nr; i++)
		add_column(table, &columns[i]);
}

struct libscols_line *table_branch(struct table *table, struct libscols_line *above,
				   const char *const *cells)
{
	struct libscols_line *line = NULL;

	if (!table->err)
		line = scols_table_new_line(table->rows, above);
	if (!line) {
		keep_error(table, -ENOMEM);
		return NULL;
	}
	for (size_t i = 0; i < table->nr_columns; i++)
		keep_error(table, scols_line_set_data(line, i, cells[i]));
	return line;
}

void table_row(struct table *table, const char *const *cells)
{
	table_branch(table, NULL, cells);
}

void table_note(struct table *table, const char *text)
{
	struct libscols_line *line;
	char *copy = strdup(text);

	if (table->err || !copy) {
		keep_error(table, -ENOMEM);
		free(copy);
		return;
	}
	line = scols_table_get_line(table->rows, scols_table_get_nlines(table->rows) - 1);
	free(scols_line_get_userdata(line));
	scols_line_set_userdata(line, copy);
}

/*
 * What is no letter of the locale is written as \x.., so the user's locale is needed, but
 * only here: elsewhere words and numbers are to be read in one way.  Without that encoding
 * the library never comes back from such a letter (2.38).
 */
static int rows_text(struct table *table, char **text)
{
	locale_t theirs = newlocale(LC_CTYPE_MASK, "", 0);
	locale_t before = theirs ? uselocale(theirs) : 0;
	int err = scols_print_table_to_string(table->rows, text);

	if (theirs) {
		uselocale(before);
		freelocale(theirs);
	}
	return err;
}

/* TEXT has a line for each row, after that of the headings; the notes go in between. */
static void write_lines(const struct table *table, char *text, FILE *to)
{
	size_t row = scols_table_is_noheadings(table->rows) ? 0 : (size_t)-1;
	struct libscols_line *line;
	char *next = text, *one, *end;

	for (; (one = strsep(&next, "\n")) && (next || *one); row++) {
		/* the last cells of a row may be empty */
		for (end = one + strlen(one); end > one && end[-1] == ' '; end--)
			end[-1] = 0;
		fprintf(to, "%s\n", one);
		line = row == (size_t)-1 ? NULL : scols_table_get_line(table->rows, row);
		if (line && scols_line_get_userdata(line))
			fprintf(to, "%s\n", (char *)scols_line_get_userdata(line));
	}
}

static void drop(struct table *table)
{
	size_t nr = table->rows ? scols_table_get_nlines(table->rows) : 0;

	for (size_t i = 0; i < nr; i++)
		free(scols_line_get_userdata(scols_table_get_line(table->rows, i)));
	scols_unref_table(table->rows);
}

char *table_text(struct table *table)
{
	char *rows = NULL, *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		keep_error(table, -ENOMEM);
	if (!table->err)
		keep_error(table, rows_text(table, &rows));
	if (!table->err && rows)
		write_lines(table, rows, to);
	if (to && fclose(to))
		keep_error(table, -ENOMEM);
	free(rows);
	drop(table);
	if (!table->err)
		return text;
	free(text);
	return NULL;
}

int table_print(struct table *table)
{
	char *text = table_text(table);

	if (!text)
		return fail(EXIT_FAILED, "no memory is left for the table: free some");
	fputs(text, stdout); /* what does not arrive is said at exit, for every verb */
	free(text);
	return EXIT_DONE;
}
