// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which blocks have to change, in which order, for a device to be as wanted. */
#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool zone_is_movable(const char *zone)
{
	return !strcmp(zone, "Movable");
}

bool zone_resolve(const struct dax_device *dev, enum daxguard_zone zone)
{
	size_t i;

	if (zone != DAXGUARD_ZONE_AUTO)
		return zone == DAXGUARD_ZONE_MOVABLE;
	for (i = 0; i < dev->nr_blocks; i++)
		if (dev->blocks[i].state != BLOCK_ONLINE ||
		    zone_is_movable(dev->blocks[i].zone))
			return true;
	return !dev->nr_blocks;
}

struct want *want_all(const struct dax_device *dev, struct want want)
{
	struct want *all = calloc(dev->nr_blocks + 1, sizeof(*all));
	size_t i;

	for (i = 0; all && i < dev->nr_blocks; i++) {
		all[i] = want;
		if (want.state == BLOCK_OFFLINE && dev->blocks[i].state == BLOCK_ABSENT)
			all[i].state = BLOCK_ABSENT;
	}
	return all;
}

struct want *want_former(const struct dax_device *dev)
{
	struct want *all = calloc(dev->nr_blocks + 1, sizeof(*all));
	size_t i;

	for (i = 0; all && i < dev->nr_blocks; i++) {
		all[i].state = dev->blocks[i].state;
		all[i].movable = zone_is_movable(dev->blocks[i].zone);
	}
	return all;
}

bool block_is(const struct dax_block *block, const struct want *want)
{
	if (want->state == BLOCK_GOING_OFFLINE)
		return true;
	if (block->state != want->state)
		return false;
	return block->state != BLOCK_ONLINE || zone_is_movable(block->zone) == want->movable;
}

/* Does it have to go offline, perhaps on the way to another zone? */
static bool leaves(const struct dax_block *block, const struct want *want)
{
	return !block_is(block, want) && block->state != BLOCK_OFFLINE &&
	       block->state != BLOCK_ABSENT;
}

static bool comes(const struct dax_block *block, const struct want *want)
{
	return !block_is(block, want) && want->state == BLOCK_ONLINE &&
	       block->state != BLOCK_ABSENT;
}

static void add_step(struct plan *plan, size_t block, enum change change)
{
	plan->steps[plan->nr].block = block;
	plan->steps[plan->nr++].change = change;
}

int plan_make(struct plan *plan, const struct dax_device *dev, const struct want *want)
{
	size_t i;

	memset(plan, 0, sizeof(*plan));
	/* a block that changes its zone takes two */
	plan->steps = calloc(2 * dev->nr_blocks + 1, sizeof(*plan->steps));
	if (!plan->steps)
		return -ENOMEM;
	for (i = dev->nr_blocks; i-- > 0;)
		if (leaves(&dev->blocks[i], &want[i]))
			add_step(plan, i, CHANGE_OFFLINE);
	for (i = 0; i < dev->nr_blocks; i++) {
		if (comes(&dev->blocks[i], &want[i]))
			add_step(plan, i, want[i].movable ? CHANGE_MOVABLE : CHANGE_KERNEL);
		plan->absent += !block_is(&dev->blocks[i], &want[i]) &&
				dev->blocks[i].state == BLOCK_ABSENT;
	}
	return 0;
}

const char *change_word(enum change change)
{
	static const char *const words[] = { "offline", "online_movable", "online_kernel" };

	return words[change];
}

const char *unplug_word(const char *name)
{
	return !strcmp(name, "hotplug") ? "unplug" : "unplugged";
}

const char *state_name(enum block_state state)
{
	static const char *const words[] = { "absent", "offline", "going offline", "online" };

	return words[state];
}

/* The first block behind START that is not like it. */
static size_t run_end(const struct dax_device *dev, size_t start)
{
	const struct dax_block *b = dev->blocks;
	size_t i;

	for (i = start + 1; i < dev->nr_blocks; i++)
		if (b[i].state != b[start].state || strcmp(b[i].zone, b[start].zone) ||
		    b[i].nr != b[i - 1].nr + 1)
			break;
	return i;
}

static int run_text(const struct dax_device *dev, size_t start, size_t end, char *buf,
		    size_t size)
{
	const struct dax_block *first = &dev->blocks[start], *last = &dev->blocks[end - 1];
	char range[40];

	if (end - start == 1)
		snprintf(range, sizeof(range), "memory%u", first->nr);
	else
		snprintf(range, sizeof(range), "memory%u-%u", first->nr, last->nr);
	return snprintf(buf, size, "%s%s %s%s%s", start ? ", " : "", range,
			state_name(first->state), *first->zone ? " " : "", first->zone);
}

char *blocks_text(const struct dax_device *dev, char *buf, size_t size)
{
	size_t start, end, len = 0;
	char run[128];

	snprintf(buf, size, "no blocks");
	for (start = 0; start < dev->nr_blocks; start = end) {
		end = run_end(dev, start);
		run_text(dev, start, end, run, sizeof(run));
		if (len + strlen(run) + 5 > size) {
			snprintf(buf + len, size - len, "...");
			break;
		}
		len += snprintf(buf + len, size - len, "%s", run);
	}
	return buf;
}
