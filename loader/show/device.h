/* SPDX-License-Identifier: GPL-2.0-only */
/* A device's blocks and zones for people and as JSON. */
#ifndef DAXGUARD_DEVICE_SHOW_H
#define DAXGUARD_DEVICE_SHOW_H

#include <json-c/json.h>
#include <stddef.h>

#include "model.h"

/* Blocks in use: one on its way offline still has its pages. */
size_t count_online(const struct dax_device *dev);

/* {"total","online","offline"} of those that exist. */
struct json_object *blocks_json(const struct dax_device *dev);

/* {"Movable":n,...}: online blocks by zone. */
struct json_object *zones_json(const struct dax_device *dev);

/* "Movable 6, Normal 2", or "-", in BUF. */
void zones_text(const struct dax_device *dev, char *buf, size_t size);

/* "12 GiB" where it comes out even, else MiB, if need be with one decimal; in BUF. */
void size_text(__u64 size, char *buf, size_t buf_size);

struct json_object *text_or_null(const char *text);

#endif
