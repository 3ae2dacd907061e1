/* SPDX-License-Identifier: GPL-2.0-only */
/* daxguard check: what the machine lacks, and whether what is loaded is well. */
#include "guard/check.h"

#include "array.h"
#include "cli.h"
#include "guard/check_enforce.h"
#include "guard/check_guard.h"
#include "guard/check_policy.h"
#include "guard/protect.h"
#include "show/report.h"
#include "show/table.h"
#include "verbs/check_config.h"

struct request {
	bool enforce;
	size_t hurt; /* programs that enforcing would hurt */
};

static const char *const finding_names[] = { "ok", "missing", "warning", "unknown" };

static void add_row(struct checks *c, enum finding finding, const char *what, const char *text)
{
	const char *cells[] = { finding_names[finding], what, text };

	table_row(c->context, cells);
}

static void add_json(struct checks *c, enum finding finding, const char *what, const char *text)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "check", json_object_new_string(what));
	json_object_object_add(obj, "result", json_object_new_string(finding_names[finding]));
	json_object_object_add(obj, "text", json_object_new_string(text));
	json_object_array_add(c->context, obj);
}

/* Returns EXIT_DONE or EXIT_LACKING by what was found. */
static int check_all(struct request *req, struct checks *c)
{
	check_machine(c);
	check_protections(c);
	check_config(c);
	check_guard(c);
	if (req->enforce)
		req->hurt = check_enforce(c);
	return c->missing ? EXIT_LACKING : EXIT_DONE;
}

static int show_text(struct request *req)
{
	static const struct table_column columns[] = { { .heading = NULL },
						       { .heading = NULL },
						       { .heading = NULL } };
	struct table table;
	struct checks c = { .found = add_row, .context = &table };
	int status;

	table_begin(&table, columns, ARRAY_SIZE(columns));
	status = check_all(req, &c);
	return table_print(&table) ? EXIT_FAILED : status;
}

static int show_json(struct request *req)
{
	struct checks c = { .found = add_json, .context = json_object_new_array() };
	struct json_object *obj = json_object_new_object();
	int status = check_all(req, &c);

	json_object_object_add(obj, "missing", json_number(c.missing));
	json_object_object_add(obj, "checks", c.context);
	if (req->enforce)
		json_object_object_add(obj, "hurt", json_number(req->hurt));
	return print_json(obj, 0) ? EXIT_FAILED : status;
}

const struct opt check_opts[] = {
	{ "enforce", OPT_ENFORCE,
	  .help = "say whom mode=enforce would hurt, by what mode=audit has seen" },
	{ "config", OPT_CONFIG, "FILE", .complete = "file", .optional = true,
	  .help = "only read the configuration, or FILE in its place, and show what\n"
		  "would be in force" },
	{},
};

int verb_check(int argc, char **argv)
{
	struct request req = {};
	bool configuration = false;
	const char *file = NULL;
	int opt, status;

	while ((opt = next_option(argc, argv, check_opts)) != OPTIONS_END) {
		if (opt == OPT_ENFORCE) {
			req.enforce = true;
			continue;
		}
		configuration = true;
		file = optarg;
	}
	/* "--config FILE" is taken, too */
	status = need_operands(argc, argv, 0, configuration && !file ? 1 : 0);
	if (status)
		return status;
	if (configuration)
		return check_configuration(file ? file : argv[optind]);
	return opts.json ? show_json(&req) : show_text(&req);
}
