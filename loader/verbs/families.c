// SPDX-License-Identifier: GPL-2.0-only
/* What `daxguard metrics` says, by name: the names and labels are a promise to dashboards. */
#include "verbs/families.h"

#include <stdio.h>
#include <string.h>

#include "array.h"
#include "clock.h"
#include "control.h"
#include "show/device.h"
#include "show/exposition.h"
#include "show/report.h"

static void add_one(struct json_object *all, const char *name, const char *help,
		    struct json_object *value)
{
	sample_add(family_add(all, name, "gauge", help), value, LABELS_END);
}

/* Thousandths of a second are exact enough, and short. */
static struct json_object *seconds(__u64 ns)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3f", (double)ns / NS_PER_S);
	return json_object_new_double_s((double)ns / NS_PER_S, text);
}

static void add_guard(struct json_object *all, const struct metrics *m)
{
	sample_add(family_add(all, "daxguard_build_info", "gauge",
			      "The daxguard command that has written this."),
		   json_number(1), "version", DAXGUARD_VERSION, LABELS_END);
	add_one(all, "daxguard_loaded", "Whether the guard is loaded.", json_number(m->loaded));
	add_one(all, "daxguard_broken",
		"Whether there are pins that are no guard of this version, or a guard that the "
		"kernel does not call; 'daxguard check' says why.",
		json_number(m->broken));
}

static void add_hooks(struct json_object *all, __u32 hooks)
{
	static const struct {
		const char *name;
		__u32 bit;
	} layers[] = {
		{ "lsm", DAXGUARD_HOOKS_LSM },
		{ "module", DAXGUARD_HOOKS_MODULE },
		{ "builtin", DAXGUARD_HOOKS_BUILTIN },
		{ "zone", DAXGUARD_HOOKS_ZONE },
	};
	struct json_object *samples = family_add(all, "daxguard_hook", "gauge",
						 "Whether the guard decides by this hook.");

	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		sample_add(samples, json_number(!!(hooks & layers[i].bit)), "hook",
			   layers[i].name, LABELS_END);
}

/* Where `missed` is, daxguard-status.8 has what each of them means. */
static void add_counters(struct json_object *all, const struct counter *counters)
{
	char name[64], help[96];

	for (size_t i = 0; i < NR_COUNTERS; i++) {
		snprintf(name, sizeof(name), "daxguard_%s_total", counters[i].name);
		snprintf(help, sizeof(help), "The counter '%s' of 'daxguard status'.",
			 counters[i].name);
		sample_add(family_add(all, name, "counter", help), json_number(counters[i].sum),
			   LABELS_END);
	}
}

static __u64 until(__u64 from, __u64 to)
{
	return to > from ? to - from : 0;
}

static void add_transitions(struct json_object *all, const struct guard_transitions *running)
{
	struct json_object *age, *left, *owner;
	__u64 now = now_ns();

	add_one(all, "daxguard_transitions", "Devices that are held.",
		json_number(running->nr));
	age = family_add(all, "daxguard_transition_age_seconds", "gauge",
			 "How long the device has been held.");
	left = family_add(all, "daxguard_transition_left_seconds", "gauge",
			  "Time until the hold ends by itself, where it does.");
	owner = family_add(all, "daxguard_transition_owner_info", "gauge",
			   "Who holds the device.");
	for (size_t i = 0; i < running->nr; i++) {
		const struct guard_transition *held = &running->list[i];
		const char *device = held->device.name, *kind = kind_name(held->t.kind);
		char comm[DAXGUARD_COMM_LEN + 1], pid[16];

		/* the host's, wherever this runs */
		snprintf(pid, sizeof(pid), "%u", held->t.named_pid);
		clean_text(comm, sizeof(comm), held->t.named_comm, sizeof(held->t.named_comm));
		sample_add(age, seconds(until(held->t.begin_ns, now)), "device", device, "kind",
			   kind, LABELS_END);
		if (held->t.deadline_ns)
			sample_add(left, seconds(until(now, held->t.deadline_ns)), "device",
				   device, "kind", kind, LABELS_END);
		sample_add(owner, json_number(1), "device", device, "kind", kind, "pid", pid,
			   "comm", comm, LABELS_END);
	}
}

/* Prometheus keeps each series for weeks: of more than these a machine has another problem. */
#define MOST_CULPRITS 100

/*
 * Programs choose their names, and two that differ only in what is not fit to be shown would
 * be one series twice, for which node_exporter passes over all of the file: they are added.
 */
static void add_culprit(struct json_object *samples, struct json_object *seen,
			const struct culprit *c, __u64 count)
{
	char program[64], unit[128], device[32], uid[16], key[256];
	const char *labels[] = { culprit_program(c, program, sizeof(program)),
				 culprit_unit(c, unit, sizeof(unit)),
				 culprit_device(c, device, sizeof(device)) };
	struct json_object *value;

	snprintf(uid, sizeof(uid), "%u", c->key.uid);
	snprintf(key, sizeof(key), "%s\n%s\n%s\n%s", labels[0], labels[1], labels[2], uid);
	if (json_object_object_get_ex(seen, key, &value)) {
		json_object_int_inc(value, (int64_t)count);
		return;
	}
	value = json_number(count);
	json_object_object_add(seen, key, json_object_get(value));
	sample_add(samples, value, "program", labels[0], "unit", labels[1], "device", labels[2],
		   "uid", uid, LABELS_END);
}

