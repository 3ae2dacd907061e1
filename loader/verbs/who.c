// SPDX-License-Identifier: GPL-2.0-only
/* daxguard who: which program of which unit was refused, or would have been, and how often. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "cli.h"
#include "guard/guard.h"
#include "guard/pins.h"
#include "guard/tally.h"
#include "show/report.h"
#include "show/table.h"
#include "show/when.h"

static void time_text(__u64 boot_ns, char *buf, size_t size)
{
	format_when(when_of(boot_ns), buf, size);
}

static struct json_object *text_or_null(const char *text)
{
	return strcmp(text, "-") ? json_object_new_string(text) : NULL;
}

static struct json_object *culprit_json(const struct culprit *c)
{
	struct json_object *obj = json_object_new_object();
	char text[128];

	json_object_object_add(obj, "program",
			       json_object_new_string(culprit_program(c, text, sizeof(text))));
	json_object_object_add(obj, "unit", text_or_null(culprit_unit(c, text, sizeof(text))));
	json_object_object_add(obj, "device",
			       text_or_null(culprit_device(c, text, sizeof(text))));
	json_object_object_add(obj, "uid", json_number(c->key.uid));
	json_object_object_add(obj, "refused", json_number(c->refused));
	json_object_object_add(obj, "would_be", json_number(c->would_be));
	json_object_object_add(obj, "slipped", json_number(c->slipped));
	time_text(c->first_ns, text, sizeof(text));
	json_object_object_add(obj, "first", json_object_new_string(text));
	time_text(c->last_ns, text, sizeof(text));
	json_object_object_add(obj, "last", json_object_new_string(text));
	json_object_object_add(obj, "file", text_or_null(culprit_file(c, text, sizeof(text))));
	return obj;
}

static int show_json(const struct culprits *all)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < all->nr; i++)
		json_object_array_add(array, culprit_json(&all->list[i]));
	return print_json(array, 0);
}

static void add_row(struct table *table, const struct culprit *c)
{
	char program[DAXGUARD_EXE_LEN + 1], unit[DAXGUARD_UNIT_LEN + 1];
	char device[DAXGUARD_NAME_LEN + 1], file[DAXGUARD_FILE_LEN + 1];
	char refused[24], would_be[24], first[64], last[64], note[64];
	const char *cells[] = { culprit_program(c, program, sizeof(program)),
				culprit_unit(c, unit, sizeof(unit)),
				culprit_device(c, device, sizeof(device)),
				refused,
				would_be,
				first,
				last,
				culprit_file(c, file, sizeof(file)) };

	snprintf(refused, sizeof(refused), "%llu", c->refused);
	snprintf(would_be, sizeof(would_be), "%llu", c->would_be);
	time_text(c->first_ns, first, sizeof(first));
	time_text(c->last_ns, last, sizeof(last));
	table_row(table, cells);
	if (!c->slipped)
		return;
	snprintf(note, sizeof(note), "  %llu slipped", c->slipped);
	table_note(table, note);
}

static int show_table(const struct culprits *all)
{
	static const struct table_column columns[] = { { .heading = "PROGRAM" },
						       { .heading = "UNIT" },
						       { .heading = "DEVICE" },
						       { .heading = "REFUSED", .right = true },
						       { .heading = "WOULD-BE", .right = true },
						       { .heading = "FIRST" },
						       { .heading = "LAST" },
						       { .heading = "FILE" } };
	struct table table;

	table_begin(&table, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < all->nr; i++)
		add_row(&table, &all->list[i]);
	return table_print(&table);
}

const struct opt who_opts[] = {
	{ "device", OPT_DEVICE, "DEV", .complete = "device",
	  .help = "only what was done to DEV" },
	{},
};

int verb_who(int argc, char **argv)
{
	struct culprits all = {};
	const char *device = NULL;
	int status, err;

	while (next_option(argc, argv, who_opts) != OPTIONS_END)
		device = optarg;
	status = need_operands(argc, argv, 0, 0);
	if (!status)
		status = pins_need_loaded();
	if (status)
		return status;
	err = tally_read(&all, device);
	if (err)
		status = guard_failed(err);
	else
		status = opts.json ? show_json(&all) : show_table(&all);
	free(all.list);
	return status;
}
