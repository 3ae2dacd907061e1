/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * The knobs: every file of sysfs that changes a dax device or its memory blocks, one row
 * each.  From these tables follow what the BPF programs look at and what decides it,
 * 'daxguard --list-knobs' and the files that t-knobs.sh writes to.
 *
 * A new file of a kind that is there is one row of DAXGUARD_KNOBS.  A new kind is one row
 * of DAXGUARD_KNOB_KINDS, too, and the two functions in bpf/knob.h that it names; a new
 * directory one of DAXGUARD_KNOB_PLACES and the function in bpf/file.h.
 */
#ifndef DAXGUARD_KNOBS_H
#define DAXGUARD_KNOBS_H

/* PLACE(place, path, find): a directory, as people write it, and what knows its files. */
#define DAXGUARD_KNOB_PLACES(PLACE)                                           \
	PLACE(BLOCK, "/sys/devices/system/memory/memoryN/", device_file)      \
	PLACE(DEVICE, "/sys/bus/dax/devices/daxX.Y/", device_file)            \
	PLACE(DRIVER, "/sys/bus/dax/drivers/DRIVER/", driver_file)            \
	PLACE(BUS, "/sys/bus/dax/", driver_file)                              \
	PLACE(MEMORY, "/sys/devices/system/memory/", memory_file)             \
	PLACE(REGION, "/sys/bus/BUS/devices/PARENT/dax_region/", region_file) \
	PLACE(OTHER, "/sys/bus/BUS/drivers/DRIVER/", driver_file)             \
	PLACE(PCI, "/sys/bus/pci/devices/ANCESTOR/", device_file)             \
	PLACE(CXL, "/sys/bus/cxl/devices/ANCESTOR/", device_file)             \
	PLACE(ACPI, "/sys/bus/acpi/devices/ANCESTOR/", device_file)           \
	PLACE(SLOT, "/sys/bus/pci/slots/ANCESTOR/", slot_file)

/*
 * KNOB(place, file, kind); AGAIN() where the row of another place has the file's name
 * already, which one function has to find in both.  The first eight letters of a name
 * have to tell it from all others.
 */
#define DAXGUARD_KNOBS(KNOB, AGAIN)                     \
	KNOB(BLOCK, "state", BLOCK)                     \
	KNOB(BLOCK, "online", BLOCK)                    \
	KNOB(BLOCK, "uevent", UEVENT)                   \
	AGAIN(DEVICE, "state", DEVICE)                  \
	KNOB(DEVICE, "hotplug", DEVICE)                 \
	KNOB(DEVICE, "mapping", LAYOUT)                 \
	KNOB(DEVICE, "size", LAYOUT)                    \
	KNOB(DEVICE, "align", LAYOUT)                   \
	KNOB(DRIVER, "unbind", UNBIND)                  \
	KNOB(DRIVER, "remove_id", UNBIND)               \
	KNOB(DRIVER, "bind", BIND)                      \
	KNOB(DRIVER, "new_id", BIND)                    \
	KNOB(BUS, "drivers_probe", BIND)                \
	KNOB(MEMORY, "auto_online_blocks", AUTO_ONLINE) \
	KNOB(MEMORY, "soft_offline_page", PAGE)         \
	KNOB(MEMORY, "hard_offline_page", PAGE)         \
	KNOB(MEMORY, "probe", PROBE)                    \
	KNOB(REGION, "delete", DELETE)                  \
	AGAIN(OTHER, "unbind", UNBIND_ABOVE)            \
	KNOB(PCI, "remove", ABOVE)                      \
	KNOB(PCI, "reset", ABOVE)                       \
	KNOB(PCI, "reset_subordinate", ABOVE)           \
	KNOB(CXL, "commit", ABOVE)                      \
	KNOB(CXL, "mode", ABOVE)                        \
	KNOB(CXL, "dpa_size", ABOVE)                    \
	KNOB(CXL, "target0", ABOVE)                     \
	KNOB(CXL, "target1", ABOVE)                     \
	KNOB(CXL, "target2", ABOVE)                     \
	KNOB(CXL, "target3", ABOVE)                     \
	KNOB(CXL, "target4", ABOVE)                     \
	KNOB(CXL, "target5", ABOVE)                     \
	KNOB(CXL, "target6", ABOVE)                     \
	KNOB(CXL, "target7", ABOVE)                     \
	KNOB(CXL, "target8", ABOVE)                     \
	KNOB(CXL, "target9", ABOVE)                     \
	KNOB(CXL, "target10", ABOVE)                    \
	KNOB(CXL, "target11", ABOVE)                    \
	KNOB(CXL, "target12", ABOVE)                    \
	KNOB(CXL, "target13", ABOVE)                    \
	KNOB(CXL, "target14", ABOVE)                    \
	KNOB(CXL, "target15", ABOVE)                    \
	KNOB(CXL, "delete_region", REGION)              \
	KNOB(ACPI, "eject", EJECT)                      \
	KNOB(SLOT, "power", SLOT)

