/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command says: one sentence an error, and JSON where it was asked for. */
#ifndef DAXGUARD_REPORT_H
#define DAXGUARD_REPORT_H

#include <json-c/json.h>
#include <stddef.h>

#include "text.h"

/*
 * Say one error, a sentence with the object quoted and the remedy, on stderr (or
 * as {"error": "...", "status": N} on stdout with --json), with a <3> prefix under
 * systemd.  Returns STATUS, so that a verb can end with `return fail(...)`.
 * An error is said exactly once, by the function that turns it into a status.
 */
__attribute__((format(printf, 2, 3))) int fail(int status, const char *fmt, ...);

/* Say one warning on stderr; never changes the exit status. */
__attribute__((format(printf, 1, 2))) void warn(const char *fmt, ...);

/* One sentence of result on stdout; says nothing with --json. */
__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);

/*
 * Print OBJ on stdout as one JSON document (one line when LINE) and drop the
 * reference.  Returns EXIT_DONE, or EXIT_FAILED where stdout cannot be written.
 */
int print_json(struct json_object *obj, int line);

/* A JSON string of a text, cleaned by clean_text(), of at most SIZE bytes, "" included. */
struct json_object *json_text(const char *from, size_t size);

/* An object's unsigned number, beyond json-c's signed 64 bits too. */
struct json_object *json_number(unsigned long long number);

/*
 * The last thing main does: STATUS, or EXIT_FAILED after having said that what
 * was printed did not arrive.
 */
int report_close(int status);

/* Collect libbpf's and the verifier's words; shown with -v, or by this call. */
void libbpf_log_collect(void);
void libbpf_log_show(void);
void libbpf_log_forget(void);

#endif
