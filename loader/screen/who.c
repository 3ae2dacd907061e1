/* SPDX-License-Identifier: GPL-2.0-only */
/* Who was refused: a program and a device, and how often. */
#include "screen/who.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* A field of the map ABI, which need not end with a zero. */
static void take_field(char *to, const char *from, size_t size)
{
	size_t len = strnlen(from, size);

	memcpy(to, from, len);
	to[len] = 0;
}

void who_program(const struct daxguard_event *e, char out[DAXGUARD_EXE_LEN + 1])
{
	if (e->exe[0])
		take_field(out, e->exe, sizeof(e->exe));
	else
		take_field(out, e->comm, sizeof(e->comm));
}

static struct who *find(const struct who_list *who, const struct who *like)
{
	size_t i;

	for (i = 0; i < who->nr; i++)
		if (who->list[i].uid == like->uid &&
		    !strcmp(who->list[i].program, like->program) &&
		    !strcmp(who->list[i].unit, like->unit) &&
		    !strcmp(who->list[i].device, like->device))
			return &who->list[i];
	return NULL;
}

/* Add what LIKE has to what there is of the same. */
static int join(struct who_list *who, const struct who *like)
{
	struct who *found = find(who, like);
	struct who *list;

	if (!found) {
		list = reallocarray(who->list, who->nr + 1, sizeof(*list));
		if (!list)
			return -ENOMEM;
		who->list = list;
		list[who->nr++] = *like;
		return 0;
	}
	if (like->first < found->first)
		found->first = like->first;
	if (like->last > found->last)
		found->last = like->last;
	found->refused += like->refused;
	found->would_be += like->would_be;
	found->slipped += like->slipped;
	return 0;
}

int who_add(struct who_list *who, const struct daxguard_event *e, __u64 when)
{
	struct who like = { .uid = e->uid, .first = when, .last = when };

	if (e->event == DAXGUARD_EV_REFUSED)
		like.refused = e->count;
	else if (e->event == DAXGUARD_EV_AUDITED)
		like.would_be = e->count;
	else if (e->event == DAXGUARD_EV_SLIPPED)
		like.slipped = e->count;
	else
		return 0;
	who_program(e, like.program);
	take_field(like.device, e->device, sizeof(e->device));
	return join(who, &like);
}

int who_take(struct who_list *who, const struct culprit *c)
{
	struct who like = { .uid = c->key.uid,
			    .refused = c->refused,
			    .would_be = c->would_be,
			    .slipped = c->slipped,
			    .first = c->first_ns,
			    .last = c->last_ns };

	take_field(like.program, c->key.exe, sizeof(c->key.exe));
	take_field(like.unit, c->key.unit, sizeof(c->key.unit));
	take_field(like.device, c->key.device.name, sizeof(c->key.device.name));
	return join(who, &like);
}

/* A guard that was loaded anew counts from zero again: what it has is then all new. */
static double rate_of(__u64 now, __u64 before, __u64 ns)
{
	__u64 more = now >= before ? now - before : now;

	return ns ? (double)more * NS_PER_S / ns : 0;
}

void who_rates(struct who_list *now, const struct who_list *before, __u64 ns)
{
	const struct who *then;
	size_t i;

	for (i = 0; i < now->nr; i++) {
		then = find(before, &now->list[i]);
		now->list[i].rate = rate_of(now->list[i].refused, then ? then->refused : 0, ns);
	}
}

__u64 who_refused(const struct who_list *who, const char *device, double *rate)
{
	__u64 sum = 0;
	size_t i;

	*rate = 0;
	for (i = 0; i < who->nr; i++) {
		if (strcmp(who->list[i].device, device))
			continue;
		sum += who->list[i].refused;
		*rate += who->list[i].rate;
	}
	return sum;
}

static int compare(const void *a, const void *b)
{
	const struct who *x = a, *y = b;

	if (x->rate != y->rate)
		return x->rate < y->rate ? 1 : -1;
	if (x->refused + x->would_be != y->refused + y->would_be)
		return x->refused + x->would_be < y->refused + y->would_be ? 1 : -1;
	return strcmp(x->program, y->program) ?: strcmp(x->device, y->device);
}

void who_sort(struct who_list *who)
{
	if (who->nr)
		qsort(who->list, who->nr, sizeof(*who->list), compare);
}

void who_free(struct who_list *who)
{
	free(who->list);
	*who = (struct who_list){};
}