/* Who: the list begins with those that were refused most. */
static void add_culprits(struct json_object *all, const struct culprits *culprits)
{
	struct json_object *refused =
		family_add(all, "daxguard_refused_by_total", "counter",
			   "Writes refused, by who tried; 'daxguard who' has them all.");
	struct json_object *audited =
		family_add(all, "daxguard_audited_by_total", "counter",
			   "Writes let through that enforce would refuse, by who made them.");
	struct json_object *seen[] = { json_object_new_object(), json_object_new_object() };

	for (size_t i = 0; i < culprits->nr && i < MOST_CULPRITS; i++) {
		const struct culprit *c = &culprits->list[i];

		if (c->refused)
			add_culprit(refused, seen[0], c, c->refused);
		if (c->would_be)
			add_culprit(audited, seen[1], c, c->would_be);
	}
	json_object_put(seen[0]);
	json_object_put(seen[1]);
}

/* A device of a set of modes: 1 for the one in force, so that a query need not know the others.
 */
static void add_policies(struct json_object *all, const struct metrics *m)
{
	static const char *const modes[] = { "off", "audit", "enforce" };
	struct json_object *mode = family_add(all, "daxguard_policy_mode", "gauge",
					      "Whether this mode is in force for the device.");
	struct json_object *hold = family_add(all, "daxguard_policy_max_hold_seconds", "gauge",
					      "The longest hold of the device, 0 for none.");

	for (size_t i = 0; i < m->nr_policies; i++) {
		const struct metrics_policy *p = &m->policies[i];
		const char *now = policy_mode(&p->rules.policy);

		for (size_t j = 0; j < ARRAY_SIZE(modes); j++)
			sample_add(mode, json_number(!strcmp(now, modes[j])), "device",
				   p->device, "mode", modes[j], LABELS_END);
		sample_add(hold, json_number(p->rules.policy.max_hold_s), "device", p->device,
			   LABELS_END);
	}
}

/* Both states are always there, so that a series does not end where all blocks go offline. */
static void add_blocks(struct json_object *samples, const struct dax_device *dev)
{
	struct json_object *zones = zones_json(dev);
	size_t counted = 0, online = count_online(dev);

	sample_add(samples, json_number(dax_count(dev, BLOCK_OFFLINE)), "device", dev->name,
		   "state", "offline", "zone", "", LABELS_END);
	json_object_object_foreach (zones, zone, nr) {
		sample_add(samples, json_object_get(nr), "device", dev->name, "state", "online",
			   "zone", zone, LABELS_END);
		counted += json_object_get_int(nr);
	}
	/* on their way offline, which have no zone to show; or none at all */
	if (online > counted || !online)
		sample_add(samples, json_number(online - counted), "device", dev->name, "state",
			   "online", "zone", "", LABELS_END);
	json_object_put(zones);
}

static void add_devices(struct json_object *all, const struct metrics *m)
{
	struct json_object *info = family_add(all, "daxguard_device_info", "gauge",
					      "A dax device, its driver and its node.");
	struct json_object *size =
		family_add(all, "daxguard_device_size_bytes", "gauge", "Size of the device.");
	struct json_object *blocks =
		family_add(all, "daxguard_blocks", "gauge", "Memory blocks of the device.");
	struct json_object *desync = family_add(
		all, "daxguard_device_desync", "gauge",
		"Whether the device's attribute, its blocks and the guard disagree.");

	for (size_t i = 0; i < m->devices.nr; i++) {
		const struct dax_device *dev = &m->devices.dev[i];
		bool agree = dax_attribute_agrees(dev) &&
			     (!m->loaded || guard_blocks_agree(&m->known, dev));
		char node[16];

		snprintf(node, sizeof(node), "%d", dev->target_node);
		sample_add(info, json_number(1), "device", dev->name, "driver",
			   dev->driver ? dev->driver : "", "node", node, LABELS_END);
		sample_add(size, json_number(dev->size), "device", dev->name, LABELS_END);
		sample_add(desync, json_number(!agree), "device", dev->name, LABELS_END);
		if (dax_is_kmem(dev))
			add_blocks(blocks, dev);
	}
}

struct json_object *metrics_families(const struct metrics *m)
{
	struct json_object *all = json_object_new_array();

	add_guard(all, m);
	if (m->loaded) {
		add_hooks(all, m->hooks);
		add_counters(all, m->counters);
		add_culprits(all, &m->culprits);
		add_transitions(all, &m->running);
		add_policies(all, m);
	}
	add_devices(all, m);
	return all;
}
