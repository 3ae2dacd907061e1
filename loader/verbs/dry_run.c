// SPDX-License-Identifier: GPL-2.0-only
/* --dry-run: what a whole-device change would do, and which blocks look unmovable. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "able.h"
#include "ancestry.h"
#include "verbs/change.h"
#include "cli.h"
#include "show/device.h"
#include "model.h"
#include "pages.h"
#include "plan.h"
#include "show/report.h"
#include "verbs/remedy.h"
#include "verbs/zone.h"

struct preview {
	const struct change_request *req;
	const struct dax_device *dev;
	struct plan plan;
	bool unbind, bind;
	bool movable;
};

static int plan_preview(struct preview *p)
{
	enum whole_change change = p->req->verb->change;
	struct want want = { .state = BLOCK_OFFLINE }, *all;
	int err;

	p->movable = zone_resolve(p->dev, zone_for(p->dev->name, p->req->zone));
	p->bind = change == CHANGE_TO_PLUGGED && !dax_is_kmem(p->dev);
	p->unbind = p->bind ? p->dev->driver != NULL
			    : change == CHANGE_TO_UNPLUGGED && dax_is_kmem(p->dev);
	if (change == CHANGE_TO_ONLINE || change == CHANGE_TO_PLUGGED) {
		want.state = BLOCK_ONLINE;
		want.movable = p->movable;
	}
	all = want_all(p->dev, want);
	err = all ? plan_make(&p->plan, p->dev, all) : -ENOMEM;
	free(all);
	return err;
}

static unsigned long unmovable(const struct preview *p, const struct step *step)
{
	const struct dax_block *block = &p->dev->blocks[step->block];
	struct page_counts counts;

	if (step->change != CHANGE_OFFLINE || pages_of_block(&counts, block->nr))
		return 0;
	return pages_unmovable(&counts, block->zone, false);
}

static const char *zone_word(const struct preview *p)
{
	return p->movable ? "Movable" : "the kernel's zones";
}

static size_t count_steps(const struct plan *plan, bool offline)
{
	size_t i, nr = 0;

	for (i = 0; i < plan->nr; i++)
		nr += (plan->steps[i].change == CHANGE_OFFLINE) == offline;
	return nr;
}

static void print_preview(const struct preview *p)
{
	size_t off = count_steps(&p->plan, true), on = count_steps(&p->plan, false), i;
	const char *name = p->dev->name;
	char blocks[512];

	say("%s: now %s, %s", name, p->dev->driver ? p->dev->driver : "no driver",
	    blocks_text(p->dev, blocks, sizeof(blocks)));
	if (off)
		say("%s: would take %zu blocks offline", name, off);
	if (p->unbind)
		say("%s: would take it from %s", name, p->dev->driver);
	if (p->bind)
		say("%s: would bind it to kmem", name);
	if (on + p->plan.absent)
		say("%s: would bring %zu blocks online in %s", name, on + p->plan.absent,
		    zone_word(p));
	if (!off && !on && !p->plan.absent && !p->unbind && !p->bind)
		say("%s: nothing to do", name);
	for (i = 0; i < p->plan.nr; i++) {
		unsigned long pages = unmovable(p, &p->plan.steps[i]);

		if (pages)
			say("%s: memory%u looks unmovable: %lu of its pages belong to the "
			    "kernel",
			    name, p->dev->blocks[p->plan.steps[i].block].nr, pages);
	}
}

static struct json_object *step_json(const struct preview *p, const struct step *step)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "block", json_number(p->dev->blocks[step->block].nr));
	json_object_object_add(obj, "change",
			       json_object_new_string(change_word(step->change)));
	json_object_object_add(obj, "unmovable_pages", json_number(unmovable(p, step)));
	return obj;
}

static int print_preview_json(const struct preview *p)
{
	struct json_object *obj = json_object_new_object(), *steps = json_object_new_array();
	size_t i;

	for (i = 0; i < p->plan.nr; i++)
		json_object_array_add(steps, step_json(p, &p->plan.steps[i]));
	json_object_object_add(obj, "device", text_or_null(p->dev->name));
	json_object_object_add(obj, "verb", json_object_new_string(p->req->verb->name));
	json_object_object_add(obj, "event", json_object_new_string("plan"));
	json_object_object_add(obj, "driver", text_or_null(p->dev->driver));
	json_object_object_add(obj, "blocks", blocks_json(p->dev));
	json_object_object_add(obj, "zones", zones_json(p->dev));
	json_object_object_add(obj, "unbind", text_or_null(p->unbind ? p->dev->driver : NULL));
	json_object_object_add(obj, "bind", text_or_null(p->bind ? "kmem" : NULL));
	json_object_object_add(obj, "absent", json_number(p->plan.absent));
	json_object_object_add(obj, "movable", json_object_new_boolean(p->movable));
	json_object_object_add(obj, "steps", steps);
	return print_json(obj, 1);
}

/* What the verb itself would refuse. */
static int refusal(const struct preview *p, struct why *why)
{
	switch (p->req->verb->change) {
	case CHANGE_TO_PLUGGED:
		return dax_is_kmem(p->dev) ? 0 : can_plug(p->dev, why);
	case CHANGE_TO_UNPLUGGED:
		return dax_is_kmem(p->dev) ? 0 : is_gone(p->dev, why);
	default:
		return can_change_blocks(p->dev, why);
	}
}

