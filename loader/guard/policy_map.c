// SPDX-License-Identifier: GPL-2.0-only
/* The pinned map "policy": what is refused, for each device and for '*'. */
#include "guard/policy_map.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "guard/guard.h"
#include "guard/pins.h"
#include "model.h"
#include "policy/config.h"
#include "show/report.h"

static int add_entry(const void *key, const void *value, void *ctx)
{
	struct policy_entries *all = ctx;
	struct policy_entry *list = reallocarray(all->list, all->nr + 1, sizeof(*list));

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
	const struct policy_entry *x = a, *y = b;

	return compare_names(x->device.name, y->device.name);
}

int policy_map_read(struct policy_entries *all)
{
	int err;

	memset(all, 0, sizeof(*all));
	err = guard_walk("policy", sizeof(struct daxguard_name), sizeof(struct daxguard_policy),
			 add_entry, all);
	if (all->nr)
		qsort(all->list, all->nr, sizeof(*all->list), compare_entries);
	return err;
}

int policy_map_failed(int err)
{
	return fail(EXIT_FAILED,
		    "the map '" PIN_MAPS "/policy' cannot be used (%s): see "
		    "'daxguard check'",
		    strerror(-err));
}

/* The entry of the device, or what is in force for it without one. */
static int read_in_force(int map, const struct daxguard_name *device,
			 struct daxguard_policy *policy)
{
	struct daxguard_name any = { DAXGUARD_ANY };

	if (!bpf_map_lookup_elem(map, device, policy))
		return 0;
	if (errno != ENOENT)
		return -errno;
	if (!bpf_map_lookup_elem(map, &any, policy))
		return 0;
	*policy = policy_default();
	return errno == ENOENT ? 0 : -errno;
}

int policy_map_any(struct daxguard_policy *policy)
{
	struct daxguard_name any = { DAXGUARD_ANY };
	int err, map = pins_map("policy");

	if (map < 0)
		return map;
	err = read_in_force(map, &any, policy);
	close(map);
	return err;
}

static int store(int map, const struct daxguard_name *device,
		 const struct daxguard_policy *policy)
{
	if (!bpf_map_update_elem(map, device, policy, BPF_ANY))
		return EXIT_DONE;
	if (errno == E2BIG)
		return fail(EXIT_FAILED,
			    "the map '" PIN_MAPS "/policy' is full: make room with "
			    "'daxguard policy unset DEV'");
	return policy_map_failed(-errno);
}

static int change_entry(int map, const struct daxguard_name *device,
			const struct policy_change *change)
{
	struct daxguard_policy policy;
	int err = read_in_force(map, device, &policy);

	if (err)
		return policy_map_failed(err);
	policy_apply(change, &policy);
	return store(map, device, &policy);
}

static int reset_entry(int map, const struct daxguard_name *device,
		       const struct policy_change *none)
{
	const struct daxguard_policy policy = policy_default();

	(void)none;
	if (!strcmp(device->name, DAXGUARD_ANY))
		return store(map, device, &policy);
	if (!bpf_map_delete_elem(map, device))
		return EXIT_DONE;
	if (errno == ENOENT)
		return fail(EXIT_FAILED,
			    "'%s' has no policy of its own: see 'daxguard policy list'",
			    device->name);
	return policy_map_failed(-errno);
}

typedef int (*entry_fn)(int map, const struct daxguard_name *device,
			const struct policy_change *change);

/* Under the lock: two changes of one entry would lose one of them. */
static int under_lock(const struct daxguard_name *device, const struct policy_change *change,
		      entry_fn fn)
{
	int map, lock, status = pins_lock_to_change(&lock);

	if (status)
		return status;
	map = pins_map("policy");
	status = map < 0 ? policy_map_failed(map) : fn(map, device, change);
	if (map >= 0)
		close(map);
	close(lock);
	return status;
}

int policy_map_change(const struct daxguard_name *device, const struct policy_change *change)
{
	return under_lock(device, change, change_entry);
}

static int configure_entry(int map, const struct config_policy *wanted)
{
	struct daxguard_policy policy;
	int err = read_in_force(map, &wanted->device, &policy);

	if (err)
		return err;
	policy_apply(&wanted->change, &policy);
	return bpf_map_update_elem(map, &wanted->device, &policy, BPF_ANY) ? -errno : 0;
}

int policy_map_configure(const struct config *config)
{
	int err = 0, map = pins_map("policy");

	if (map < 0)
		return map;
	for (size_t i = 0; !err && i < config->nr_policies; i++)
		err = configure_entry(map, &config->policies[i]);
	close(map);
	return err;
}

int policy_map_reset(const struct daxguard_name *device)
{
	return under_lock(device, NULL, reset_entry);
}
