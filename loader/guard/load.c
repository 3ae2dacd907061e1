// SPDX-License-Identifier: GPL-2.0-only
/* Loading the programs, pinning them, and taking over from an older set. */
#include "guard/load.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "guard/check.h"
#include "cli.h"
#include "guard/allow_map.h"
#include "control.h"
#include "guard/configure.h"
#include "guard/foreign.h"
#include "guard/ftrace.h"
#include "guard/grow.h"
#include "guard/hooks.h"
#include "model.h"
#include "guard/pins.h"
#include "guard/policy_map.h"
#include "guard/program_map.h"
#include "show/report.h"
#include "guard/skeleton.h"
#include "guard/state.h"
#include "guard/tally.h"
#include "guard/version.h"

#define PATH_LEN 256
#define MOST_PROGS 64

static int make_dirs(void)
{
	static const char *const dirs[] = { PIN_DIR, PIN_MAPS, PIN_PROGS, PIN_LINKS };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (mkdir(dirs[i], 0700) && errno != EEXIST)
			return fail(EXIT_FAILED, "cannot make '%s': %s", dirs[i],
				    strerror(errno));
	return 0;
}

/* Take over the maps that are pinned: policy, counters, transitions go on. */
static int reuse_maps(struct daxguard_bpf *skel, struct grown *grown)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, skel->obj) {
		const char *name = map_pin_name(map);
		int fd, err;

		if (!name)
			continue;
		fd = pins_map(name);
		if (fd == -ENOENT)
			continue;
		if (map == skel->maps.counters && grow_needed(fd, map)) {
			grown->old = fd;
			continue;
		}
		err = fd < 0 ? fd : bpf_map__reuse_fd(map, fd);
		if (fd >= 0)
			close(fd);
		if (err)
			return fail(EXIT_FAILED,
				    "cannot take over the map '" PIN_MAPS
				    "/%s' (%s): run 'daxguard unload' first",
				    name, strerror(-err));
	}
	return 0;
}

static int pin_maps(struct daxguard_bpf *skel)
{
	char path[PATH_LEN];
	struct bpf_map *map;

	bpf_object__for_each_map (map, skel->obj) {
		if (!map_pin_name(map))
			continue;
		snprintf(path, sizeof(path), PIN_MAPS "/%s", map_pin_name(map));
		if (!access(path, F_OK))
			continue;
		if (bpf_obj_pin(bpf_map__fd(map), path))
			return fail(EXIT_FAILED, "cannot pin '%s': %s", path, strerror(errno));
	}
	return 0;
}

/* Pin FD as DIR/NAME, taking the place of an older pin without a gap. */
static int pin_over(int fd, const char *dir, const char *name)
{
	char path[PATH_LEN], fresh[PATH_LEN];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(fresh, sizeof(fresh), "%s/%s" PIN_NEW, dir, name);
	if (unlink(fresh) && errno != ENOENT)
		return fail(EXIT_FAILED, "cannot remove '%s': %s", fresh, strerror(errno));
	if (bpf_obj_pin(fd, fresh))
		return fail(EXIT_FAILED, "cannot pin '%s': %s", fresh, strerror(errno));
	if (rename(fresh, path)) {
		int err = errno;

		unlink(fresh);
		return fail(EXIT_FAILED, "cannot pin '%s': %s", path, strerror(err));
	}
	return 0;
}

/*
 * The kernel does not do WHAT with the programs.  The verifier's words are for where
 * nobody knows what is missing.
 */
static int not_taken(const char *what, int err)
{
	char missing[CHECK_LEN];

	if (check_first_missing(missing)) {
		libbpf_log_forget();
		return fail(EXIT_LACKING, "%s", missing);
	}
	libbpf_log_show();
	return fail(EXIT_LACKING,
		    "the kernel does not %s (%s), and 'daxguard check' finds nothing missing: "
		    "see what libbpf has said",
		    what, strerror(-err));
}

/*
 * Attach everything, and only then pin: a set that cannot be attached in full
 * goes away with this process, and an older set goes on alone.
 */
