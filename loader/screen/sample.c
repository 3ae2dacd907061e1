/* SPDX-License-Identifier: GPL-2.0-only */
/* One look at the devices and the guard: all that a screen of 'daxguard top' is drawn from. */
#include "screen/sample.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "guard/ftrace.h"
#include "guard/guard.h"
#include "guard/hooks.h"
#include "guard/pins.h"
#include "guard/policy_map.h"
#include "guard/tally.h"
#include "policy/policy.h"
#include "show/when.h"

static void take_hooks(struct sample *sample)
{
	__u32 hooks = hooks_pinned();
	const char *kernel = hooks_kernel_name(hooks);

	snprintf(sample->hooks, sizeof(sample->hooks), "%s%s%s",
		 hooks_have_lsm(hooks) ? "lsm" : "",
		 hooks_have_lsm(hooks) && strcmp(kernel, "none") ? ", " : "",
		 strcmp(kernel, "none") ? kernel : "");
}

/* In words here, where the machine can be asked what a pid is called. */
static int take_held(struct sample *sample)
{
	struct guard_transitions running;
	struct sample_held *held;
	int err = guard_transitions(&running);
	size_t i;

	if (!err && running.nr) {
		sample->held = calloc(running.nr, sizeof(*sample->held));
		err = sample->held ? 0 : -ENOMEM;
	}
	for (i = 0; !err && i < running.nr; i++) {
		held = &sample->held[sample->nr_held++];
		memcpy(held->device, running.list[i].device.name, sizeof(held->device));
		held->kind = kind_name(running.list[i].t.kind);
		guard_holder_text(&running.list[i], held->holder, sizeof(held->holder));
		guard_transition_text(&running.list[i], held->text, sizeof(held->text));
		if (sample->at_ns > running.list[i].t.begin_ns)
			held->age_ns = sample->at_ns - running.list[i].t.begin_ns;
	}
	free(running.list);
	return err;
}

/* A guard that is older than that map says nothing of who it is. */
static int take_who(struct sample *sample)
{
	struct culprits all;
	int err = tally_read(&all, NULL);
	size_t i;

	if (err == -ENOENT)
		err = 0;
	for (i = 0; !err && i < all.nr; i++)
		err = who_take(&sample->who, &all.list[i]);
	free(all.list);
	return err;
}

static int take_guard(struct sample *sample)
{
	const struct daxguard_name any = { DAXGUARD_ANY };
	struct policy_rules rules;
	int err;

	control_sweep();
	err = policy_map_in_force(&any, &rules);
	if (!err)
		sample->mode = policy_mode(&rules.policy);
	if (!err)
		err = take_held(sample);
	if (!err)
		err = counters_read(sample->counters);
	if (!err)
		err = take_who(sample);
	take_hooks(sample);
	sample->problem = ftrace_stopped();
	return err;
}

/* That it is gone between two looks is one more state to be shown. */
static void look_at_guard(struct sample *sample)
{
	char what[PINS_WHAT] = "";
	enum pins_state state;
	int err;

	if (geteuid()) {
		snprintf(sample->why_not, sizeof(sample->why_not),
			 "only root can see the guard: run daxguard as root");
		return;
	}
	state = pins_inspect(what, sizeof(what));
	if (state != PINS_COMPLETE) {
		snprintf(sample->why_not, sizeof(sample->why_not), "%s",
			 pins_sentence(state, what));
		return;
	}
	err = take_guard(sample);
	if (err)
		snprintf(sample->why_not, sizeof(sample->why_not),
			 "the maps under '" PIN_MAPS "' cannot be read (%s): see "
			 "'daxguard check'",
			 strerror(-err));
	else
		sample->loaded = true;
}

int sample_take(struct sample *sample)
{
	*sample = (struct sample){ .at_ns = now_ns(), .when = when_now() };
	look_at_guard(sample);
	return model_all(&sample->devices);
}

const struct sample_held *sample_held(const struct sample *sample, const char *device)
{
	size_t i;

	for (i = 0; i < sample->nr_held; i++)
		if (!strcmp(sample->held[i].device, device))
			return &sample->held[i];
	return NULL;
}

__u64 sample_counter(const struct sample *sample, const char *name)
{
	size_t i;

	for (i = 0; i < NR_COUNTERS; i++)
		if (sample->counters[i].name && !strcmp(sample->counters[i].name, name))
			return sample->counters[i].sum;
	return 0;
}

void sample_rates(struct sample *now, const struct sample *before)
{
	__u64 ns = now->at_ns - before->at_ns, then = sample_counter(before, "refused");
	__u64 sum = sample_counter(now, "refused");

	/* what was not seen then has not happened since: it may be a week old */
	if (!before->loaded || !now->loaded || !ns)
		return;
	now->refused_rate = (double)(sum >= then ? sum - then : sum) * NS_PER_S / ns;
	who_rates(&now->who, &before->who, ns);
	who_sort(&now->who);
}

void sample_free(struct sample *sample)
{
	model_free(&sample->devices);
	free(sample->held);
	who_free(&sample->who);
}