/*
 * KIND(kind, write, open, word, default, held, when): the functions that decide at the
 * write and, where no program sits on that, at the open; the word of the policy and its
 * default, "" where there is none; what becomes of a stranger's write under the default
 * policy while the device is held; and for people, when that is.
 */
#define DAXGUARD_KNOB_KINDS(KIND)                                                             \
	KIND(BLOCK, write_held, open_any, "scope", "transition", "refused",                   \
	     "somebody else holds the device")                                                \
	KIND(DEVICE, write_held, write_held, "mode", "enforce", "refused",                    \
	     "somebody else holds the device")                                                \
	KIND(LAYOUT, write_layout, write_layout, "mapping", "refuse", "refused",              \
	     "the device has a driver")                                                       \
	KIND(UNBIND, write_unbind, open_unbind, "unbind", "refuse", "refused",                \
	     "a block of the device is online, or somebody else holds it")                    \
	KIND(BIND, write_bind, open_any, "", "", "refused", "somebody else holds the device") \
	KIND(AUTO_ONLINE, write_auto_online, write_auto_online, "auto_online", "allow",       \
	     "let through", "anything is held")                                               \
	KIND(PAGE, write_seen, open_any, "", "", "seen", "anything is held")                  \
	KIND(UEVENT, write_seen, open_any, "", "", "seen", "somebody else holds the device")  \
	KIND(PROBE, write_any_held, write_any_held, "", "", "refused", "anything is held")    \
	KIND(DELETE, write_bind, open_any, "", "", "refused",                                 \
	     "somebody else holds the device")                                                \
	KIND(UNBIND_ABOVE, write_unbind_above, open_unbind_above, "unbind", "refuse",         \
	     "refused", "a block of a device below is online, or somebody else holds one")    \
	KIND(ABOVE, write_above, open_above, "unbind", "refuse", "refused",                   \
	     "a block of a device below is online, or somebody else holds one")               \
	KIND(REGION, write_region, open_above, "unbind", "refuse", "refused",                 \
	     "a block of a device below is online, or somebody else holds one")               \
	KIND(EJECT, write_eject, open_eject, "unbind", "refuse", "refused",                   \
	     "kmem has a device below, or somebody else holds one")                           \
	KIND(SLOT, write_slot, open_slot, "unbind", "refuse", "refused",                      \
	     "a block of a device below is online, or somebody else holds one")

enum daxguard_knob_place {
#define ONE_PLACE(place, path, find) PLACE_##place,
	DAXGUARD_KNOB_PLACES(ONE_PLACE)
#undef ONE_PLACE
};

/* What a file is: a kind of knob. */
enum daxguard_knob_kind {
	WHAT_NOTHING,
#define ONE_KIND(kind, write, open, word, by_default, held, when) WHAT_##kind,
	DAXGUARD_KNOB_KINDS(ONE_KIND)
#undef ONE_KIND
};

#endif
