// SPDX-License-Identifier: GPL-2.0-only
/* The configuration files: [DEVICE] sections with policy words, [allow], [controllers]. */
#include "policy/config.h"

#include <errno.h>
#include <glob.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "control.h"
#include "show/report.h"

struct reader {
	struct config *config;
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
	if (what) {
		wrong(r, what, word);
		free(word);
		return 0;
	}
	who_warn(who);
	all->nr++;
	return 1;
}

static bool is_list(const char *section)
{
	return !strcmp(section, "allow") || !strcmp(section, "controllers");
}

/* libinih's handler: 1 goes on, 0 makes the line the first wrong one. */
static int take_line(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	struct config_policy *policy;
	struct daxguard_name device;
	char text[80];
	int err;

	if (r->config->policies_only && is_list(section))
		return 1;
	if (!strcmp(section, "allow"))
		return take_who(r, &allow_list, &r->config->allows, name, value);
	if (!strcmp(section, "controllers"))
		return take_who(r, &controller_list, &r->config->controllers, name, value);
	if (device_key(&device, section, true))
		return wrong(r, "no device, '*', 'allow' or 'controllers' is the section",
			     section);
	policy = policy_for(r->config, &device);
	if (!policy)
		return wrong(r, "no memory for", section);
	err = policy_take(&policy->change, name, value);
	if (!err)
		return 1;
	snprintf(text, sizeof(text), "%s = %s", name, value);
	return wrong(r, policy_wrong(err), err == -EINVAL ? text : name);
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

static int read_file(struct config *config, const char *path)
{
	struct reader r = { .config = config };
	int line = parse_file(&r, path);

	if (line == 0)
		return 0;
	if (line < 0)
		return fail(
			EXIT_FAILED,
			"the configuration file '%s' cannot be read (%s): correct or remove it",
			path, line == -1 ? strerror(errno) : "no memory");
	return fail(EXIT_USAGE,
		    "line %d of the configuration file '%s' is wrong (%s): correct it, nothing "
		    "was applied",
		    line, path,
		    r.wrong_line == line ? r.wrong : "neither [section] nor KEY = WORD");
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

int config_read(struct config *config, const char *file)
{
	memset(config, 0, sizeof(*config));
	return file ? read_file(config, file) : read_all(config);
}

int config_read_policies(struct config *config)
{
	memset(config, 0, sizeof(*config));
	config->policies_only = true;
	return read_all(config);
}

/* As the maps have it: a half that is the device's own from its section on, else that of '*'. */
static void lay_over(const struct config_policy *policy, struct policy_rules *rules,
		     const struct policy_rules *any, unsigned int *own)
{
	if (!(*own & 1u << POLICY_FIRST))
		rules->policy = any->policy;
	if (!(*own & 1u << POLICY_MORE))
		rules->more = any->more;
	if (!policy)
		return;
	policy_apply(&policy->change, rules);
	*own |= policy_halves(&policy->change);
}

void config_in_force(const struct config *config, const struct daxguard_name *device,
		     struct policy_rules *rules)
{
	static const struct daxguard_name star = { DAXGUARD_ANY };
	struct policy_rules any = policy_default();
	const struct config_policy *policy;
	unsigned int own = 0;

	*rules = any;
	for (size_t i = 0; i < config->nr_policies; i++) {
		policy = &config->policies[i];
		if (!memcmp(&policy->device, &star, sizeof(star)))
			policy_apply(&policy->change, &any);
		else if (!memcmp(&policy->device, device, sizeof(*device)))
			lay_over(policy, rules, &any, &own);
	}
	lay_over(NULL, rules, &any, &own);
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
	free_list(&config->allows);
	free_list(&config->controllers);
}
