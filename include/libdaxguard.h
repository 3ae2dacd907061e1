/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libdaxguard: change a whole dax device, all or nothing, from a program.
 *
 * A device is daxN.M.  Its memory blocks are changed through the kernel's own
 * whole-device attribute where it has one, else one by one; where the guard is
 * loaded (daxguard load), nobody else can change them meanwhile.  What was reached
 * is read back from the blocks, their zones and /proc/iomem.  Where a block cannot
 * be changed, every block returns to the state and zone that it had.
 *
 * Where a function takes a device, it also takes the name of what is above some in
 * sysfs, or what a CXL region above them is made of: "hmem.0", "region0", "mem0",
 * "0000:0d:00.0".  That stands for all devices below.  They are held together, and
 * changed one after the other; where one cannot be, those before it return to what
 * they were.  A name that two buses have (DAXGUARD_RESULT_USAGE) is written with the
 * bus, "cxl/region0"; one that has no device below is DAXGUARD_RESULT_FAILED.
 *
 * Every call needs root, and returns when it is done.  A handle may be used by one
 * thread at a time, only daxguard_interrupt() may come from elsewhere.  The library
 * prints nothing and installs no signal handler.  Writes are made by a thread that lasts
 * as long as the call and has all signals blocked; one that takes too long is
 * cancelled, pthread_cancel(3).
 */
#ifndef LIBDAXGUARD_H
#define LIBDAXGUARD_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ended; the exit statuses of the daxguard command. */
enum daxguard_result {
	DAXGUARD_RESULT_DONE = 0,
	DAXGUARD_RESULT_FAILED = 1, /* nothing was changed */
	DAXGUARD_RESULT_USAGE = 2, /* an argument has no meaning; nothing was changed */
	DAXGUARD_RESULT_LACKING = 3, /* the kernel or the machine lacks something */
	DAXGUARD_RESULT_HELD = 4, /* someone else holds the device */
	DAXGUARD_RESULT_ROLLED_BACK = 5, /* failed, every block is as it was before */
	DAXGUARD_RESULT_NOT_AS_ASKED = 6, /* the device is neither as asked nor as before */
};

/* Where memory that is brought online goes. */
enum daxguard_zone {
	/*
	 * Movable, so that the device can be unplugged again; a device that is
	 * wholly online in kernel zones is left there.
	 */
	DAXGUARD_ZONE_AUTO = 0,
	DAXGUARD_ZONE_MOVABLE = 1,
	DAXGUARD_ZONE_KERNEL = 2,
};

/* A handle: settings and the last error. */
struct daxguard;

/*
 * Make a handle.  Returns it, to be given to daxguard_free(), or NULL with errno
 * ENOMEM.
 */
struct daxguard *daxguard_new(void);

/* Free HANDLE, which may be NULL.  A device that it still holds is let go. */
void daxguard_free(struct daxguard *handle);

/*
 * The last error of HANDLE as one sentence in English, with the object in quotes and
 * the remedy; "" where the last call succeeded.  It belongs to the handle and lasts
 * until the next call with it.
 */
const char *daxguard_error(const struct daxguard *handle);

/* The version of the library that runs, such as "0.1.0".  Never freed. */
const char *daxguard_version_text(void);

/*
 * How long, in seconds, a busy block is tried again and writes under way are waited
 * for; 60 unless set.  Negative or not finite: DAXGUARD_RESULT_USAGE.
 */
int daxguard_set_timeout(struct daxguard *handle, double seconds);

/*
 * Whether a device that someone else holds is waited for, as long as it takes.  Else
 * (0, as it is unless set) that is DAXGUARD_RESULT_HELD at once.
 */
void daxguard_set_wait(struct daxguard *handle, int wait);

/* What is being done, at the time of a call to the progress function. */
struct daxguard_progress {
	const char *device; /* "dax0.0"; lasts as long as the call */
	const char *verb; /* "online", "offline", "unplug", "plug" */
	int rolling_back; /* 1 while blocks return to what they were */
	int block; /* number of the block that has just been changed, or -1 */
	const char *block_state; /* its new state: "online", "offline"; "" without one */
	const char *block_zone; /* "Movable", "Normal", ...; "" where it is not online */
	size_t done; /* blocks changed; each counts once, and from 0 while rolling back */
	size_t total; /* blocks that are to be changed */
	double seconds; /* since the first one was begun */
};

typedef void (*daxguard_progress_fn)(void *context, const struct daxguard_progress *progress);

/*
 * Have FN called after every change of a block, and about five times a second while one
 * takes longer.  It runs inside the call that makes the change and must not use
 * HANDLE, but for daxguard_interrupt().  NULL: no more.
 */
void daxguard_set_progress(struct daxguard *handle, daxguard_progress_fn fn, void *context);

/*
 * Make the running call of HANDLE give up and roll back, or the next one where none
 * runs.  Safe in a signal handler and from another thread.
 */
void daxguard_interrupt(struct daxguard *handle);

/*
 * Hold DEVICE for this process and all that descends from it: everyone else who writes
 * to one of its blocks gets EBUSY.  Lasts until daxguard_end(), daxguard_free(), the
 * end of the process, or the longest hold that policy allows.  The calls below hold
 * the device by themselves; this is for a program that makes the changes itself, or
 * several in a row.  A handle holds one device, or what is below one name, at a time.
 *
 * DAXGUARD_RESULT_LACKING where the guard is not loaded, DAXGUARD_RESULT_HELD where
 * someone else holds the device, DAXGUARD_RESULT_FAILED where there is no such
 * device, where HANDLE holds one already or where a write that was under way before
 * does not end within the timeout.
 */
int daxguard_begin(struct daxguard *handle, const char *device);

/*
 * End the hold that daxguard_begin() began.  DAXGUARD_RESULT_FAILED where the
 * handle holds none, or where it was over before: past its deadline, or released by
 * force.
 */
int daxguard_end(struct daxguard *handle);

/*
 * Bring every block of DEVICE, which is bound to kmem, online in ZONE.  Blocks that
 * are online in another zone are moved.
 */
int daxguard_online(struct daxguard *handle, const char *device, enum daxguard_zone zone);

/* Take every block of DEVICE offline; it stays bound to kmem. */
int daxguard_offline(struct daxguard *handle, const char *device);

/*
 * Take every block of DEVICE offline and release the device from kmem.  It has no
 * driver then.  It is not released while a block is online, so its memory is not
 * lost; where the guard is not loaded, a rival may bring a block online between the
 * last look and the release, and then it is DAXGUARD_RESULT_NOT_AS_ASKED.
 */
int daxguard_unplug(struct daxguard *handle, const char *device);

/*
 * Bind DEVICE to kmem, taking it from another driver, and bring it online in ZONE.
 * Automatic onlining by the kernel is off until its blocks are in that zone.
 */
int daxguard_plug(struct daxguard *handle, const char *device, enum daxguard_zone zone);

#ifdef __cplusplus
}
#endif

#endif /* LIBDAXGUARD_H */
