/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard policy: shows and changes what is refused. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "control.h"
#include "guard/pins.h"
#include "guard/policy_map.h"
#include "policy/policy.h"
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

static struct json_object *entry_json(const struct policy_entry *e)
{
	struct json_object *obj = json_object_new_object();
	char odd[POLICY_ODD];

	json_object_object_add(obj, "device",
			       json_text(e->device.name, sizeof(e->device.name)));
	add_words(obj, &e->rules);
	json_object_object_add(obj, "meaningless",
			       policy_odd_bytes(&e->rules, e->own, odd, sizeof(odd))
				       ? json_object_new_string(odd)
				       : NULL);
	return obj;
}

static int print_entries_json(const struct policy_entries *all)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < all->nr; i++)
		json_object_array_add(array, entry_json(&all->list[i]));
	return print_json(array, 0);
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
static void add_row(struct table *table, const struct policy_entry *e, size_t nr)
{
	char buf[POLICY_MOST_WORDS][16], device[DAXGUARD_NAME_LEN + 1], odd[POLICY_ODD],
		last[POLICY_ODD + 32];
	const char *cells[POLICY_MOST_WORDS] = { device };

	clean_text(device, sizeof(device), e->device.name, sizeof(e->device.name));
	for (size_t i = 1; i < nr; i++)
		cells[i] = policy_value(&e->rules, i - 1, buf[i], sizeof(buf[i]));
	if (policy_odd_bytes(&e->rules, e->own, odd, sizeof(odd))) {
		snprintf(last, sizeof(last), "%s  taken as: %s", cells[nr - 1], odd);
		cells[nr - 1] = last;
	}
	table_row(table, cells);
}

static int print_entries(const struct policy_entries *all)
{
	struct table_column columns[POLICY_MOST_WORDS];
	char headings[POLICY_MOST_WORDS][16];
	size_t i, nr = make_columns(columns, headings);
	struct table table;

	table_begin(&table, columns, nr);
	for (i = 0; i < all->nr; i++)
		add_row(&table, &all->list[i], nr);
	return table_print(&table);
}

static int policy_list(void)
{
	struct policy_entries all;
	int err = policy_map_read(&all), status;

	if (err)
		status = policy_map_failed(err);
	else
		status = opts.json ? print_entries_json(&all) : print_entries(&all);
	free(all.list);
	return status;
}

static int parse_device(struct daxguard_name *name, const char *text)
{
	if (!device_key(name, text, true))
		return 0;
	return fail(EXIT_USAGE, "'%s' is not a device: name one like dax0.0, or '*'", text);
}

static int parse_set(char **args, int nr, struct daxguard_name *name,
		     struct policy_change *change)
{
	const char *bad;
	int err, status = parse_device(name, args[0]);

	if (status)
		return status;
	err = policy_parse(change, args + 1, nr - 1, &bad);
	if (!err)
		return 0;
	return fail(EXIT_USAGE, "'%s' is %s: see 'daxguard policy --help'", bad,
		    policy_wrong(err));
}

int verb_policy(int argc, char **argv)
{
	struct policy_change change = {};
	struct daxguard_name name;
	const char *what;
	char **args;
	int nr, status;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	status = need_operands(argc, argv, 1, -1);
	if (status)
		return status;
	what = argv[optind];
	args = argv + optind + 1;
	nr = argc - optind - 1;
	if (!strcmp(what, "list")) {
		status = need_operands(argc, argv, 1, 1);
		if (!status)
			status = pins_need_loaded();
		return status ? status : policy_list();
	}
	if (!strcmp(what, "set")) {
		status = need_operands(argc, argv, 3, -1);
		if (!status)
			status = parse_set(args, nr, &name, &change);
		if (!status)
			status = pins_need_loaded();
		return status ? status : policy_map_change(&name, &change);
	}
	if (!strcmp(what, "unset")) {
		status = need_operands(argc, argv, 2, 2);
		if (!status)
			status = parse_device(&name, args[0]);
		if (!status)
			status = pins_need_loaded();
		return status ? status : policy_map_reset(&name);
	}
	return fail(EXIT_USAGE,
		    "'%s' is neither list, set nor unset: see "
		    "'daxguard policy --help'",
		    what);
}
