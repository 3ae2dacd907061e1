/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command says: errors, warnings, results, and libbpf's log on demand. */
#include "show/report.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/journal.h"
#include "show/output.h"

struct options opts;

/* That stdout is broken is said once, not again at exit. */
static bool stdout_reported;

struct json_object *json_text(const char *from, size_t size)
{
	struct json_object *obj;
	char *text;

	size = strnlen(from, size);
	text = malloc(size + 1);
	if (!text)
		return NULL;
	obj = json_object_new_string(clean_text(text, size + 1, from, size));
	free(text);
	return obj;
}

struct json_object *json_number(unsigned long long number)
{
	return json_object_new_uint64(number);
}

/* With STATUS, an exit status, it is an error, with -1 a warning. */
static void say_on_stderr(int status, const char *sentence)
{
	int priority = status < 0 ? 4 : 3;

	/* the results so far come first where both go to one place */
	fflush(stdout);
	if (!journal_is_stderr())
		fprintf(stderr, "daxguard: %s%s\n", status < 0 ? "warning: " : "", sentence);
	else if (journal_sentence(priority, status, sentence))
		fprintf(stderr, "<%d>%s\n", priority, sentence);
}

/* The sentence, fit to be shown; free it. */
__attribute__((format(printf, 1, 0))) static char *compose(const char *fmt, va_list args)
{
	char *raw, *text;

	if (vasprintf(&raw, fmt, args) < 0)
		return NULL;
	text = malloc(strlen(raw) + 1);
	if (text)
		clean_text(text, strlen(raw) + 1, raw, strlen(raw));
	free(raw);
	return text;
}

static int write_json(struct json_object *obj, int line)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text;
	bool written;

	flags |= line ? JSON_C_TO_STRING_PLAIN
		      : JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	text = json_object_to_json_string_ext(obj, flags);
	written = text && puts(text) != EOF && !fflush(stdout);
	json_object_put(obj);
	return written ? 0 : -EIO;
}

static int stdout_failed(void)
{
	if (!stdout_reported)
		say_on_stderr(EXIT_FAILED, "the output could not be written to 'stdout': see "
					   "that it is open and has space");
	stdout_reported = true;
	return EXIT_FAILED;
}

int fail(int status, const char *fmt, ...)
{
	struct json_object *obj;
	const char *sentence;
	char *text;
	va_list args;

	va_start(args, fmt);
	text = compose(fmt, args);
	va_end(args);
	sentence = text ? text : "no memory is left to say what went wrong: free some";
	if (opts.json && (obj = json_object_new_object())) {
		json_object_object_add(obj, "error", json_object_new_string(sentence));
		json_object_object_add(obj, "status", json_object_new_int(status));
		if (write_json(obj, 1)) {
			say_on_stderr(status, sentence);
			stdout_reported = true;
		}
	} else {
		say_on_stderr(status, sentence);
	}
	free(text);
	return status;
}

void warn(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = compose(fmt, args);
	va_end(args);
	if (text)
		say_on_stderr(-1, text);
	free(text);
}

void say(const char *fmt, ...)
{
	va_list args;
	char *text;

	if (opts.json)
		return;
	va_start(args, fmt);
	text = compose(fmt, args);
	va_end(args);
	if (text)
		puts(text);
	free(text);
}

int print_json(struct json_object *obj, int line)
{
	return write_json(obj, line) ? stdout_failed() : EXIT_DONE;
}

int report_close(int status)
{
	bool failed = ferror(stdout);

	if (fclose(stdout) || failed) {
		stdout_failed();
		return status ? status : EXIT_FAILED;
	}
	return status;
}

/* The end of libbpf's output: a ring of bytes, as the cause comes last. */
static struct {
	char bytes[64 * 1024];
	size_t next; /* where the next byte goes */
	bool full;
} log_ring;

static void log_keep(const char *text, size_t len)
{
	size_t part;

	if (len > sizeof(log_ring.bytes)) {
		text += len - sizeof(log_ring.bytes);
		len = sizeof(log_ring.bytes);
	}
	while (len) {
		part = sizeof(log_ring.bytes) - log_ring.next;
		if (part > len)
			part = len;
		memcpy(log_ring.bytes + log_ring.next, text, part);
		log_ring.next += part;
		if (log_ring.next == sizeof(log_ring.bytes)) {
			log_ring.next = 0;
			log_ring.full = true;
		}
		text += part;
		len -= part;
	}
}

static int log_collector(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char *text;
	int len;

	/* its step by step account would push the cause out of the ring */
	if (level == LIBBPF_DEBUG && !opts.verbose)
		return 0;
	len = vasprintf(&text, fmt, args);
	if (len < 0)
		return 0;
	if (opts.verbose)
		fwrite(text, 1, len, stderr);
	else
		log_keep(text, len);
	free(text);
	return len;
}

void libbpf_log_collect(void)
{
	libbpf_set_print(log_collector);
}

void libbpf_log_show(void)
{
	if (log_ring.full)
		fwrite(log_ring.bytes + log_ring.next, 1,
		       sizeof(log_ring.bytes) - log_ring.next, stderr);
	fwrite(log_ring.bytes, 1, log_ring.next, stderr);
	libbpf_log_forget();
}

void libbpf_log_forget(void)
{
	log_ring.next = 0;
	log_ring.full = false;
}