static int attach_all(struct daxguard_bpf *skel)
{
	int err = daxguard_bpf__attach(skel);

	return err ? not_taken("let the BPF programs attach", err) : 0;
}

static struct bpf_link *link_of(struct daxguard_bpf *skel, const struct bpf_program *prog)
{
	struct bpf_object_skeleton *s = skel->skeleton;

	for (int i = 0; i < s->prog_cnt; i++)
		if (*s->progs[i].prog == prog)
			return *s->progs[i].link;
	return NULL;
}

/*
 * The lock is one of a bpf file system, and there may be several: whoever loads into
 * another one at the same moment is found by what he has attached.
 */
static int yield_to_rival(struct daxguard_bpf *skel)
{
	int links[MOST_PROGS];
	struct bpf_program *prog;
	struct bpf_link *link;
	size_t nr = 0;

	bpf_object__for_each_program (prog, skel->obj) {
		link = link_of(skel, prog);
		if (link && nr < MOST_PROGS)
			links[nr++] = bpf_link__fd(link);
	}
	if (!foreign_is_older(links, nr))
		return 0;
	return fail(EXIT_FAILED,
		    "the guard was loaded at the same moment by another 'daxguard load', and "
		    "this one has gone again: see 'daxguard status' for where it is");
}

static int pin_programs(struct daxguard_bpf *skel)
{
	struct bpf_program *prog;
	int status;

	bpf_object__for_each_program (prog, skel->obj) {
		const char *name = bpf_program__name(prog);
		struct bpf_link *link = link_of(skel, prog);

		if (!bpf_program__autoload(prog))
			continue;
		status = pin_over(bpf_program__fd(prog), PIN_PROGS, name);
		if (!status && prog_has_link(prog))
			status = pin_over(bpf_link__fd(link), PIN_LINKS, name);
		if (status)
			return status;
	}
	return 0;
}

/* Programs of an older daxguard that this one does not have any more. */
static void drop_obsolete(struct daxguard_bpf *skel, const char *dir)
{
	char path[PATH_LEN];
	struct dirent *entry;
	DIR *d = opendir(dir);

	if (!d)
		return;
	while ((entry = readdir(d))) {
		const struct bpf_program *prog =
			bpf_object__find_program_by_name(skel->obj, entry->d_name);

		if (entry->d_name[0] == '.' || (prog && bpf_program__autoload(prog)))
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) <
		    sizeof(path))
			unlink(path);
	}
	closedir(d);
}

/* Files opened for writing before the observers were there, and writes to them. */
static int seed_opens(void)
{
	struct daxguard_request writes = { .ask = DAXGUARD_ASK_SEED };
	char none[64];
	int iter = pins_iter("daxguard_iter_task_file");
	ssize_t n;

	if (iter < 0)
		return iter;
	while ((n = read(iter, none, sizeof(none))) != 0)
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			break;
	close(iter);
	return n < 0 ? -errno : control_ask(&writes);
}

/* What had begun before the observers were there, of programs that the lists name. */
static int seed_programs(void)
{
	int err = allow_map_convert();

	return err ? err : program_map_mark_all();
}

