/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands where on the screen of 'daxguard top'. */
#ifndef DAXGUARD_SCREEN_TOP_H
#define DAXGUARD_SCREEN_TOP_H

#include <json-c/json.h>

#include "screen/page.h"
#include "screen/rows.h"

/*
 * Fill the page from the sample; at least 40 columns and 8 lines are of use.  VIEW's place in
 * the list is moved to where there is a row.  Returns 0 or -ENOMEM.
 */
int top_page(struct page *page, const struct sample *sample, struct top_view *view);

/* How many lines the page needs to leave nothing out. */
int top_lines(const struct sample *sample);

/* The same for programs.  NULL where no memory is left. */
struct json_object *top_json(const struct sample *sample, const struct top_view *view);

#endif
