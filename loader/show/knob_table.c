// SPDX-License-Identifier: GPL-2.0-only
/* The table of knobs for people and for tests. */
#include "show/knob_table.h"

#include <stdio.h>

#include "knobs.h"

static const char *const places[] = {
#define ONE_PLACE(place, path, find) [PLACE_##place] = path,
	DAXGUARD_KNOB_PLACES(ONE_PLACE)
#undef ONE_PLACE
};

static const struct {
	const char *word, *by_default, *held, *when;
} kinds[] = {
#define ONE_KIND(kind, write, open, word, by_default, held, when) \
	[WHAT_##kind] = { word, by_default, held, when },
	DAXGUARD_KNOB_KINDS(ONE_KIND)
#undef ONE_KIND
};

static const struct {
	enum daxguard_knob_place place;
	const char *file;
	enum daxguard_knob_kind kind;
} knobs[] = {
#define ONE_KNOB(place, file, kind) { PLACE_##place, file, WHAT_##kind },
	DAXGUARD_KNOBS(ONE_KNOB, ONE_KNOB)
#undef ONE_KNOB
};

void knobs_print(void)
{
	for (size_t i = 0; i < sizeof(knobs) / sizeof(*knobs); i++) {
		enum daxguard_knob_kind kind = knobs[i].kind;
		const char *word = kinds[kind].word;

		printf("%s%s\t%s\t%s%s%s\t%s\n", places[knobs[i].place], knobs[i].file,
		       kinds[kind].held, *word ? word : "-", *word ? "=" : "",
		       kinds[kind].by_default, kinds[kind].when);
	}
}
