// SPDX-License-Identifier: GPL-2.0-only
/* daxguard metrics: the guard and the devices for Prometheus, on stdout or in a file. */
#include "verbs/families.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "control.h"
#include "guard/ftrace.h"
#include "guard/hooks.h"
#include "guard/pins.h"
#include "guard/policy_map.h"
#include "show/exposition.h"
#include "show/report.h"

/* The policy of '*' and of each device. */
static int read_policies(struct metrics *m)
{
	struct daxguard_name name;
	int err = 0;

	m->policies = calloc(m->devices.nr + 1, sizeof(*m->policies));
	if (!m->policies)
		return -ENOMEM;
	for (size_t i = 0; !err && i <= m->devices.nr; i++) {
		struct metrics_policy *p = &m->policies[m->nr_policies];

		p->device = i ? m->devices.dev[i - 1].name : DAXGUARD_ANY;
		if (device_key(&name, p->device, true))
			continue; /* a longer name than the guard has room for */
		err = policy_map_in_force(&name, &p->rules);
		m->nr_policies++;
	}
	return err;
}

static int read_guard(struct metrics *m)
{
	int err;

	control_sweep();
	m->hooks = hooks_pinned();
	m->broken = ftrace_stopped();
	err = read_policies(m);
	if (!err)
		err = guard_transitions(&m->running);
	if (!err)
		err = guard_blocks(&m->known);
	if (!err)
		err = tally_read(&m->culprits, NULL);
	if (!err)
		err = counters_read(m->counters);
	return err;
}

static void free_metrics(struct metrics *m)
{
	free(m->running.list);
	free(m->known.list);
	free(m->culprits.list);
	free(m->policies);
	model_free(&m->devices);
}

static int file_failed(const char *path, int err)
{
	return fail(EXIT_FAILED,
		    "the file '%s' cannot be written (%s): see that its directory is there, "
		    "may be written to and has space",
		    path, strerror(-err));
}

static int write_and_close(struct json_object *all, int fd)
{
	FILE *out = fdopen(fd, "w");
	int err;

	if (!out) {
		close(fd);
		return -ENOMEM;
	}
	/* node_exporter is not root */
	err = fchmod(fd, 0644) ? -errno : exposition_write(all, out);
	return fclose(out) && !err ? -EIO : err;
}

/*
 * Whoever reads it gets the whole of the old file or of the new one: this one is made beside
 * it, under a name that node_exporter passes over.  Not synced: the next is there in seconds.
 */
static int write_file(struct json_object *all, const char *path)
{
	char *name;
	int fd, err;

	if (asprintf(&name, "%s.XXXXXX", path) < 0)
		return file_failed(path, -ENOMEM);
	fd = mkstemp(name);
	err = fd < 0 ? -errno : write_and_close(all, fd);
	if (!err && rename(name, path))
		err = -errno;
	if (err && fd >= 0)
		unlink(name);
	free(name);
	return err ? file_failed(path, err) : EXIT_DONE;
}

static int show_metrics(const struct metrics *m, const char *path)
{
	struct json_object *all = metrics_families(m);
	int status = EXIT_DONE;

	if (path)
		status = write_file(all, path);
	else if (opts.json)
		return print_json(all, 0);
	else
		exposition_write(all, stdout); /* what went wrong is said at exit */
	json_object_put(all);
	return status;
}

/* What is there all the same is shown first. */
static int show_broken(struct metrics *m, enum pins_state state, const char *what,
		       const char *path)
{
	int status;

	m->broken = true;
	status = show_metrics(m, path);
	if (status)
		return status;
	return fail(pins_status(state), "%s", pins_sentence(state, what));
}

static int collect(const char *path)
{
	struct metrics m = {};
	char what[PINS_WHAT];
	enum pins_state state = pins_inspect(what, sizeof(what));
	int status = EXIT_DONE, err = model_all(&m.devices);

	m.loaded = state == PINS_COMPLETE;
	if (err)
		status = fail(EXIT_FAILED, "the dax devices cannot be read (%s): see '%s'",
			      strerror(-err), DAX_DEVICES);
	else if (state == PINS_UNSEEN)
		status = fail(pins_status(state), "%s", pins_sentence(state, what));
	else if (m.loaded && (err = read_guard(&m)))
		status = pins_fail_broken(err);
	else if (m.loaded || state == PINS_NONE)
		status = show_metrics(&m, path);
	else
		status = show_broken(&m, state, what, path);
	free_metrics(&m);
	return status;
}

const struct opt metrics_opts[] = {
	{ "textfile", OPT_TEXTFILE, "FILE", .complete = "file",
	  .help = "write them to FILE, all at once, for node_exporter" },
	{},
};

int verb_metrics(int argc, char **argv)
{
	const char *path = NULL;
	int status;

	while (next_option(argc, argv, metrics_opts) != OPTIONS_END)
		path = optarg;
	status = need_operands(argc, argv, 0, 0);
	if (!status && path && opts.json)
		status = fail(EXIT_USAGE,
			      "--json and '--textfile=%s' do not go together: "
			      "leave one out",
			      path);
	if (!status)
		status = pins_need_root();
	return status ? status : collect(path);
}
