/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration file: what is read, what is refused and how, and the sample of dist/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "array.h"
#include "capture.h"
#include "cli.h"
#include "model.h"
#include "option.h"
#include "policy/allow.h"
#include "policy/config.h"
#include "top.h"

#define SAMPLE "dist/daxguard.conf.sample"
#define SHIPPED "dist/daxguard.conf"

/* Read TEXT as a file; returns the status, and what was said is in *SAID, to be freed. */
static int read_text(struct config *config, const char *text, char **said)
{
	char path[] = "/tmp/daxguard-test-XXXXXX";
	struct capture c;
	int fd = mkstemp(path), status;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
	opts.json = true; /* errors go to stdout then */
	capture_begin(&c);
	status = config_read(config, path);
	*said = capture_end(&c);
	opts.json = false;
	assert_int_equal(unlink(path), 0);
	return status;
}

static void read_well(struct config *config, const char *text)
{
	char *said;
	int status = read_text(config, text, &said);

	if (status)
		fail_msg("status %d: %s", status, said);
	assert_string_equal(said, "");
	free(said);
}

/* The policy of that section, laid over bytes that no default has. */
static struct policy_rules rules_of(const struct config *config, const char *device)
{
	struct policy_rules rules = {
		.policy = { .mode = DAXGUARD_MODE_OFF,
			    .scope = DAXGUARD_SCOPE_ALWAYS,
			    .flags = DAXGUARD_FLAGS_ALL & ~DAXGUARD_FLAGS_DEFAULT,
			    .max_hold_s = 1 },
		.more = { .zone = DAXGUARD_ONLY_KERNEL,
			  .online = DAXGUARD_BRING_UP_KERNEL,
			  .idle_s = 1 },
	};

	for (size_t i = 0; i < config->nr_policies; i++) {
		if (strcmp(config->policies[i].device.name, device))
			continue;
		policy_apply(&config->policies[i].change, &rules);
		return rules;
	}
	fail_msg("there is no section '%s'", device);
	return rules;
}

static struct daxguard_policy policy_of(const struct config *config, const char *device)
{
	return rules_of(config, device).policy;
}

/* A sysfs with dax0.0 of node 1 below region0. */
static void make_device(void)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "mkdir -p %s/devices/cxl/region0/dax_region0/dax0.0 %s/bus/dax/devices && "
		 "ln -s ../../../devices/cxl/region0/dax_region0/dax0.0 "
		 "%s/bus/dax/devices/dax0.0 "
		 "&& echo 1 >%s/devices/cxl/region0/dax_region0/dax0.0/target_node",
		 top, top, top, top);
	assert_int_equal(system(command), 0);
	model_set_root(top);
}

