/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard policy: shows and changes what is refused, in the map "policy". */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "control.h"
#include "guard/guard.h"
#include "guard/pins.h"
#include "policy/policy.h"
#include "show/report.h"
#include "show/table.h"

struct entry {
	struct daxguard_name device;
	struct daxguard_policy policy;
};

struct entries {
	struct entry *list;
	size_t nr;
};

static int add_entry(const void *key, const void *value, void *ctx)
{
	struct entries *all = ctx;
	struct entry *list = reallocarray(all->list, all->nr + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	all->list = list;
	list += all->nr++;
	memcpy(&list->device, key, sizeof(list->device));
	memcpy(&list->policy, value, sizeof(list->policy));
	list->device.name[DAXGUARD_NAME_LEN - 1] = 0;
	return 0;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return compare_names(x->device.name, y->device.name);
}

static const char *flag_word(const struct daxguard_policy *p, __u8 flag, const char *set,
			     const char *clear)
{
	return p->flags & flag ? set : clear;
}

static struct json_object *entry_json(const struct entry *e)
{
	const struct daxguard_policy *p = &e->policy;
	struct json_object *obj = json_object_new_object();
	char odd[128];
	const struct {
		const char *key;
		const char *word;
	} words[] = {
		{ "mode", mode_name(p->mode) },
		{ "scope", scope_name(p->scope) },
		{ "unbind", flag_word(p, DAXGUARD_REFUSE_UNBIND, "refuse", "allow") },
		{ "bind", flag_word(p, DAXGUARD_HOLD_ON_BIND, "hold", "free") },
		{ "auto_online", flag_word(p, DAXGUARD_REFUSE_AUTO_ONLINE, "refuse", "allow") },
		{ "mapping", flag_word(p, DAXGUARD_REFUSE_MAPPING, "refuse", "allow") },
	};
	size_t i;

	json_object_object_add(obj, "device",
			       json_text(e->device.name, sizeof(e->device.name)));
	for (i = 0; i < ARRAY_SIZE(words); i++)
		json_object_object_add(obj, words[i].key,
				       json_object_new_string(words[i].word));
	json_object_object_add(obj, "max_hold", json_number(p->max_hold_s));
	json_object_object_add(
		obj, "meaningless",
		policy_odd_bytes(p, odd, sizeof(odd)) ? json_object_new_string(odd) : NULL);
	return obj;
}

static int print_entries_json(const struct entries *all)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < all->nr; i++)
		json_object_array_add(array, entry_json(&all->list[i]));
	return print_json(array, 0);
}

static const struct table_column columns[] = {
	{ .heading = "DEVICE" },  { .heading = "MODE" },     { .heading = "SCOPE" },
	{ .heading = "UNBIND" },  { .heading = "BIND" },     { .heading = "AUTO_ONLINE" },
	{ .heading = "MAPPING" }, { .heading = "MAX_HOLD" },
};

static void add_row(struct table *table, const struct entry *e)
{
	const struct daxguard_policy *p = &e->policy;
	char hold[16] = "none", odd[128], last[160], device[DAXGUARD_NAME_LEN + 1];
	const char *cells[ARRAY_SIZE(columns)] = {
		device,
		mode_name(p->mode),
		scope_name(p->scope),
		flag_word(p, DAXGUARD_REFUSE_UNBIND, "refuse", "allow"),
		flag_word(p, DAXGUARD_HOLD_ON_BIND, "hold", "free"),
		flag_word(p, DAXGUARD_REFUSE_AUTO_ONLINE, "refuse", "allow"),
		flag_word(p, DAXGUARD_REFUSE_MAPPING, "refuse", "allow"),
		last,
	};

	clean_text(device, sizeof(device), e->device.name, sizeof(e->device.name));
	if (p->max_hold_s)
		snprintf(hold, sizeof(hold), "%u", p->max_hold_s);
	if (policy_odd_bytes(p, odd, sizeof(odd)))
		snprintf(last, sizeof(last), "%s  taken as: %s", hold, odd);
	else
		snprintf(last, sizeof(last), "%s", hold);
	table_row(table, cells);
}

