/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard policy: shows and changes what is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "cli.h"
#include "control.h"
#include "guard/configure.h"
#include "guard/origins.h"
#include "guard/pins.h"
#include "guard/policy_map.h"
#include "policy/policy.h"
#include "show/report.h"
#include "verbs/rules.h"

static const struct daxguard_name any = { DAXGUARD_ANY };

/* What an entry shows, cleaned. */
struct texts {
	char device[DAXGUARD_NAME_LEN + 1];
	char from[POLICY_MOST_WORDS][DAXGUARD_ORIGIN_LEN + 1];
};

/* Where the key's value comes from: that of '*' where the half is not the device's own. */
static const char *from_of(const struct policy_entry *e, const struct origins *origins,
			   size_t key, const char *name)
{
	const struct policy_rules standard = policy_default();
	bool own = e->own & 1u << policy_half_of(key);
	const struct daxguard_origin *o = origin_find(origins, name, own ? &e->device : &any);

	/* every value of a device's own entry has an origin, unless somebody typed the bytes */
	if (!o && own && memcmp(&e->device, &any, sizeof(any)))
		return FROM_HAND;
	return origin_text(o, policy_get(&e->rules, key), policy_get(&standard, key));
}

static void show(struct shown_rules *shown, struct texts *texts, const struct policy_entry *e,
		 const struct origins *origins)
{
	struct opt word;

	*shown = (struct shown_rules){ .rules = &e->rules, .own = e->own };
	shown->device = clean_text(texts->device, sizeof(texts->device), e->device.name,
				   sizeof(e->device.name));
	for (size_t key = 0; policy_word(key, &word); key++)
		shown->from[key] = clean_text(texts->from[key], sizeof(texts->from[key]),
					      from_of(e, origins, key, word.name),
					      DAXGUARD_ORIGIN_LEN);
}

static int print_rules_json(const struct shown_rules *list, size_t nr)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < nr; i++)
		json_object_array_add(array, rules_json(&list[i]));
	return print_json(array, 0);
}

static int show_entries(const struct policy_entries *all, const struct origins *origins)
{
	struct shown_rules *shown = calloc(all->nr + 1, sizeof(*shown));
	struct texts *texts = calloc(all->nr + 1, sizeof(*texts));
	int status;

	if (!shown || !texts) {
		status = fail(EXIT_FAILED, "no memory is left for 'policy list': free some");
	} else {
		for (size_t i = 0; i < all->nr; i++)
			show(&shown[i], &texts[i], &all->list[i], origins);
		status = opts.json ? print_rules_json(shown, all->nr)
				   : rules_print(shown, all->nr);
	}
	free(shown);
	free(texts);
	return status;
}

static int policy_list(void)
{
	struct policy_entries all;
	struct origins origins = {};
	int err = policy_map_read(&all), status;

	if (!err)
		err = origins_read(&origins);
	status = err ? policy_map_failed(err) : show_entries(&all, &origins);
	free(origins.list);
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

static int policy_set(char **args, int nr)
{
	struct policy_change change = {};
	struct daxguard_name name;
	int status = parse_set(args, nr, &name, &change);

	if (!status)
		status = pins_need_loaded();
	return status ? status : policy_map_change(&name, &change);
}

static int policy_unset(char **args, int nr)
{
	struct daxguard_name name;
	int status = parse_device(&name, args[0]);

	(void)nr;
	if (!status)
		status = pins_need_loaded();
	return status ? status : policy_map_reset(&name);
}

/* All names are looked at before one counts. */
static int policy_apply_to(char **args, int nr)
{
	struct daxguard_name name;
	int i, status = 0;

	for (i = 0; !status && i < nr; i++)
		if (device_key(&name, args[i], false))
			status = fail(EXIT_USAGE, "'%s' is not a device: name one like dax0.0",
				      args[i]);
	if (!status)
		status = pins_need_loaded();
	for (i = 0; !status && i < nr; i++) {
		device_key(&name, args[i], false);
		status = configure_device(&name);
	}
	return status;
}

static int policy_list_all(char **args, int nr)
{
	int status = pins_need_loaded();

	(void)args;
	(void)nr;
	return status ? status : policy_list();
}

static const struct {
	const char *name;
	int min, max; /* operands after it, -1: any number */
	int (*run)(char **args, int nr);
} actions[] = {
	{ "list", 0, 0, policy_list_all },
	{ "set", 2, -1, policy_set },
	{ "unset", 1, 1, policy_unset },
	{ "apply", 1, -1, policy_apply_to },
};

int verb_policy(int argc, char **argv)
{
	const char *what;
	int status;
	size_t i;

	while (next_option(argc, argv, NULL) != OPTIONS_END)
		;
	status = need_operands(argc, argv, 1, -1);
	if (status)
		return status;
	what = argv[optind];
	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		if (strcmp(what, actions[i].name))
			continue;
		status = need_operands(argc, argv, 1 + actions[i].min,
				       actions[i].max < 0 ? -1 : 1 + actions[i].max);
		return status ? status : actions[i].run(argv + optind + 1, argc - optind - 1);
	}
	return fail(EXIT_USAGE,
		    "'%s' is neither list, set, unset nor apply: see "
		    "'daxguard policy --help'",
		    what);
}