/* What is in force by the sections: as the maps have it that load fills from them. */
static void test_in_force(void **state)
{
	static const struct {
		const char *text;
		__u8 mode, zone, online;
		__u32 idle_s;
	} cases[] = {
		{ "", DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_ANY, DAXGUARD_BRING_UP_LEAVE,
		  DAXGUARD_IDLE_S },
		{ "[dax1.0]\nonline=movable\n", DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_ANY,
		  DAXGUARD_BRING_UP_LEAVE, DAXGUARD_IDLE_S },
		{ "[*]\nmode=audit\nonline=movable\nidle=7\n", DAXGUARD_MODE_AUDIT,
		  DAXGUARD_ONLY_ANY, DAXGUARD_BRING_UP_MOVABLE, 7 },
		/* each half by itself */
		{ "[*]\nmode=audit\nonline=movable\n[dax0.0]\nmode=off\n", DAXGUARD_MODE_OFF,
		  DAXGUARD_ONLY_ANY, DAXGUARD_BRING_UP_MOVABLE, DAXGUARD_IDLE_S },
		{ "[*]\nmode=audit\nidle=7\n[dax0.0]\nonline=kernel\n", DAXGUARD_MODE_AUDIT,
		  DAXGUARD_ONLY_ANY, DAXGUARD_BRING_UP_KERNEL, 7 },
		/* in whatever order they come */
		{ "[dax0.0]\nzone=movable\n[*]\nmode=audit\nonline=movable\nidle=7\n",
		  DAXGUARD_MODE_AUDIT, DAXGUARD_ONLY_MOVABLE, DAXGUARD_BRING_UP_MOVABLE, 7 },
		/* a device before where it is, that before its name, and that before all */
		{ "[dax0.0]\nidle=1\n[node1]\nidle=2\nzone=movable\n[dax*]\nidle=3\nzone="
		  "kernel\n"
		  "online=kernel\n[*]\nidle=4\nzone=any\nonline=leave\nmode=off\n",
		  DAXGUARD_MODE_OFF, DAXGUARD_ONLY_MOVABLE, DAXGUARD_BRING_UP_KERNEL, 1 },
		/* of two that are alike the line that comes later */
		{ "[region0]\nidle=1\n[node1]\nidle=2\n[region0]\nzone=movable\n",
		  DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_MOVABLE, DAXGUARD_BRING_UP_LEAVE, 2 },
		{ "[dax?.0]\nidle=1\n[dax0.*]\nidle=2\n[dax*.1]\nidle=3\n",
		  DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_ANY, DAXGUARD_BRING_UP_LEAVE, 2 },
		/* other places, and what only begins alike */
		{ "[region1]\nidle=1\n[node11]\nidle=2\n[dax1*]\nidle=3\n[dax0.01]\nidle=4\n",
		  DAXGUARD_MODE_ENFORCE, DAXGUARD_ONLY_ANY, DAXGUARD_BRING_UP_LEAVE,
		  DAXGUARD_IDLE_S },
	};
	static const struct daxguard_name device = { "dax0.0" };
	struct policy_rules rules;
	struct config config;
	size_t i;

	(void)state;
	make_device();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		read_well(&config, cases[i].text);
		config_in_force(&config, &device, &rules);
		assert_int_equal(rules.policy.mode, cases[i].mode);
		assert_int_equal(rules.more.zone, cases[i].zone);
		assert_int_equal(rules.more.online, cases[i].online);
		assert_int_equal(rules.more.idle_s, cases[i].idle_s);
		config_free(&config);
	}
}

/* What may come later is no error, and the rest of the file counts. */
static void test_not_there_yet(void **state)
{
	struct config config;
	char *said;

	(void)state;
	assert_int_equal(read_text(&config,
				   "[allow]\nuid = no such user\nuid = 7\n"
				   "[*]\nmode = audit\n",
				   &said),
			 0);
	free(said);
	assert_int_equal(config.allows.nr, 1);
	assert_int_equal(config.allows.list[0].key.id, 7);
	assert_int_equal(config.nr_policies, 1);
	config_free(&config);
}

/* As the manual page has it: comments, blanks, ":", a section that comes again. */
static void test_format(void **state)
{
	static const char text[] = "# a comment\n"
				   "; another\n"
				   "[empty]\n"
				   "[dax0.0]\n"
				   "mode=audit ; after a blank\n"
				   "max_hold : 7\n"
				   "[allow]\n"
				   "uid = 1\n"
				   "uid = 2\n"
				   "[*]\n"
				   "\tscope = transition\n"
				   "[dax0.0]\n"
				   "scope = always\n"
				   "zone = movable\n"
				   "online = movable\n"
				   "idle = 0\n";
	struct daxguard_policy_more more;
	struct daxguard_policy policy;
	struct config config;

	(void)state;
	read_well(&config, text);
	assert_int_equal(config.nr_policies, 2);
	policy = policy_of(&config, "dax0.0");
	assert_int_equal(policy.mode, DAXGUARD_MODE_AUDIT);
	assert_int_equal(policy.scope, DAXGUARD_SCOPE_ALWAYS);
	assert_int_equal(policy.max_hold_s, 7);
	more = rules_of(&config, "dax0.0").more;
	assert_int_equal(more.zone, DAXGUARD_ONLY_MOVABLE);
	assert_int_equal(more.online, DAXGUARD_BRING_UP_MOVABLE);
	assert_int_equal(more.idle_s, 0);
	assert_int_equal(policy_of(&config, "*").scope, DAXGUARD_SCOPE_TRANSITION);
	/* which of the two maps it is for is known by the words */
	assert_int_equal(policy_halves(&config.policies[1].change), 1 << POLICY_FIRST);
	assert_int_equal(config.allows.nr, 2);
	assert_int_equal(config.allows.list[1].key.id, 2);
	config_free(&config);
}

