// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes the configuration parser: a file is wrong in a line of it, or all of it means
 * something. */
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "policy/config.h"

static int file_of(const uint8_t *data, size_t size, char *path, size_t room)
{
	int fd = memfd_create("config", MFD_CLOEXEC);

	need(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, room, "/proc/self/fd/%d", fd);
	return fd;
}

/* What is in force by it has no byte that means nothing, whichever device it is. */
static void look(const struct config *config, const struct daxguard_name *device)
{
	struct policy_rules rules;
	char odd[POLICY_ODD];

	config_in_force(config, device, &rules);
	need(!policy_odd_bytes(&rules, POLICY_BOTH, odd, sizeof(odd)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct daxguard_name names[] = { { "*" }, { "dax0.0" }, { "dax17.4" } };
	struct config config;
	char path[64];
	int fd, status;

	if (size > 1 << 16)
		return 0;
	fd = file_of(data, size, path, sizeof(path));
	status = config_look(&config, path);
	need(status == 0 || status == EXIT_USAGE);
	need(!status == !*config.why);
	need(!status || strstr(config.why, "line "));
	for (size_t i = 0; i < config.lines.nr; i++) {
		const struct policy_line *line = &config.lines.list[i];

		need(line->section && *line->name.name && strrchr(line->text, ':'));
		look(&config, &line->name);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		look(&config, &names[i]);
	config_free(&config);
	close(fd);
	return 0;
}
