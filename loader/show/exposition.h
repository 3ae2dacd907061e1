/* SPDX-License-Identifier: GPL-2.0-only */
/* Metrics in Prometheus' text format: families of samples, kept as JSON until they are printed.
 */
#ifndef DAXGUARD_EXPOSITION_H
#define DAXGUARD_EXPOSITION_H

#include <json-c/json.h>
#include <stdio.h>

/*
 * Add a family to the array ALL: "gauge" or "counter", which Prometheus wants to end with
 * "_total".  Returns its samples, for sample_add().
 */
struct json_object *family_add(struct json_object *all, const char *name, const char *type,
			       const char *help);

/*
 * Add a sample of VALUE, a number that is the family's from then on, with labels: pairs of
 * a name and a value, any text, and LABELS_END.
 */
#define LABELS_END ((const char *)NULL)
__attribute__((sentinel)) void sample_add(struct json_object *samples,
					  struct json_object *value, ...);

/* All of them as text; families without a sample are left out.  0, or -EIO. */
int exposition_write(struct json_object *all, FILE *out);

#endif
