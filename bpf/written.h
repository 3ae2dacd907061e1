/* SPDX-License-Identifier: GPL-2.0-only */
/* The names that the current task is writing to a file, as far as they can be read. */
#ifndef DAXGUARD_WRITTEN_H
#define DAXGUARD_WRITTEN_H

#include "syscall.h"

#define TEXT_LEN 24

static __always_inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * A device name out of TEXT, exactly as the kernel writes it.  new_id takes others
 * too ("dax00.0"); those count as not readable, and are judged as if for any device.
 */
static __always_inline bool parse_name(struct daxguard_name *key, const char *text)
{
	char before = 0, c;
	int i;

	for (i = 0; i < DAXGUARD_NAME_LEN - 1; i++) {
		c = text[i];
		if (!c || c == '\n')
			break;
		if (!is_digit(c) && c != '.' && c != 'd' && c != 'a' && c != 'x')
			return false;
		if (before == '0' && is_digit(c) && i >= 2 && !is_digit(text[i - 2]))
			return false;
		key->name[i] = c;
		before = c;
	}
	c = text[i];
	return i && (!c || c == '\n');
}

/* What the current task is writing, as text; false: cannot be read. */
static __always_inline bool written_text(char *text, __u32 size)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 from, len;

	if (task->flags & (PF_KTHREAD | PF_IO_WORKER))
		return false;
	if (!write_buffer(task, &from, &len) || !len)
		return false;
	if (len > size - 1)
		len = size - 1;
	return !bpf_probe_read_user(text, len, (void *)from);
}

/* The device that the current task is writing the name of; false: cannot be read. */
__subprog_alone bool written_name(struct daxguard_name *key)
{
	char text[TEXT_LEN] = {};

	return key && written_text(text, sizeof(text)) && parse_name(key, text);
}

/* The same for a device of any bus, whose name ends with the line. */
__subprog_alone bool written_ancestor(struct daxguard_ancestor *key)
{
	bool over = false;

	if (!key || !written_text(key->name, sizeof(key->name)))
		return false;
	for (int i = 0; i < DAXGUARD_ANCESTOR_LEN; i++) {
		over |= !key->name[i] || key->name[i] == '\n';
		if (over)
			key->name[i] = 0;
	}
	return key->name[0];
}

#endif
