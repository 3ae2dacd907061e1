// SPDX-License-Identifier: GPL-2.0-only
/* Sections with policy: which devices a name stands for, and what all lines make of one. */
#include "policy/section.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "model.h"
#include "number.h"

struct policy_line *policy_lines_add(struct policy_lines *lines)
{
	struct policy_line *list = reallocarray(lines->list, lines->nr + 1, sizeof(*list));

	if (!list)
		return NULL;
	lines->list = list;
	list += lines->nr++;
	memset(list, 0, sizeof(*list));
	return list;
}

/* "node1", "region0": as sysfs names them. */
static bool is_numbered(const char *text, const char *what)
{
	size_t len = strlen(what);

	if (strncmp(text, what, len) || !text[len])
		return false;
	return !text[len + strspn(text + len, "0123456789")];
}

static bool is_place(const char *text)
{
	return is_numbered(text, "region") || is_numbered(text, "node");
}

/* A pattern of names like dax0.0. */
static bool is_glob(const char *text)
{
	return !strncmp(text, "dax", 3) && strpbrk(text, "*?") &&
	       !text[3 + strspn(text + 3, "0123456789.*?")];
}

__u32 section_kind(const char *text, struct daxguard_name *name)
{
	struct daxguard_name device;

	memset(name, 0, sizeof(*name));
	if (strlen(text) >= sizeof(name->name))
		return 0;
	strcpy(name->name, text);
	if (!strcmp(text, DAXGUARD_ANY))
		return DAXGUARD_SECTION_ANY;
	if (!device_key(&device, text, false))
		return DAXGUARD_SECTION_DEVICE;
	if (is_place(text))
		return DAXGUARD_SECTION_PLACE;
	return is_glob(text) ? DAXGUARD_SECTION_GLOB : 0;
}

/* Each part of its path that is a region: of CXL, or of NVDIMMs. */
static void find_regions(struct device_place *place, char *path)
{
	char *part, *rest = path;

	while ((part = strsep(&rest, "/")) && place->nr_regions < PLACE_REGIONS)
		if (is_numbered(part, "region") && strlen(part) < DAXGUARD_NAME_LEN)
			strcpy(place->regions[place->nr_regions++].name, part);
}

static int read_node(const char *directory)
{
	char path[PATH_MAX + 16];
	int node = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s/target_node", directory);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &node) != 1)
		node = -1;
	fclose(file);
	return node;
}

void place_of(struct device_place *place, const struct daxguard_name *name)
{
	char link[128], path[PATH_MAX];

	*place = (struct device_place){ .name = *name, .node = -1 };
	snprintf(link, sizeof(link), "%s/bus/dax/devices/%s", model_root(), name->name);
	if (!realpath(link, path))
		return;
	place->node = read_node(path);
	find_regions(place, path);
}

static bool is_in(const char *section, const struct device_place *place)
{
	__u64 node;

	for (size_t i = 0; i < place->nr_regions; i++)
		if (!strcmp(section, place->regions[i].name))
			return true;
	return is_numbered(section, "node") && place->node >= 0 &&
	       !parse_number(section + strlen("node"), 10, INT_MAX, &node) &&
	       (int)node == place->node;
}

bool section_matches(const struct policy_line *line, const struct device_place *place)
{
	switch (line->section) {
	case DAXGUARD_SECTION_ANY:
		return true;
	case DAXGUARD_SECTION_DEVICE:
		return !strcmp(line->name.name, place->name.name);
	case DAXGUARD_SECTION_PLACE:
		return is_in(line->name.name, place);
	case DAXGUARD_SECTION_GLOB:
		return !fnmatch(line->name.name, place->name.name, 0);
	default:
		return false;
	}
}

static bool wins(const struct policy_line *line, const struct policy_line *over)
{
	if (!over || line->section != over->section)
		return !over || line->section > over->section;
	return line->order > over->order;
}

void policy_decide(const struct policy_lines *lines, const struct device_place *place,
		   struct policy_decided *decided)
{
	const struct policy_line *line;
	bool any = !strcmp(place->name.name, DAXGUARD_ANY);
	size_t i;

	memset(decided, 0, sizeof(*decided));
	for (i = 0; i < lines->nr; i++) {
		line = &lines->list[i];
		if (any ? line->section != DAXGUARD_SECTION_ANY : !section_matches(line, place))
			continue;
		if (wins(line, decided->by[line->key]))
			decided->by[line->key] = line;
	}
}
