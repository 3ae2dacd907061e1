// SPDX-License-Identifier: LGPL-2.1-or-later
/* The devices that a name stands for, held together: one, or all that are below it. */
#include "holds.h"

#include <stdlib.h>
#include <string.h>

#include "ancestry.h"

static int fill(struct holds *all, const struct device_names *names, struct why *why)
{
	int result;

	all->list = calloc(names->nr, sizeof(*all->list));
	if (!all->list || !all->text)
		return set_why(why, DAXGUARD_RESULT_FAILED,
			       "no memory is left to hold what is below '%s': free some",
			       names->name[0]);
	for (all->nr = 0; all->nr < names->nr; all->nr++) {
		all->list[all->nr] = all->like;
		result = transition_name(&all->list[all->nr], names->name[all->nr], why);
		if (result)
			return result;
	}
	return 0;
}

int holds_name(struct holds *all, const char *text, struct why *why)
{
	struct device_names names;
	int result = devices_named(&names, text, why);

	all->text = strdup(text);
	all->list = NULL;
	all->nr = 0;
	if (!result)
		result = fill(all, &names, why);
	device_names_free(&names);
	return result;
}

void holds_free(struct holds *all)
{
	free(all->text);
	free(all->list);
	all->text = NULL;
	all->list = NULL;
	all->nr = 0;
}

const char *holds_text(const struct holds *all)
{
	return all->nr == 1 ? all->list[0].name.name : all->text;
}

int holds_begin(struct holds *all, struct why *why)
{
	size_t i;
	int result = 0;

	for (i = 0; i < all->nr && !result; i++)
		result = transition_begin(&all->list[i], why);
	if (!result)
		return 0;
	/* the one that failed is not held */
	for (i--; i--;)
		(void)transition_end(&all->list[i]);
	return holds_say(all, result, why);
}

int holds_end(const struct holds *all, const struct hold **which)
{
	int err, first = 0;
	size_t i;

	*which = NULL;
	for (i = 0; i < all->nr; i++) {
		err = transition_end(&all->list[i]);
		if (err && !first) {
			first = err;
			*which = &all->list[i];
		}
	}
	return first;
}

int holds_say(const struct holds *all, int result, struct why *why)
{
	struct why one = *why;

	if (all->nr < 2)
		return result;
	set_why(why, result, "below '%s', %s", all->text, one.text);
	why->remedy = one.remedy;
	return result;
}
