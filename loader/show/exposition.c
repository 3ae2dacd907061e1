// SPDX-License-Identifier: GPL-2.0-only
/* Metrics in Prometheus' text format: families of samples, kept as JSON until they are printed.
 */
#include "show/exposition.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "show/report.h"

struct json_object *family_add(struct json_object *all, const char *name, const char *type,
			       const char *help)
{
	struct json_object *family = json_object_new_object();
	struct json_object *samples = json_object_new_array();

	json_object_object_add(family, "name", json_object_new_string(name));
	json_object_object_add(family, "type", json_object_new_string(type));
	json_object_object_add(family, "help", json_object_new_string(help));
	json_object_object_add(family, "samples", samples);
	json_object_array_add(all, family);
	return samples;
}

void sample_add(struct json_object *samples, struct json_object *value, ...)
{
	struct json_object *sample = json_object_new_object();
	struct json_object *labels = json_object_new_object();
	const char *name, *text;
	va_list pairs;

	va_start(pairs, value);
	while ((name = va_arg(pairs, const char *))) {
		text = va_arg(pairs, const char *);
		/* cleaned: one label that is not UTF-8 and Prometheus takes none of the file */
		json_object_object_add(labels, name, json_text(text, strlen(text)));
	}
	va_end(pairs);
	json_object_object_add(sample, "labels", labels);
	json_object_object_add(sample, "value", value);
	json_object_array_add(samples, sample);
}

static const char *word(struct json_object *obj, const char *key)
{
	return json_object_get_string(json_object_object_get(obj, key));
}

/* A label's value; clean_text() has left no line feed in it. */
static void write_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			putc('\\', out);
		putc(*text, out);
	}
}

static void write_labels(struct json_object *labels, FILE *out)
{
	char before = '{';

	json_object_object_foreach (labels, name, value) {
		fprintf(out, "%c%s=\"", before, name);
		write_escaped(json_object_get_string(value), out);
		putc('"', out);
		before = ',';
	}
	if (before != '{')
		putc('}', out);
}

static void write_family(struct json_object *family, FILE *out)
{
	struct json_object *samples = json_object_object_get(family, "samples"), *sample;
	const char *name = word(family, "name");
	size_t i, nr = json_object_array_length(samples);

	if (!nr)
		return;
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, word(family, "help"), name,
		word(family, "type"));
	for (i = 0; i < nr; i++) {
		sample = json_object_array_get_idx(samples, i);
		fputs(name, out);
		write_labels(json_object_object_get(sample, "labels"), out);
		fprintf(out, " %s\n", word(sample, "value"));
	}
}

int exposition_write(struct json_object *all, FILE *out)
{
	size_t i, nr = json_object_array_length(all);

	for (i = 0; i < nr; i++)
		write_family(json_object_array_get_idx(all, i), out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}
