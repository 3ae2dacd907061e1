// SPDX-License-Identifier: GPL-2.0-only
/* The configuration files: sections with policy for devices, [allow], [controllers]. */
#include "policy/config.h"

#include <errno.h>
#include <glob.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "show/report.h"

struct reader {
	struct config *config;
	const char *path;
	FILE *file;
	int line; /* that libinih has just read */
	int wrong_line;
	char wrong[160]; /* the first thing that is */
};

static int wrong(struct reader *r, const char *what, const char *text)
{
	if (!r->wrong[0]) {
		r->wrong_line = r->line;
		snprintf(r->wrong, sizeof(r->wrong), "%s '%.80s'", what, text);
	}
	return 0;
}

/* "FILE:LINE"; of a path that is too long the end. */
static void say_where(const struct reader *r, char *text)
{
	char line[16];
	size_t len = strlen(r->path), room;

	snprintf(line, sizeof(line), ":%d", r->line);
	room = DAXGUARD_ORIGIN_LEN - 1 - strlen(line);
	if (len <= room)
		snprintf(text, DAXGUARD_ORIGIN_LEN, "%s%s", r->path, line);
	else
		snprintf(text, DAXGUARD_ORIGIN_LEN, "...%s%s", r->path + len - (room - 3),
			 line);
}

static struct config_policy *policy_for(struct config *c, const struct daxguard_name *device)
{
	struct config_policy *list;

	for (size_t i = 0; i < c->nr_policies; i++)
		if (!memcmp(&c->policies[i].device, device, sizeof(*device)))
			return &c->policies[i];
	list = reallocarray(c->policies, c->nr_policies + 1, sizeof(*list));
	if (!list)
		return NULL;
	c->policies = list;
	list = &list[c->nr_policies++];
	memset(list, 0, sizeof(*list));
	list->device = *device;
	return list;
}

/*
 * A service's cgroup and a user of the network may come after the guard: at boot that is no
 * reason to guard without all the rest.  What is not allowed is refused.
 */
static int leave_out(struct reader *r, const struct who *who, char *word)
{
	char at[DAXGUARD_ORIGIN_LEN];

	say_where(r, at);
	if (!r->config->quiet)
		warn("%s: '%s' is %s at this time, and is left out: when it is there, run "
		     "'daxguard load --reload'",
		     at, word, who_what(who));
	free(word);
	return 1;
}

static int take_who(struct reader *r, const struct who_list *list, struct config_list *all,
		    const char *name, const char *value)
{
	struct who *who = reallocarray(all->list, all->nr + 1, sizeof(*who));
	const char *what = NULL;
	char *word;

	if (!who)
		return wrong(r, "no memory for", value);
	all->list = who;
	who += all->nr;
	if (asprintf(&word, "%s=%s", name, value) < 0)
		return wrong(r, "no memory for", value);
	if (who_parse(list, word, who))
		what = policy_wrong(*value ? -ENOENT : -EINVAL);
	else if (!who_is_fine(who))
		what = who_what(who);
	if (what && who->found == -ENOENT)
		return leave_out(r, who, word);
	if (what) {
		wrong(r, what, word);
		free(word);
		return 0;
	}
	if (!r->config->quiet)
		who_warn(who);
	say_where(r, who->at);
	all->nr++;
	return 1;
}

static bool is_list(const char *section)
{
	return !strcmp(section, "allow") || !strcmp(section, "controllers");
}

/* The key is in the change already, which tells doubles. */
static bool add_line(struct reader *r, const struct config_policy *policy, __u32 section,
		     int key)
{
	struct policy_lines *lines = &r->config->lines;
	struct policy_line *line = policy_lines_add(lines);

	if (!line)
		return false;
	*line = (struct policy_line){ .name = policy->device,
				      .section = section,
				      .order = lines->nr,
				      .key = key,
				      .value = policy_get(&policy->change.value, key) };
	say_where(r, line->text);
	return true;
}

