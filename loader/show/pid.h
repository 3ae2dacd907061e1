/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes that are known by the host's number, as they are seen from here. */
#ifndef DAXGUARD_PID_H
#define DAXGUARD_PID_H

#include <json-c/json.h>
#include <linux/types.h>
#include <stddef.h>

/*
 * Add "pid" to OBJ, of a process known by the host's number: as it is seen from here, or
 * null, and then, or where the two differ, "host_pid".
 */
void add_pid(struct json_object *obj, __u32 host);

/* The same for people: "12", or "3456 of the host". */
void pid_text(char *buf, size_t size, __u32 host);

#endif