static const struct {
	const char *text;
	int line;
	const char *what;
} wrong[] = {
	{ "[*]\nmode = loud\n", 2, "a value that this key does not have 'mode = loud'" },
	{ "[*]\nmode = off # no comment\n", 2,
	  "a value that this key does not have 'mode = off # no comment'" },
	{ "[*]\n\nmoed = off\n", 3, "an unknown key 'moed'" },
	{ "[*]\nzone = auto\n", 2, "a value that this key does not have 'zone = auto'" },
	{ "[dax0.0]\nidle = 5s\n", 2, "a value that this key does not have 'idle = 5s'" },
	{ "[*]\nmode = off\n[dax0.0]\n[*]\nmode = off\n", 5,
	  "a key that was given already 'mode'" },
	/* which is one more value of the key above */
	{ "[*]\nmode = off\n scope = always\n", 3, "a key that was given already 'mode'" },
	{ "[dax0]\nmode = off\n", 2,
	  "no device, pattern, '*', 'allow' or 'controllers' is the section 'dax0'" },
	{ "mode = off\n", 1,
	  "no device, pattern, '*', 'allow' or 'controllers' is the section ''" },
	{ "[dax]\nmode = off\n", 2,
	  "no device, pattern, '*', 'allow' or 'controllers' is the section 'dax'" },
	{ "[node]\nmode = off\n", 2, NULL },
	{ "[region0x]\nmode = off\n", 2, NULL },
	{ "[**]\nmode = off\n", 2, NULL },
	{ "[dax0.0 *]\nmode = off\n", 2, NULL },
	{ "[dax11111111111.*]\nmode = off\n", 2, NULL },
	{ "[dax*]\nmode = off\n[node1]\nmode = off\n[dax*]\nmode = audit\n", 6,
	  "a key that was given already 'mode'" },
	{ "[ * ]\nmode = off\n", 2,
	  "no device, pattern, '*', 'allow' or 'controllers' is the section ' * '" },
	{ "[allow]\nexe = /etc\n", 2, "a directory 'exe=/etc'" },
	{ "[allow]\nexe = agent\n", 2, "no path from the root 'exe=agent'" },
	{ "[allow]\nuid = 4294967295\n", 2, "no user of this machine 'uid=4294967295'" },
	{ "[allow]\ncgroup = slice\n", 2, "no directory of cgroup v2 'cgroup=slice'" },
	{ "[allow]\npid = 1\n", 2, "an unknown key 'pid=1'" },
	{ "[allow]\nexe =\n", 2, "a value that this key does not have 'exe='" },
	{ "[controllers]\nuid = 1\n", 2, "an unknown key 'uid=1'" },
	{ "[controllers]\nexe = /dev/null\n", 2, "not a regular file 'exe=/dev/null'" },
	{ "[*]\nmode\n", 2, "neither [section] nor KEY = WORD" },
	{ "[*\nmode = off\n", 1, NULL },
	/* the later ones are not blamed for it */
	{ "[*]\ngarbage\nmode = loud\n", 2, "neither [section] nor KEY = WORD" },
};

static void test_errors(void **state)
{
	struct config config;
	char line[16], *said;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(read_text(&config, wrong[i].text, &said), EXIT_USAGE);
		snprintf(line, sizeof(line), "line %d of", wrong[i].line);
		if (!strstr(said, line) || (wrong[i].what && !strstr(said, wrong[i].what)))
			fail_msg("'%s' is answered: %s", wrong[i].text, said);
		free(said);
		config_free(&config);
	}
}

/* What is not there is said, and counts all the same; a link is what it leads to. */
static void test_programs(void **state)
{
	static const char text[] = "[controllers]\n"
				   "exe = /no/such/file\n"
				   "exe = /proc/self/exe\n"
				   "[allow]\n"
				   "exe = /no/such/file\n";
	struct config config;
	struct capture c;
	char *said;

	(void)state;
	capture_stream(&c, &stderr);
	read_well(&config, text);
	said = capture_end(&c);
	assert_int_equal(config.controllers.nr, 2);
	assert_int_equal(config.allows.nr, 1);
	assert_string_equal(config.allows.list[0].word, "exe=/no/such/file");
	assert_string_equal(config.controllers.list[0].program.path.path, "/no/such/file");
	assert_non_null(strstr(config.controllers.list[1].program.path.path, "/test_config"));
	assert_non_null(strstr(said, "warning: '/no/such/file' is not there"));
	assert_non_null(strstr(said, "warning: '/proc/self/exe' leads to '/"));
	free(said);
	config_free(&config);
}

