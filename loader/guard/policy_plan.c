// SPDX-License-Identifier: GPL-2.0-only
/* What the maps of policy are to have by the configuration, and what stays by hand. */
#include "guard/policy_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard/policy_map.h"
#include "model.h"
#include "option.h"
#include "show/report.h"

static const struct daxguard_name any = { DAXGUARD_ANY };

/* What is known while it is made. */
struct work {
	const struct plan *plan;
	const struct policy_lines *lines;
	struct policy_entries entries; /* as they are */
	struct policy_rules was_any; /* what '*' has */
	struct policy_rules any; /* what '*' is to have, and from where */
	struct daxguard_origin any_from[POLICY_MOST_WORDS];
};

/* A value that is to be, and where it comes from; from is 0 where that is built in. */
struct value {
	__u32 value;
	struct daxguard_origin origin;
	bool by_hand;
};

static const char *key_name(size_t key)
{
	struct opt word;

	return policy_word(key, &word) ? word.name : NULL;
}

static __u32 built_in(size_t key)
{
	const struct policy_rules rules = policy_default();

	return policy_get(&rules, key);
}

bool policy_by_hand(const struct daxguard_origin *origin, __u32 value, __u32 standard)
{
	if (!origin)
		return value != standard;
	return origin->from == DAXGUARD_FROM_HAND || origin->value != value;
}

static const struct policy_entry *entry_of(const struct work *w,
					   const struct daxguard_name *device)
{
	for (size_t i = 0; i < w->entries.nr; i++)
		if (!memcmp(&w->entries.list[i].device, device, sizeof(*device)))
			return &w->entries.list[i];
	return NULL;
}

static struct value by_line(const struct policy_line *line)
{
	return (struct value){ .value = line->value, .origin = origin_of_line(line) };
}

static struct value by_hand(__u32 value)
{
	return (struct value){ .value = value,
			       .origin = { .value = value, .from = DAXGUARD_FROM_HAND },
			       .by_hand = true };
}

static void tell(const struct plan *plan, const char *device, size_t key, __u32 value,
		 const struct policy_line *line)
{
	struct policy_rules rules = policy_default();
	char has[16], wants[16];

	if (!plan->tell)
		return;
	policy_put(&rules, key, value);
	policy_value(&rules, key, has, sizeof(has));
	if (line) {
		char now[16];

		snprintf(now, sizeof(now), "%s", policy_value(&rules, key, has, sizeof(has)));
		policy_put(&rules, key, line->value);
		warn("'%s' keeps %s=%s, which was set by hand: '%s' says %s", device,
		     key_name(key), now, line->text,
		     policy_value(&rules, key, wants, sizeof(wants)));
		return;
	}
	warn("'%s' keeps %s=%s, which was set by hand: 'daxguard policy unset %s' takes it "
	     "away",
	     device, key_name(key), policy_value(&rules, key, has, sizeof(has)),
	     strcmp(device, DAXGUARD_ANY) ? device : "'*'");
}

/* --- '*' --- */

static struct value by_option(__u8 mode)
{
	return (struct value){ .value = mode,
			       .origin = { .value = mode, .from = DAXGUARD_FROM_OPTION } };
}

static struct value any_value(const struct work *w, size_t key, __u32 now,
			      const struct policy_line *line)
{
	const struct plan *plan = w->plan;
	const struct daxguard_origin *o = origin_find(plan->origins, key_name(key), &any);

	if (line &&
	    (!plan->keep || line->value == now || !policy_by_hand(o, now, built_in(key))))
		return by_line(line);
	if (plan->mode && !line && !strcmp(key_name(key), "mode"))
		return by_option(plan->mode);
	if (plan->keep && policy_by_hand(o, now, built_in(key))) {
		tell(plan, any.name, key, now, line);
		return by_hand(now);
	}
	if (o && o->from == DAXGUARD_FROM_OPTION)
		return by_option(now);
	return (struct value){ .value = plan->keep ? built_in(key) : now };
}

static void put_origin(const struct work *w, size_t key, const struct daxguard_name *device,
		       const struct daxguard_origin *origin)
{
	w->plan->batch->phase = BATCH_ORIGINS;
	if (origin->from)
		origin_put(w->plan->batch, key_name(key), device, origin);
	else
		origin_drop(w->plan->batch, key_name(key), device);
}

static void plan_any(struct work *w)
{
	const struct policy_entry *entry = entry_of(w, &any);
	struct policy_decided decided;
	struct device_place place = { .name = any };

	w->any = entry ? entry->rules : policy_default();
	w->was_any = w->any;
	policy_decide(w->lines, &place, &decided);
	for (size_t key = 0; key_name(key); key++) {
		struct value v = any_value(w, key, policy_get(&w->any, key), decided.by[key]);

		policy_put(&w->any, key, v.value);
		w->any_from[key] = v.origin;
		put_origin(w, key, &any, &v.origin);
	}
	w->plan->batch->phase = BATCH_ANY;
	for (int half = 0; half < POLICY_HALVES; half++)
		policy_map_put(w->plan->batch, &any, half, &w->any);
}

