// SPDX-License-Identifier: GPL-2.0-only
/* Whether the paths that the lists of a loaded guard name still lead to programs. */
#include "guard/check_programs.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"

/* What was typed was a link, and leads elsewhere now. */
static bool label_has_moved(const struct listed *l, struct program *program)
{
	const char *label = l->entry.label;

	if (*label != '/' || label[sizeof(l->entry.label) - 1])
		return false;
	program_resolve(label, program);
	return *program->path.path && strcmp(program->path.path, l->path.path);
}

static void check_path(struct checks *c, const struct who_list *list, const struct listed *l)
{
	const char *path = l->path.path;
	struct program program;

	program_resolve(path, &program);
	if (*program.path.path && strcmp(program.path.path, path))
		note(c, WARNING, list->verb,
		     "'%s' is a link now, and what runs is '%s': 'daxguard %s remove exe=%s', "
		     "and "
		     "add it again",
		     path, program.path.path, list->verb, path);
	else if (program.fault)
		note(c, WARNING, list->verb, "'%s' is %s now: %s", path,
		     program_what(program.fault), program_remedy(program.fault));
	else if (!program.there)
		note(c, WARNING, list->verb,
		     "'%s' is not there: install it, or 'daxguard %s remove exe=%s'", path,
		     list->verb, path);
	else if (label_has_moved(l, &program))
		note(c, WARNING, list->verb,
		     "'%s' leads to '%s' now, and not to '%s': 'daxguard %s add exe=%s' "
		     "for that one, too",
		     l->entry.label, program.path.path, path, list->verb, l->entry.label);
	else
		note(c, OK, list->verb, "'%s' is there", path);
}

void check_program(struct checks *c, const struct who_list *list, const struct listed *l)
{
	int len = sizeof(l->entry.label);

	if (l->key.what == DAXGUARD_ALLOW_PROGRAM && *l->path.path)
		check_path(c, list, l);
	else if (l->key.what == DAXGUARD_ALLOW_PROGRAM)
		note(c, WARNING, list->verb,
		     "the number of '%.*s' has no path in the map 'programs', so it is nobody: "
		     "'daxguard %s remove exe=%.*s', and add it again",
		     len, l->entry.label, list->verb, len, l->entry.label);
	else if (l->key.what == DAXGUARD_ALLOW_EXE)
		note(c, WARNING, list->verb,
		     "'%.*s' is the one file that an older daxguard has seen there, by its "
		     "inode: 'daxguard %s remove exe=%.*s', and add its whole path",
		     len, l->entry.label, list->verb, len, l->entry.label);
}

int check_programs(struct checks *c)
{
	static const struct who_list *const lists[] = { &controller_list, &allow_list };
	struct listed_all all;
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(lists); i++) {
		err = allow_map_read(lists[i], &all);
		for (size_t j = 0; j < all.nr; j++)
			check_program(c, lists[i], &all.list[j]);
		free(all.list);
	}
	return err;
}