/* What is shipped: the tools that change dax devices are controllers, and nothing else. */
static void test_shipped(void **state)
{
	static const char *const paths[] = { "/usr/bin/daxctl", "/usr/bin/cxl",
					     "/usr/bin/ndctl" };
	char *text = read_page(SHIPPED), *said;
	struct config config;
	struct capture c;

	(void)state;
	capture_stream(&c, &stderr);
	read_well(&config, text);
	said = capture_end(&c);
	assert_int_equal(config.nr_policies, 0);
	assert_int_equal(config.allows.nr, 0);
	assert_int_equal(config.controllers.nr, ARRAY_SIZE(paths));
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_string_equal(config.controllers.list[i].entry.label, paths[i]);
	free(said);
	config_free(&config);
	free(text);
}

static void test_no_file(void **state)
{
	struct config config;
	struct capture c;
	char *said;

	(void)state;
	opts.json = true;
	capture_begin(&c);
	assert_int_equal(config_read(&config, "/no/such/file"), EXIT_FAILED);
	said = capture_end(&c);
	opts.json = false;
	assert_non_null(strstr(said, "'/no/such/file' cannot be read"));
	free(said);
	config_free(&config);
}

/*
 * A line of the sample with its mark taken off: "#mode = enforce", not "# a comment".
 * What this machine may lack, a program or a cgroup, is one that it has.
 */
static void uncomment(FILE *to, const char *line)
{
	if (line[0] != '#' || line[1] == ' ' || line[1] == '\n')
		return;
	line++;
	if (!strncmp(line, "exe = ", 6))
		fputs("exe = /proc/self/exe\n", to);
	else if (!strncmp(line, "cgroup = ", 9))
		fputs(cgroup_root() ? "cgroup = /\n" : "uid = 1\n", to);
	else
		fputs(line, to);
}

/* The sample as somebody has it who takes every mark away. */
static char *all_of_sample(void)
{
	FILE *sample = fopen(SAMPLE, "re"), *to;
	char *text = NULL, *line = NULL;
	size_t size, room = 0;

	if (!sample)
		fail_msg("'" SAMPLE "' is not to be read: run this at the top of the source");
	to = open_memstream(&text, &size);
	assert_non_null(to);
	while (getline(&line, &room, sample) > 0)
		uncomment(to, line);
	free(line);
	fclose(to);
	fclose(sample);
	return text;
}

static void test_sample_changes_nothing(void **state)
{
	char *text = read_page(SAMPLE);
	struct config config;

	(void)state;
	read_well(&config, text);
	assert_int_equal(config.nr_policies, 0);
	assert_int_equal(config.allows.nr, 0);
	assert_int_equal(config.controllers.nr, 0);
	config_free(&config);
	free(text);
}

/* Everything in it is understood, every key is there, and what '*' has is the default. */
static void test_sample_is_whole(void **state)
{
	const struct policy_rules standard = policy_default();
	char *text = all_of_sample(), start[32];
	struct policy_rules rules;
	struct config config;
	struct opt word;
	size_t nr;

	(void)state;
	read_well(&config, text);
	rules = rules_of(&config, "*");
	assert_memory_equal(&rules, &standard, sizeof(rules));
	for (nr = 0; policy_word(nr, &word); nr++)
		;
	assert_int_equal(config.policies[0].change.seen, (1u << nr) - 1);
	assert_string_equal(config.policies[0].device.name, DAXGUARD_ANY);
	assert_true(config.nr_policies > 1);
	for (nr = 0; allow_word(nr, &word); nr++) {
		snprintf(start, sizeof(start), "\n%s = ", word.name);
		if (cgroup_root() && !strstr(text, start))
			fail_msg("'" SAMPLE "' has no %s", word.name);
	}
	assert_int_equal(config.allows.nr, nr);
	assert_non_null(strstr(text, "\n[controllers]\nexe = "));
	assert_true(config.controllers.nr > 0);
	config_free(&config);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_not_there_yet),
		cmocka_unit_test_setup_teardown(test_in_force, make_top, remove_top),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_sample_changes_nothing),
		cmocka_unit_test(test_sample_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