/* Where only a device is looked at, '*' is what it is. */
static void take_any(struct work *w)
{
	const struct policy_entry *entry = entry_of(w, &any);
	const struct daxguard_origin *o;

	w->any = entry ? entry->rules : policy_default();
	w->was_any = w->any;
	for (size_t key = 0; key_name(key); key++) {
		o = origin_find(w->plan->origins, key_name(key), &any);
		if (o)
			w->any_from[key] = *o;
		if (policy_by_hand(o, policy_get(&w->any, key), built_in(key)))
			w->any_from[key].from = DAXGUARD_FROM_HAND;
	}
}

/* --- a device --- */

/* What '*' has at that time: another value there later is not the device's. */
static struct value as_any(const struct work *w, size_t key)
{
	struct value v = { .value = policy_get(&w->any, key) };

	v.origin.value = v.value;
	v.origin.from = DAXGUARD_FROM_ANY;
	snprintf(v.origin.text, sizeof(v.origin.text), "%s",
		 w->any_from[key].from ? origin_text(&w->any_from[key], v.value, v.value) : "");
	return v;
}

/* One half of a device's entries. */
struct half {
	const struct work *w;
	const struct daxguard_name *device;
	const struct policy_entry *entry; /* NULL: it has none at all */
	const struct policy_decided *decided;
	enum policy_half half;
	struct policy_rules *rules; /* what is to be, as far as it has come */
	bool had; /* an entry of its own, */
	bool needed; /* which it is to have */
	bool typed; /* of which nothing is known: all of it by hand */
};

static const struct daxguard_origin *origin_in(const struct half *h, size_t key)
{
	return origin_find(h->w->plan->origins, key_name(key), h->device);
}

static void look_at(struct half *h)
{
	bool known = false;

	h->had = h->entry && h->entry->own & 1u << h->half;
	for (size_t key = 0; key_name(key); key++)
		if (policy_half_of(key) == h->half && origin_in(h, key))
			known = true;
	h->typed = h->had && !known;
}

static const struct policy_line *line_in(const struct half *h, size_t key)
{
	const struct policy_line *line = h->decided->by[key];

	return line && line->section != DAXGUARD_SECTION_ANY ? line : NULL;
}

static bool stays_by_hand(const struct half *h, size_t key, __u32 now)
{
	if (!h->w->plan->keep || !h->had)
		return false;
	return h->typed || policy_by_hand(origin_in(h, key), now, built_in(key));
}

static struct value device_value(const struct half *h, size_t key)
{
	__u32 now = h->had ? policy_get(&h->entry->rules, key) : 0;
	const struct policy_line *line = line_in(h, key);
	struct value v = line ? by_line(line) : as_any(h->w, key);

	if (stays_by_hand(h, key, now)) {
		if (line && line->value == now)
			return v;
		if (!h->typed || v.value != now)
			tell(h->w->plan, h->device->name, key, now, line);
		return by_hand(now);
	}
	if (!line && h->had && !h->w->plan->keep)
		return (struct value){ .value = now };
	return v;
}

/* Everything in it is the device's own, or nothing is. */
static bool is_needed(const struct half *h, const struct value *values)
{
	if (h->had && !h->w->plan->keep)
		return true;
	for (size_t key = 0; key_name(key); key++)
		if (policy_half_of(key) == h->half && (line_in(h, key) || values[key].by_hand))
			return true;
	return false;
}

static void take_half(struct policy_rules *to, const struct policy_rules *from,
		      enum policy_half half)
{
	if (half == POLICY_FIRST)
		to->policy = from->policy;
	else
		to->more = from->more;
}

static void plan_half(struct half *h)
{
	struct value values[POLICY_MOST_WORDS] = {};
	struct batch *b = h->w->plan->batch;
	size_t key;

	look_at(h);
	for (key = 0; key_name(key); key++)
		if (policy_half_of(key) == h->half)
			values[key] = device_value(h, key);
	h->needed = is_needed(h, values);
	/* what no line is about stays as it is */
	if (h->needed && h->had)
		take_half(h->rules, &h->entry->rules, h->half);
	b->phase = BATCH_ORIGINS;
	for (key = 0; key_name(key); key++) {
		if (policy_half_of(key) != h->half)
			continue;
		if (!h->needed) {
			origin_drop(b, key_name(key), h->device);
			continue;
		}
		policy_put(h->rules, key, values[key].value);
		put_origin(h->w, key, h->device, &values[key].origin);
	}
}

