// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes what is shown of an event: whatever bytes it has, it is one line, of JSON that can be
 * read. */
#include "fuzz.h"

#include <json-c/json.h>
#include <string.h>

#include "cli.h"
#include "show/event.h"
#include "show/origin.h"

static char *shown(const struct event_record *e, __u64 seq, __u64 when, bool json)
{
	static const struct cgroups none = { NULL, -1 };
	FILE *before = stdout;
	char *text = NULL;
	size_t size;

	opts.json = json;
	stdout = open_memstream(&text, &size);
	need(stdout);
	need(!print_event(e, seq, when, &none));
	fclose(stdout);
	stdout = before;
	return text;
}

/* One line, in which nothing makes a terminal do anything. */
static void check_line(const char *text)
{
	size_t len = strlen(text);

	need(len && text[len - 1] == '\n');
	for (size_t i = 0; i + 1 < len; i++)
		need((unsigned char)text[i] >= ' ' && text[i] != 127);
}

static void check_json(const char *text)
{
	struct json_object *obj = json_tokener_parse(text), *field;

	need(json_object_is_type(obj, json_type_object));
	need(json_object_object_get_ex(obj, "event", &field));
	need(json_object_object_get_ex(obj, "device", &field));
	json_object_put(obj);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct daxguard_history h = {};
	const size_t room = sizeof(h) - sizeof(h.seq);
	struct event_record e;
	char *text;
	__u64 when;

	if (size < sizeof(when))
		return 0;
	memcpy(&when, data, sizeof(when));
	data += sizeof(when);
	size -= sizeof(when);
	h.seq = when;
	memcpy((char *)&h + sizeof(h.seq), data, size < room ? size : room);
	event_record(&e, &h);
	text = shown(&e, h.seq, when, false);
	check_line(text);
	free(text);
	text = shown(&e, h.seq, when, true);
	check_line(text);
	check_json(text);
	free(text);
	return 0;
}