static int preview(struct preview *p)
{
	int status = EXIT_DONE;

	if (plan_preview(p))
		status = fail(EXIT_FAILED, "no memory is left for a plan for '%s': free some",
			      p->dev->name);
	else if (opts.json)
		status = print_preview_json(p);
	else
		print_preview(p);
	free(p->plan.steps);
	return status;
}

/* Those that can be changed at all, once it is clear that all of them can. */
static int preview_all(const struct change_request *req, const struct dax_devices *devs)
{
	struct preview p = { .req = req };
	bool any = false;
	struct why why;
	int status = EXIT_DONE, round;
	size_t i;

	for (i = 0; i < devs->nr; i++)
		any |= devs->dev[i].nr_blocks > 0;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < devs->nr && !status; i++) {
			p.dev = &devs->dev[i];
			/* beside others, one without room for a block is left alone */
			if (any && !p.dev->nr_blocks)
				continue;
			status = round ? preview(&p) : refusal(&p, &why);
		}
		if (!round && status)
			return fail_why(status, &why);
	}
	return status;
}

/* Append the device NAME to ALL. */
static int add_device(struct dax_devices *all, const char *name)
{
	struct dax_device *devs;
	struct dax_devices one;
	int err = model_one(&one, name);

	if (!err) {
		devs = reallocarray(all->dev, all->nr + 1, sizeof(*devs));
		if (devs) {
			all->dev = devs;
			devs[all->nr++] = *one.dev;
			one.nr = 0;
		} else {
			err = -ENOMEM;
		}
	}
	model_free(&one);
	return err;
}

static int read_failed(const char *name, int err)
{
	if (err == -ENOENT)
		return fail(EXIT_FAILED, "there is no dax device '%s': see 'daxguard list'",
			    name);
	if (err == -EACCES || err == -EPERM)
		return fail(EXIT_LACKING,
			    "only root can read the ranges of '%s': run "
			    "daxguard as root",
			    name);
	return fail(EXIT_FAILED, "the device '%s' cannot be read (%s): try again", name,
		    strerror(-err));
}

int change_dry_run(const struct change_request *req, const char *text)
{
	struct dax_devices devs = {};
	struct device_names names;
	struct why why;
	int status = devices_named(&names, text, &why), err;
	size_t i;

	if (status)
		fail_why(status, &why);
	for (i = 0; i < names.nr && !status; i++) {
		err = add_device(&devs, names.name[i]);
		if (err)
			status = read_failed(names.name[i], err);
	}
	if (!status)
		status = preview_all(req, &devs);
	device_names_free(&names);
	model_free(&devs);
	return status;
}