/* LAST: what it IS stays until all others have become what they are to be. */
static void write_half(const struct half *h, const struct policy_rules *is, bool last)
{
	struct batch *b = h->w->plan->batch;

	if (last) {
		b->phase = BATCH_TIGHTER;
		policy_map_put(b, h->device, h->half, is);
	}
	b->phase = last ? BATCH_LAST : h->needed ? BATCH_DEVICES : BATCH_FALL_BACK;
	if (h->needed)
		policy_map_put(b, h->device, h->half, h->rules);
	else
		policy_map_drop(b, h->device, h->half);
}

static void plan_device(const struct work *w, const struct daxguard_name *device)
{
	struct policy_rules is = w->was_any, to_be = w->any;
	struct half halves[POLICY_HALVES];
	struct policy_decided decided;
	struct device_place place;
	int half, last;

	place_of(&place, device);
	policy_decide(w->lines, &place, &decided);
	for (half = 0; half < POLICY_HALVES; half++) {
		halves[half] = (struct half){ .w = w,
					      .device = device,
					      .entry = entry_of(w, device),
					      .decided = &decided,
					      .half = half,
					      .rules = &to_be };
		plan_half(&halves[half]);
		if (halves[half].had)
			take_half(&is, &halves[half].entry->rules, half);
	}
	last = policy_last_half(&is, &to_be);
	for (half = 0; half < POLICY_HALVES; half++)
		write_half(&halves[half], &is, last == half);
}

/* --- all of them --- */

struct names {
	struct daxguard_name *list;
	size_t nr;
	int err;
};

static void add_name(struct names *names, const char *text)
{
	struct daxguard_name name, *list;

	if (section_kind(text, &name) != DAXGUARD_SECTION_DEVICE)
		return;
	for (size_t i = 0; i < names->nr; i++)
		if (!memcmp(&names->list[i], &name, sizeof(name)))
			return;
	list = reallocarray(names->list, names->nr + 1, sizeof(*list));
	if (!list) {
		names->err = -ENOMEM;
		return;
	}
	names->list = list;
	list[names->nr++] = name;
}

static void add_present(void *arg, const char *name)
{
	add_name(arg, name);
}

static void all_names(const struct work *w, struct names *names)
{
	size_t i;

	if (model_names(add_present, names))
		names->err = -ENOMEM;
	for (i = 0; i < w->entries.nr; i++)
		add_name(names, w->entries.list[i].device.name);
	for (i = 0; i < w->lines->nr; i++)
		add_name(names, w->lines->list[i].name.name);
	for (i = 0; i < w->plan->origins->nr; i++)
		if (policy_find(w->plan->origins->list[i].key.what) >= 0)
			add_name(names, w->plan->origins->list[i].key.name.name);
}

static bool is_pattern(const struct daxguard_name *name)
{
	__u32 kind = section_kind(name->name, &(struct daxguard_name){});

	return kind == DAXGUARD_SECTION_GLOB || kind == DAXGUARD_SECTION_PLACE;
}

static bool still_said(const struct work *w, const struct origin_entry *e)
{
	const struct policy_line *line = w->lines->list;

	for (size_t i = 0; i < w->lines->nr; i++, line++)
		if (!memcmp(&line->name, &e->key.name, sizeof(line->name)) &&
		    !strcmp(key_name(line->key), e->key.what))
			return true;
	return false;
}

/* What patterns say is kept for devices that come later. */
static void keep_patterns(const struct work *w)
{
	const struct origins *old = w->plan->origins;
	const struct policy_line *line = w->lines->list;
	struct batch *b = w->plan->batch;
	struct daxguard_origin origin;
	size_t i;

	b->phase = BATCH_ORIGINS;
	for (i = 0; i < old->nr; i++)
		if (policy_find(old->list[i].key.what) >= 0 &&
		    is_pattern(&old->list[i].key.name) && !still_said(w, &old->list[i]))
			origin_drop(b, old->list[i].key.what, &old->list[i].key.name);
	for (i = 0; i < w->lines->nr; i++, line++) {
		if (!is_pattern(&line->name))
			continue;
		origin = origin_of_line(line);
		origin_put(b, key_name(line->key), &line->name, &origin);
	}
}

int policy_plan_all(const struct plan *plan, const struct policy_lines *lines)
{
	struct work w = { .plan = plan, .lines = lines };
	struct names names = {};
	int err = policy_map_read(&w.entries);

	if (!err) {
		plan_any(&w);
		all_names(&w, &names);
		for (size_t i = 0; i < names.nr; i++)
			plan_device(&w, &names.list[i]);
		keep_patterns(&w);
		err = names.err;
	}
	free(names.list);
	free(w.entries.list);
	return err;
}

int policy_plan_device(const struct plan *plan, const struct daxguard_name *device)
{
	struct policy_lines lines = {};
	struct work w = { .plan = plan, .lines = &lines };
	int err = policy_map_read(&w.entries);

	if (!err)
		err = origins_lines(plan->origins, device, &lines);
	if (!err) {
		take_any(&w);
		plan_device(&w, device);
	}
	free(lines.list);
	free(w.entries.list);
	return err;
}