static int print_entries(const struct entries *all)
{
	struct table table;
	size_t i;

	table_begin(&table, columns, ARRAY_SIZE(columns));
	for (i = 0; i < all->nr; i++)
		add_row(&table, &all->list[i]);
	return table_print(&table);
}

static int map_failed(int err)
{
	return fail(EXIT_FAILED,
		    "the map '" PIN_MAPS "/policy' cannot be used (%s): see "
		    "'daxguard check'",
		    strerror(-err));
}

static int policy_list(void)
{
	struct entries all = {};
	int err, status;

	err = guard_walk("policy", sizeof(struct daxguard_name), sizeof(struct daxguard_policy),
			 add_entry, &all);
	if (all.nr)
		qsort(all.list, all.nr, sizeof(*all.list), compare_entries);
	if (err)
		status = map_failed(err);
	else
		status = opts.json ? print_entries_json(&all) : print_entries(&all);
	free(all.list);
	return status;
}

/* The entry of the device, or what is in force for it without one. */
static int read_in_force(int map, const struct daxguard_name *name,
			 struct daxguard_policy *policy)
{
	struct daxguard_name any = { DAXGUARD_ANY };

	if (!bpf_map_lookup_elem(map, name, policy))
		return 0;
	if (errno != ENOENT)
		return -errno;
	if (!bpf_map_lookup_elem(map, &any, policy))
		return 0;
	*policy = policy_default();
	return errno == ENOENT ? 0 : -errno;
}

static int store(int map, const struct daxguard_name *name,
		 const struct daxguard_policy *policy)
{
	if (!bpf_map_update_elem(map, name, policy, BPF_ANY))
		return EXIT_DONE;
	if (errno == E2BIG)
		return fail(EXIT_FAILED,
			    "the map '" PIN_MAPS "/policy' is full: make room with "
			    "'daxguard policy unset DEV'");
	return map_failed(-errno);
}

static int apply(int map, const struct daxguard_name *name, const struct policy_change *change)
{
	struct daxguard_policy policy;
	int err = read_in_force(map, name, &policy);

	if (err)
		return map_failed(err);
	policy_apply(change, &policy);
	return store(map, name, &policy);
}

/* Back to what is built in for '*', to what '*' says for a device. */
static int reset(int map, const struct daxguard_name *name, const struct policy_change *change)
{
	const struct daxguard_policy policy = policy_default();

	(void)change;
	if (!strcmp(name->name, DAXGUARD_ANY))
		return store(map, name, &policy);
	if (!bpf_map_delete_elem(map, name))
		return EXIT_DONE;
	if (errno == ENOENT)
		return fail(EXIT_FAILED,
			    "'%s' has no policy of its own: see 'daxguard policy list'",
			    name->name);
	return map_failed(-errno);
}

typedef int (*change_fn)(int map, const struct daxguard_name *name,
			 const struct policy_change *change);

/* Under the lock: two changes of one entry would lose one of them. */
static int change_policy(const struct daxguard_name *name, const struct policy_change *change,
			 change_fn fn)
{
	int lock = pins_lock(false);
	int map, status;

	if (lock < 0)
		return fail(EXIT_FAILED,
			    "'" PIN_TOP "' cannot be locked (%s): see "
			    "'daxguard check'",
			    strerror(-lock));
	map = pins_map("policy");
	status = map < 0 ? map_failed(map) : fn(map, name, change);
	if (map >= 0)
		close(map);
	close(lock);
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
		return status ? status : change_policy(&name, &change, apply);
	}
	if (!strcmp(what, "unset")) {
		status = need_operands(argc, argv, 2, 2);
		if (!status)
			status = parse_device(&name, args[0]);
		if (!status)
			status = pins_need_loaded();
		return status ? status : change_policy(&name, NULL, reset);
	}
	return fail(EXIT_USAGE,
		    "'%s' is neither list, set nor unset: see "
		    "'daxguard policy --help'",
		    what);
}
