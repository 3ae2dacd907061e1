/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy in force, and where each value comes from, as tables and as JSON. */
#include "verbs/rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "cli.h"
#include "guard/origins.h"
#include "option.h"
#include "show/device.h"
#include "show/report.h"
#include "show/table.h"

/* A field for each key; one without words of its own has a number. */
static void add_words(struct json_object *obj, const struct policy_rules *rules)
{
	struct opt word;
	char buf[16];

	for (size_t nr = 0; policy_word(nr, &word); nr++)
		json_object_object_add(obj, word.name,
				       word.values ? json_object_new_string(policy_value(
							     rules, nr, buf, sizeof(buf)))
						   : json_number(policy_number(rules, nr)));
}

static struct json_object *origin_json(const struct shown_rules *shown)
{
	struct json_object *obj = json_object_new_object();
	struct opt word;

	for (size_t nr = 0; policy_word(nr, &word); nr++)
		json_object_object_add(obj, word.name, text_or_null(shown->from[nr]));
	return obj;
}

struct json_object *rules_json(const struct shown_rules *shown)
{
	struct json_object *obj = json_object_new_object();
	char odd[POLICY_ODD];

	json_object_object_add(obj, "device", text_or_null(shown->device));
	add_words(obj, shown->rules);
	json_object_object_add(obj, "meaningless",
			       policy_odd_bytes(shown->rules, shown->own, odd, sizeof(odd))
				       ? json_object_new_string(odd)
				       : NULL);
	json_object_object_add(obj, "origin", origin_json(shown));
	return obj;
}

/* "DEVICE" and each key in capitals.  Returns how many. */
static size_t make_columns(struct table_column *columns, char (*headings)[16])
{
	struct opt word;
	size_t nr, i;

	columns[0] = (struct table_column){ .heading = "DEVICE" };
	for (nr = 0; nr + 1 < POLICY_MOST_WORDS && policy_word(nr, &word); nr++) {
		snprintf(headings[nr], sizeof(headings[nr]), "%s", word.name);
		for (i = 0; headings[nr][i]; i++)
			headings[nr][i] = toupper((unsigned char)headings[nr][i]);
		columns[nr + 1] = (struct table_column){ .heading = headings[nr] };
	}
	return nr + 1;
}

/* What bytes that mean nothing are taken for comes after the last cell. */
static void add_row(struct table *table, const struct shown_rules *shown, size_t nr)
{
	char buf[POLICY_MOST_WORDS][16], odd[POLICY_ODD], last[POLICY_ODD + 32];
	const char *cells[POLICY_MOST_WORDS] = { shown->device };

	for (size_t i = 1; i < nr; i++)
		cells[i] = policy_value(shown->rules, i - 1, buf[i], sizeof(buf[i]));
	if (policy_odd_bytes(shown->rules, shown->own, odd, sizeof(odd))) {
		snprintf(last, sizeof(last), "%s  taken as: %s", cells[nr - 1], odd);
		cells[nr - 1] = last;
	}
	table_row(table, cells);
}

static int print_values(const struct shown_rules *list, size_t nr_rules)
{
	struct table_column columns[POLICY_MOST_WORDS];
	char headings[POLICY_MOST_WORDS][16];
	size_t i, nr = make_columns(columns, headings);
	struct table table;

	table_begin(&table, columns, nr);
	for (i = 0; i < nr_rules; i++)
		add_row(&table, &list[i], nr);
	return table_print(&table);
}

/* What falls back to '*' is told of there. */
static size_t add_origins(struct table *table, const struct shown_rules *shown)
{
	size_t key, nr = 0;
	struct opt word;
	char buf[16];

	for (key = 0; policy_word(key, &word); key++) {
		const char *cells[] = { shown->device, word.name,
					policy_value(shown->rules, key, buf, sizeof(buf)),
					shown->from[key] };

		if (!(shown->own & 1u << policy_half_of(key)) ||
		    !strcmp(shown->from[key], FROM_BUILT_IN))
			continue;
		table_row(table, cells);
		nr++;
	}
	return nr;
}

int rules_print(const struct shown_rules *list, size_t nr)
{
	static const struct table_column columns[] = {
		{ .heading = "DEVICE" },
		{ .heading = "KEY" },
		{ .heading = "VALUE" },
		{ .heading = "ORIGIN (what is not here is built in)" }
	};
	int status = print_values(list, nr);
	struct table table;
	size_t i, rows = 0;
	char *text;

	if (status)
		return status;
	table_begin(&table, columns, ARRAY_SIZE(columns));
	for (i = 0; i < nr; i++)
		rows += add_origins(&table, &list[i]);
	if (rows) {
		putchar('\n');
		return table_print(&table);
	}
	text = table_text(&table);
	free(text);
	return status;
}
