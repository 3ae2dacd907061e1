// SPDX-License-Identifier: GPL-2.0-only
/* The verb json: prints fields of the JSON documents on stdin, one line a document. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dgprobe.h"

enum {
	FOUND = 0,
	NO_FIELD = 1,
	NOT_JSON = 2,
};

static char *all_of_stdin(size_t *len)
{
	size_t size = 65536;
	char *text = malloc(size), *more;
	ssize_t n;

	*len = 0;
	while (text && (n = read(STDIN_FILENO, text + *len, size - *len - 1)) > 0) {
		*len += n;
		if (*len < size - 1)
			continue;
		more = realloc(text, size *= 2);
		if (!more)
			free(text);
		text = more;
	}
	if (!text)
		cannot("allocate %zu bytes", size);
	text[*len] = '\0';
	return text;
}

/* One step: a key of an object, an index of an array, or # for an array's length. */
static bool step(struct json_object **at, const char *key)
{
	struct json_object *o = *at;
	char *end;
	size_t i;

	if (json_object_is_type(o, json_type_object))
		return json_object_object_get_ex(o, key, at);
	if (!json_object_is_type(o, json_type_array))
		return false;
	if (!strcmp(key, "#")) {
		*at = json_object_new_int64(json_object_array_length(o));
		return true;
	}
	i = strtoul(key, &end, 10);
	if (*end || end == key || i >= json_object_array_length(o))
		return false;
	*at = json_object_array_get_idx(o, i);
	return true;
}

static bool find(struct json_object *doc, const char *path, struct json_object **found)
{
	char *copy = strdup(path), *rest = copy, *key;
	bool ok = true;

	*found = doc;
	while (ok && (key = strsep(&rest, ".")))
		ok = step(found, key);
	free(copy);
	return ok;
}

/* "." in a key of an object (dax0.0) cannot be written; nothing of ours needs it. */
static int print_fields(struct json_object *doc, char **fields, bool types)
{
	struct json_object *o;
	int status = FOUND;
	char **f;

	for (f = fields; *f; f++) {
		if (f != fields)
			putchar('\t');
		if (!find(doc, *f, &o))
			status = NO_FIELD;
		else if (types)
			fputs(json_type_to_name(json_object_get_type(o)), stdout);
		else
			fputs(o ? json_object_get_string(o) : "null", stdout);
	}
	putchar('\n');
	return status;
}

int verb_json(int argc, char **argv)
{
	bool types = argc > 2 && !strcmp(argv[1], "-t");
	struct json_tokener *tok = json_tokener_new_ex(64);
	struct json_object *doc;
	size_t len, used = 0;
	char *text = all_of_stdin(&len);
	int status = FOUND, documents = 0;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	while (used += strspn(text + used, " \t\r\n"), used < len) {
		json_tokener_reset(tok);
		doc = json_tokener_parse_ex(tok, text + used, len - used + 1);
		if (json_tokener_get_error(tok) != json_tokener_success) {
			fprintf(stderr, "dgprobe: not JSON at byte %zu: %s\n", used,
				json_tokener_error_desc(json_tokener_get_error(tok)));
			return NOT_JSON;
		}
		used += json_tokener_get_parse_end(tok);
		documents++;
		status |= print_fields(doc, argv + 1 + types, types);
	}
	return documents ? status : NO_FIELD;
}
