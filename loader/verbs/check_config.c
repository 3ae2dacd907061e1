// SPDX-License-Identifier: GPL-2.0-only
/* check --config: what the configuration says, without a guard. */
#include "verbs/check_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "guard/origins.h"
#include "model.h"
#include "policy/config.h"
#include "show/device.h"
#include "show/report.h"
#include "verbs/rules.h"

/* What would be in force for one device, '*' or what a pattern alone says. */
struct would_be {
	char name[DAXGUARD_NAME_LEN + 1];
	struct policy_rules rules;
	struct shown_rules shown;
};

struct would_be_all {
	const struct config *config;
	struct would_be *list;
	size_t nr;
};

static struct would_be *room_for(struct would_be_all *all, const char *name)
{
	struct would_be *list;

	for (size_t i = 0; i < all->nr; i++)
		if (!strcmp(all->list[i].name, name))
			return NULL;
	list = reallocarray(all->list, all->nr + 1, sizeof(*list));
	if (!list)
		return NULL;
	all->list = list;
	list += all->nr++;
	*list = (struct would_be){ .rules = policy_default() };
	snprintf(list->name, sizeof(list->name), "%s", name);
	return list;
}

/* What '*' says counts for each, but is told of there. */
static void decide(struct would_be *w, const struct policy_decided *decided)
{
	struct opt word;

	for (size_t key = 0; policy_word(key, &word); key++) {
		const struct policy_line *line = decided->by[key];

		w->shown.from[key] = line ? line->text : FROM_BUILT_IN;
		if (!line)
			continue;
		policy_put(&w->rules, key, line->value);
		if (line->section != DAXGUARD_SECTION_ANY || !strcmp(w->name, DAXGUARD_ANY))
			w->shown.own |= 1u << policy_half_of(key);
	}
}

static void add_device(struct would_be_all *all, const char *text)
{
	struct policy_decided decided;
	struct daxguard_name name;
	struct device_place place;
	__u32 kind = section_kind(text, &name);
	struct would_be *w;

	if (kind != DAXGUARD_SECTION_DEVICE && kind != DAXGUARD_SECTION_ANY)
		return;
	w = room_for(all, name.name);
	if (!w)
		return;
	place_of(&place, &name);
	policy_decide(&all->config->lines, &place, &decided);
	decide(w, &decided);
}

static void add_present(void *all, const char *name)
{
	add_device(all, name);
}

static int compare(const void *a, const void *b)
{
	const struct would_be *x = a, *y = b;

	return compare_names(x->name, y->name);
}

/* '*', what is there, and what has a section of its own. */
static void decide_all(struct would_be_all *all)
{
	const struct policy_lines *lines = &all->config->lines;
	size_t i;

	add_device(all, DAXGUARD_ANY);
	model_names(add_present, all);
	for (i = 0; i < lines->nr; i++)
		add_device(all, lines->list[i].name.name);
	qsort(all->list, all->nr, sizeof(*all->list), compare);
}

static bool is_pattern(const struct policy_line *line)
{
	return line->section == DAXGUARD_SECTION_GLOB ||
	       line->section == DAXGUARD_SECTION_PLACE;
}

static const char *word_of(const struct policy_line *line, char *buf, size_t size)
{
	struct policy_rules rules = policy_default();

	policy_put(&rules, line->key, line->value);
	return policy_value(&rules, line->key, buf, size);
}

static const char *name_of(const struct policy_line *line)
{
	struct opt word;

	return policy_word(line->key, &word) ? word.name : "";
}

/* --- for people --- */

static void print_patterns(const struct config *config)
{
	const struct policy_line *line = config->lines.list;
	char buf[16];

	for (size_t i = 0; i < config->lines.nr; i++, line++)
		if (is_pattern(line))
			printf("\n[%s] %s = %s (%s)", line->name.name, name_of(line),
			       word_of(line, buf, sizeof(buf)), line->text);
}

static void print_list(const struct who_list *list, const struct config_list *all)
{
	for (size_t i = 0; i < all->nr; i++)
		printf("\n%s: %s (%s)", list->map, all->list[i].word, all->list[i].at);
}

static int print_config(const struct config *config, const struct shown_rules *shown, size_t nr)
{
	int status = rules_print(shown, nr);

	print_patterns(config);
	print_list(&allow_list, &config->allows);
	print_list(&controller_list, &config->controllers);
	for (size_t i = 0; i < config->nr_files; i++)
		printf("\nread: %s", config->files[i]);
	printf("%s\n", config->nr_files ? "" : "\nread: nothing, there is no file");
	return status;
}

/* --- JSON --- */

static struct json_object *list_json(const struct config_list *all)
{
	struct json_object *array = json_object_new_array(), *obj;

	for (size_t i = 0; i < all->nr; i++) {
		obj = json_object_new_object();
		json_object_object_add(obj, "who", text_or_null(all->list[i].word));
		json_object_object_add(obj, "origin", text_or_null(all->list[i].at));
		json_object_array_add(array, obj);
	}
	return array;
}

static struct json_object *patterns_json(const struct config *config)
{
	struct json_object *array = json_object_new_array(), *obj;
	const struct policy_line *line = config->lines.list;
	char buf[16];

	for (size_t i = 0; i < config->lines.nr; i++, line++) {
		if (!is_pattern(line))
			continue;
		obj = json_object_new_object();
		json_object_object_add(obj, "section", text_or_null(line->name.name));
		json_object_object_add(obj, "key", text_or_null(name_of(line)));
		json_object_object_add(obj, "value",
				       text_or_null(word_of(line, buf, sizeof(buf))));
		json_object_object_add(obj, "origin", text_or_null(line->text));
		json_object_array_add(array, obj);
	}
	return array;
}

static int print_config_json(const struct config *config, const struct shown_rules *shown,
			     size_t nr)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *files = json_object_new_array(), *policy = json_object_new_array();
	size_t i;

	for (i = 0; i < config->nr_files; i++)
		json_object_array_add(files, text_or_null(config->files[i]));
	for (i = 0; i < nr; i++)
		json_object_array_add(policy, rules_json(&shown[i]));
	json_object_object_add(obj, "files", files);
	json_object_object_add(obj, "policy", policy);
	json_object_object_add(obj, "patterns", patterns_json(config));
	json_object_object_add(obj, "allow", list_json(&config->allows));
	json_object_object_add(obj, "controllers", list_json(&config->controllers));
	return print_json(obj, 0);
}

static int show(const struct config *config)
{
	struct would_be_all all = { .config = config };
	struct shown_rules *shown;
	int status;
	size_t i;

	decide_all(&all);
	shown = calloc(all.nr + 1, sizeof(*shown));
	for (i = 0; shown && i < all.nr; i++) {
		shown[i] = all.list[i].shown;
		shown[i].device = all.list[i].name;
		shown[i].rules = &all.list[i].rules;
	}
	if (!shown)
		status = fail(EXIT_FAILED, "no memory is left for 'check --config': free some");
	else if (opts.json)
		status = print_config_json(config, shown, all.nr);
	else
		status = print_config(config, shown, all.nr);
	free(shown);
	free(all.list);
	return status;
}

int check_configuration(const char *file)
{
	struct config config;
	int status = config_read(&config, file);

	if (!status)
		status = show(&config);
	config_free(&config);
	return status;
}