static int take_policy(struct reader *r, const char *section, const char *name,
		       const char *value)
{
	struct config_policy *policy;
	struct daxguard_name device;
	__u32 kind = section_kind(section, &device);
	char text[80];
	int err;

	if (!kind)
		return wrong(r,
			     "no device, pattern, '*', 'allow' or 'controllers' is the section",
			     section);
	policy = policy_for(r->config, &device);
	if (!policy)
		return wrong(r, "no memory for", section);
	err = policy_take(&policy->change, name, value);
	if (!err)
		return add_line(r, policy, kind, policy_find(name)) ||
		       wrong(r, "no memory for", name);
	snprintf(text, sizeof(text), "%s = %s", name, value);
	return wrong(r, policy_wrong(err), err == -EINVAL ? text : name);
}

/* libinih's handler: 1 goes on, 0 makes the line the first wrong one. */
static int take_line(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;

	if (r->config->policies_only && is_list(section))
		return 1;
	if (!strcmp(section, "allow"))
		return take_who(r, &allow_list, &r->config->allows, name, value);
	if (!strcmp(section, "controllers"))
		return take_who(r, &controller_list, &r->config->controllers, name, value);
	return take_policy(r, section, name, value);
}

/* libinih goes on after a line that it cannot take apart, and says the number of that one. */
static char *next_line(char *text, int size, void *stream)
{
	struct reader *r = stream;

	r->line++;
	return fgets(text, size, r->file);
}

static int parse_file(struct reader *r, const char *path)
{
	int line;

	r->file = fopen(path, "re");
	if (!r->file)
		return -1;
	line = ini_parse_stream(next_line, r, take_line, r);
	fclose(r->file);
	return line;
}

static bool remember(struct config *config, const char *path)
{
	char **files = reallocarray(config->files, config->nr_files + 1, sizeof(*files));

	if (!files)
		return false;
	config->files = files;
	files[config->nr_files] = strdup(path);
	return files[config->nr_files++];
}

static int read_file(struct config *config, const char *path)
{
	struct reader r = { .config = config, .path = path };
	int line = remember(config, path) ? parse_file(&r, path) : -2;

	if (line == 0)
		return 0;
	if (line < 0) {
		snprintf(
			config->why, sizeof(config->why),
			"the configuration file '%s' cannot be read (%s): correct or remove it",
			path, line == -1 ? strerror(errno) : "no memory");
		return EXIT_FAILED;
	}
	snprintf(config->why, sizeof(config->why),
		 "line %d of the configuration file '%s' is wrong (%s): correct it, nothing "
		 "was applied",
		 line, path,
		 r.wrong_line == line ? r.wrong : "neither [section] nor KEY = WORD");
	return EXIT_USAGE;
}

static int read_all(struct config *config)
{
	glob_t found;
	int status = 0;

	if (!access(CONFIG_FILE, F_OK))
		status = read_file(config, CONFIG_FILE);
	if (!status && !glob(CONFIG_DIR "/*.conf", 0, NULL, &found)) {
		for (size_t i = 0; !status && i < found.gl_pathc; i++)
			status = read_file(config, found.gl_pathv[i]);
		globfree(&found);
	}
	return status;
}

static int read_some(struct config *config, const char *file)
{
	int status = file ? read_file(config, file) : read_all(config);

	return status && !config->quiet ? fail(status, "%s", config->why) : status;
}

int config_read(struct config *config, const char *file)
{
	memset(config, 0, sizeof(*config));
	return read_some(config, file);
}

int config_look(struct config *config, const char *file)
{
	*config = (struct config){ .quiet = true };
	return read_some(config, file);
}

int config_read_policies(struct config *config)
{
	*config = (struct config){ .policies_only = true };
	return read_some(config, NULL);
}

void config_in_force(const struct config *config, const struct daxguard_name *device,
		     struct policy_rules *rules)
{
	struct policy_decided decided;
	struct device_place place;

	*rules = policy_default();
	place_of(&place, device);
	policy_decide(&config->lines, &place, &decided);
	for (size_t key = 0; key < POLICY_MOST_WORDS; key++)
		if (decided.by[key])
			policy_put(rules, key, decided.by[key]->value);
}

static void free_list(struct config_list *all)
{
	for (size_t i = 0; i < all->nr; i++)
		free((char *)all->list[i].word);
	free(all->list);
}

void config_free(struct config *config)
{
	free(config->policies);
	free(config->lines.list);
	for (size_t i = 0; i < config->nr_files; i++)
		free(config->files[i]);
	free(config->files);
	free_list(&config->allows);
	free_list(&config->controllers);
}