/* Any block will do: it is opened for writing, and nothing is written. */
static int open_some_block(void)
{
	glob_t found;
	int fd = -ENOENT;

	if (!glob("/sys/devices/system/memory/memory[0-9]*/state", GLOB_NOSORT, NULL, &found) &&
	    found.gl_pathc)
		fd = open(found.gl_pathv[0], O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		fd = -errno;
	globfree(&found);
	return fd;
}

/*
 * Do the LSM programs run?  They attach also where the kernel was booted without
 * "bpf" in lsm=, and are then never called.  So open a block's file and look
 * whether that was seen.  Returns 1, 0, or the negative errno of trying.
 */
static int lsm_runs(void)
{
	struct daxguard_state *state = state_map();
	__u64 before, after = 0;
	int fd = 0;

	if (!state)
		return -errno;
	for (int tries = 0; tries < 100; tries++) {
		before = __atomic_load_n(&state->armed, __ATOMIC_SEQ_CST);
		fd = open_some_block();
		after = __atomic_load_n(&state->armed, __ATOMIC_SEQ_CST);
		if (fd >= 0)
			close(fd);
		/* another file may have been closed in between: look again */
		if (after > before || fd < 0)
			break;
	}
	state_unmap(state);
	if (after > before)
		return 1;
	return fd < 0 ? fd : 0;
}

static int lsm_untried(int err)
{
	if (err == -EROFS)
		return fail(EXIT_LACKING,
			    "'/sys' is read-only here, and loading opens a memory block for "
			    "writing to see that the kernel calls the programs: "
			    "mount -o remount,rw /sys");
	return fail(EXIT_LACKING,
		    "no memory block under '/sys/devices/system/memory' can be opened for "
		    "writing (%s), to see that the kernel calls the programs: run daxguard "
		    "outside of the container",
		    strerror(-err));
}

static int lsm_missing(void)
{
	char line[512] = "";
	FILE *f;

	/* switched off since the load began */
	if (ftrace_stopped())
		return fail(EXIT_LACKING, "%s", ftrace_stopped());
	f = fopen("/sys/kernel/security/lsm", "re");
	if (f) {
		if (!fgets(line, sizeof(line), f))
			line[0] = 0;
		fclose(f);
		line[strcspn(line, "\n")] = 0;
	}
	if (!line[0])
		return fail(EXIT_LACKING,
			    "the kernel does not call BPF LSM programs: add 'bpf' to "
			    "the list in the kernel parameter 'lsm=' and reboot");
	return fail(EXIT_LACKING,
		    "the kernel does not call BPF LSM programs ('bpf' is not among "
		    "'%s'): boot with the kernel parameter 'lsm=%s,bpf'",
		    line, line);
}

static int seed_failed(const char *what, int err)
{
	return fail(EXIT_FAILED, "cannot write the map '" PIN_MAPS "/%s': %s", what,
		    strerror(-err));
}

static int seed_tally(struct daxguard_bpf *skel)
{
	int err = tally_seed(bpf_map__fd(skel->maps.tally));

	return err ? seed_failed("tally", err) : 0;
}

/* TELL: once of the twice that this is done. */
static int seed_all(const struct load_options *options, bool knows_origins, bool tell)
{
	struct configure_options how = { .keep = knows_origins,
					 .tell = tell,
					 .mode = options->mode };
	int status = 0, err = policy_map_seed(options->config ? 0 : options->mode);

	if (err)
		return seed_failed("policy", err);
	if (options->config)
		status = configure(options->config, &how);
	if (status)
		return status;
	err = seed_devices();
	return err ? seed_failed("devices", err) : 0;
}

static int open_and_load(struct daxguard_bpf **ret, __u32 hooks, struct grown *grown)
{
	struct daxguard_bpf *skel = daxguard_bpf__open();
	struct bpf_program *prog;
	unsigned int older;
	int err, status;

	if (!skel)
		return fail(EXIT_FAILED, "the BPF object in this command is damaged: "
					 "install daxguard anew");
	status = version_older(&older) ? version_carry(older, skel->obj) : 0;
	if (!status)
		status = reuse_maps(skel, grown);
	if (status) {
		daxguard_bpf__destroy(skel);
		return status;
	}
	bpf_object__for_each_program (prog, skel->obj)
		bpf_program__set_autoload(prog, hooks_have_prog(hooks, prog));
	skel->data_state->daxguard_state.hooks = hooks;
	skel->rodata->daxguard_page_size = sysconf(_SC_PAGESIZE);
	err = model_block_size(&skel->data_state->daxguard_state.block_size);
	if (err) {
		daxguard_bpf__destroy(skel);
		return fail(EXIT_LACKING,
			    "the kernel has no memory hotplug ('/sys/devices/system/memory/"
			    "block_size_bytes': %s): use one with CONFIG_MEMORY_HOTPLUG",
			    strerror(-err));
	}
	err = daxguard_bpf__load(skel);
	if (err) {
		daxguard_bpf__destroy(skel);
		return not_taken("accept the BPF programs", err);
	}
	*ret = skel;
	return 0;
}

/* A set that replaces nothing and cannot be finished must leave nothing. */
static int undo(bool replaced, int status)
{
	char what[PATH_LEN] = "";

	if (!replaced && pins_remove(what, sizeof(what)))
		warn("cannot remove '%s' after the failed load: run 'daxguard unload'", what);
	return status;
}

/* Pinned in the place of what an older set has: from here on ours is the guard. */
static int take_over(struct daxguard_bpf *skel, const struct grown *grown, __u32 hooks)
{
	char what[PATH_LEN] = "";
	unsigned int older;
	int status = 0;

	/*
	 * Without the LSM layer a knob's file is refused at its open.  From before the other
	 * layer's programs go, or it would be refused nowhere until the load has come to its
	 * end.
	 */
	if (!hooks_have_lsm(hooks))
		status = state_set_hooks(hooks);
	if (status)
		return seed_failed("state", status);
	if (grown->old >= 0)
		status = pin_over(bpf_map__fd(skel->maps.counters), PIN_MAPS, "counters");
	if (!status)
		status = pin_programs(skel);
	if (status)
		return status;
	if (version_older(&older) && version_replace(older, what, sizeof(what)))
		return fail(EXIT_FAILED, "cannot remove '%s': run 'daxguard load' again", what);
	drop_obsolete(skel, PIN_LINKS);
	drop_obsolete(skel, PIN_PROGS);
	pins_drop_obsolete_maps();
	return 0;
}

/* All of it runs, and beside it nothing older. */
static int finish(struct daxguard_bpf *skel, const struct load_options *options,
		  struct grown *grown)
{
	int status, err;

	/* what was bound or opened between the first look and attaching */
	status = seed_all(options, true, options->reload);
	if (status)
		return status;
	err = seed_objects(&skel->data_run->daxguard_run.seeding);
	if (err)
		return seed_failed("dax_devs", err);
	err = seed_programs();
	if (err)
		return seed_failed("identity", err);
	err = seed_opens();
	if (err)
		return seed_failed("opens", err);
	err = grown->old >= 0 ? grow_finish(grown) : 0;
	if (err)
		return seed_failed("counters", err);
	/* last of all: from here on this build calls itself loaded */
	err = state_sign(options->hooks);
	return err ? seed_failed("state", err) : 0;
}

/* The programs are attached: are they called, too? */
static int try_out(void)
{
	int runs = lsm_runs();

	if (runs < 0)
		return lsm_untried(runs);
	return runs ? 0 : lsm_missing();
}

static int seed_and_attach(struct daxguard_bpf *skel, const struct load_options *options,
			   struct grown *grown, bool knows_origins)
{
	int status, err;

	if (grown->old >= 0) {
		err = grow_copy(grown, grown->old, bpf_map__fd(skel->maps.counters));
		if (err)
			return seed_failed("counters", err);
	}
	status = seed_all(options, knows_origins, false);
	if (!status)
		status = attach_all(skel);
	if (!status)
		status = yield_to_rival(skel);
	if (!status)
		status = try_out();
	if (status)
		return status;
	/* before an older set goes, which knows the devices in its own way */
	err = seed_objects(&skel->data_run->daxguard_run.seeding);
	return err ? seed_failed("dax_devs", err) : 0;
}

int load_guard(const struct load_options *options, bool *replaced)
{
	struct daxguard_bpf *skel = NULL;
	struct grown grown = { .old = -1 };
	bool knows_origins;
	int status;

	*replaced = !access(PIN_MAPS, F_OK);
	status = make_dirs();
	if (!status)
		status = open_and_load(&skel, options->hooks, &grown);
	if (status)
		return undo(*replaced, status);
	/* an older build had none: what it has in its maps may be anybody's */
	knows_origins = !access(PIN_MAPS "/origins", F_OK);
	status = pin_maps(skel);
	if (!status)
		status = seed_tally(skel);
	if (!status)
		status = seed_and_attach(skel, options, &grown, knows_origins);
	if (!status)
		status = take_over(skel, &grown, options->hooks);
	if (!status)
		status = finish(skel, options, &grown);
	if (grown.old >= 0)
		close(grown.old);
	daxguard_bpf__destroy(skel);
	return status ? undo(*replaced, status) : 0;
}
