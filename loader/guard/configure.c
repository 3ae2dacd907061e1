// SPDX-License-Identifier: GPL-2.0-only
/* Putting a configuration in force in the maps of a guard, all of it or nothing. */
#include "guard/configure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "guard/allow_map.h"
#include "guard/batch.h"
#include "guard/origins.h"
#include "guard/pins.h"
#include "guard/policy_plan.h"
#include "guard/program_map.h"
#include "policy/config.h"
#include "show/report.h"

static const char *make_room(const char *map)
{
	if (!strcmp(map, controller_list.map))
		return "daxguard controller remove";
	return strncmp(map, "policy", strlen("policy")) ? "daxguard allow remove"
							: "daxguard policy unset";
}

static int failed(const struct batch *b, int err)
{
	const char *map = b->failed ? b->failed : "programs";

	if (err == -E2BIG)
		return fail(EXIT_FAILED,
			    "the map '" PIN_MAPS "/%s' is full, nothing of the configuration "
			    "was applied: make room with '%s', or name fewer",
			    map, make_room(map));
	return fail(EXIT_FAILED,
		    "the map '" PIN_MAPS "/%s' cannot be used (%s), nothing of the "
		    "configuration was applied: see 'daxguard check'",
		    map, strerror(-err));
}

static int plan_all(const struct plan *plan, struct config *config)
{
	int err = policy_plan_all(plan, &config->lines);

	if (!err)
		err = allow_map_plan(plan, &allow_list, &config->allows);
	if (!err)
		err = allow_map_plan(plan, &controller_list, &config->controllers);
	return err;
}

int configure(struct config *config, const struct configure_options *options)
{
	struct batch batch = {};
	struct origins origins;
	struct plan plan = { .batch = &batch,
			     .origins = &origins,
			     .keep = options->keep,
			     .tell = options->tell,
			     .mode = options->mode };
	int err = origins_read(&origins), status = EXIT_DONE;

	if (!err)
		err = plan_all(&plan, config);
	if (!err)
		err = batch_run(&batch);
	if (err)
		status = failed(&batch, err);
	/* the numbers of paths that no list names, now or after all */
	program_map_tidy();
	if (!err && options->running) {
		allow_map_mark(&config->allows);
		allow_map_mark(&config->controllers);
	}
	batch_free(&batch);
	free(origins.list);
	return status;
}

int configure_device_locked(const struct daxguard_name *device)
{
	struct batch batch = {};
	struct origins origins;
	struct plan plan = { .batch = &batch, .origins = &origins, .keep = true };
	int err = origins_read(&origins), status = EXIT_DONE;

	if (!err)
		err = policy_plan_device(&plan, device);
	if (!err)
		err = batch_run(&batch);
	if (err)
		status = failed(&batch, err);
	batch_free(&batch);
	free(origins.list);
	return status;
}

int configure_device(const struct daxguard_name *device)
{
	int lock, status = pins_lock_to_change(&lock);

	if (status)
		return status;
	status = configure_device_locked(device);
	close(lock);
	return status;
}
