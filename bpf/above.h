/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What takes a dax device along when it goes: every device above it, and of a CXL
 * region also what it is made of, which is above it nowhere but in the region's own list
 * of targets.  Known by bus and name, so that it is one look whether a file that is
 * written to, or a name that is written, is such a one.
 */
#ifndef DAXGUARD_ABOVE_H
#define DAXGUARD_ABOVE_H

#include "event.h"
#include "object.h"

#define MAX_STEPS 32
#define MAX_TARGETS 16

/* A device as a key, which was zero.  False where it is on no bus: nobody can unbind it. */
static __always_inline bool ancestor_key(struct daxguard_ancestor *key, struct device *dev)
{
	const char *bus = BPF_CORE_READ(dev, bus, name);

	if (!bus || bpf_probe_read_kernel_str(key->subsystem, sizeof(key->subsystem), bus) <= 1)
		return false;
	return bpf_probe_read_kernel_str(key->name, sizeof(key->name),
					 BPF_CORE_READ(dev, kobj.name)) > 1;
}

/* The slot of pci NAME as a key, which was zero. */
static __always_inline bool slot_key(struct daxguard_ancestor *key, const char *name)
{
	__builtin_memcpy(key->subsystem, "slot", 5);
	return bpf_probe_read_kernel_str(key->name, sizeof(key->name), name) > 1;
}

static __always_inline bool same_ancestor(const struct daxguard_ancestor *x,
					  const struct daxguard_ancestor *y)
{
	const __u64 *a = (const void *)x, *b = (const void *)y;

	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3] && a[4] == b[4] &&
	       a[5] == b[5];
}

static __always_inline bool is_ancestor(const struct daxguard_ancestor *key)
{
	return bpf_map_lookup_elem(&ancestors, key) != NULL;
}

/* --- learning --- */

struct climb {
	struct daxguard_name device;
	struct device *at;
	struct device *acpi;
	struct device *region; /* the CXL region that was met */
	struct device *memdev; /* and whose endpoint */
	__u32 steps;
};

static __always_inline void note_above(const struct climb *c, struct daxguard_below *key,
				       struct device *dev)
{
	struct daxguard_above above = { .device = (__u64)dev, .steps = c->steps };

	key->device = c->device;
	/* in this order: drop_ancestor() looks again after it has deleted */
	if (bpf_map_update_elem(&below, key, &above, BPF_ANY) ||
	    bpf_map_update_elem(&ancestors, &key->ancestor, &above, BPF_ANY))
		count(DAXGUARD_UNDECIDED);
}

/* The slot is the device's for as long as the device is there. */
static __always_inline void note_slot(const struct climb *c, struct device *dev)
{
	struct pci_dev *pci = (void *)dev - bpf_core_field_offset(struct pci_dev, dev);
	struct pci_slot *slot = BPF_CORE_READ(pci, slot);
	struct daxguard_below key = {};

	if (slot && slot_key(&key.ancestor, BPF_CORE_READ(slot, kobj.name)))
		note_above(c, &key, dev);
}

/* An ACPI device that firmware can eject takes along all that hangs on it. */
static long climb_acpi(__u32 i, struct climb *c)
{
	struct device *dev = c->acpi;
	struct acpi_device *acpi = (void *)dev - bpf_core_field_offset(struct acpi_device, dev);
	struct daxguard_below key = {};

	if (first_word(BPF_CORE_READ(dev, bus, name)) != WORD_ACPI)
		return 1;
	if (BPF_CORE_READ_BITFIELD_PROBED(acpi, flags.ejectable) &&
	    ancestor_key(&key.ancestor, dev))
		note_above(c, &key, dev);
	c->acpi = BPF_CORE_READ(dev, parent);
	return 0;
}

static __always_inline void note_companion(struct climb *c, struct device *dev)
{
	struct fwnode_handle *node = BPF_CORE_READ(dev, fwnode);

	if (!node || !bpf_core_type_exists(struct acpi_device))
		return;
	/* whether it is ACPI's at all, the bus of what is found there says */
	c->acpi = (void *)node - bpf_core_field_offset(struct acpi_device, fwnode) +
		  bpf_core_field_offset(struct acpi_device, dev);
	bpf_loop(MAX_STEPS, climb_acpi, c, 0);
}

/* A region has targets; the port of an endpoint belongs to a card, which is on that bus too. */
static __always_inline void note_cxl(struct climb *c, struct device *dev)
{
	struct cxl_port *port = (void *)dev - bpf_core_field_offset(struct cxl_port, dev);
	__u64 type = first_word(BPF_CORE_READ(dev, type, name));
	struct device *uport;

	if (type == WORD("cxl_region"))
		c->region = dev;
	if (type != WORD("cxl_port") || !bpf_core_field_exists(port->uport_dev))
		return;
	uport = BPF_CORE_READ(port, uport_dev);
	if (first_word(BPF_CORE_READ(uport, bus, name)) == WORD_CXL)
		c->memdev = uport;
}

/* The climb stands at a device: note it, and go to the one above. */
static long climb_one(__u32 i, struct climb *c)
{
	struct daxguard_below key = {};
	struct device *dev = c->at;
	__u64 bus;

	if (!dev)
		return 1;
	if (ancestor_key(&key.ancestor, dev)) {
		note_above(c, &key, dev);
		bus = *(__u64 *)key.ancestor.subsystem;
		if (bus == WORD_PCI)
			note_slot(c, dev);
		else if (bus == WORD_CXL)
			note_cxl(c, dev);
	}
	note_companion(c, dev);
	c->at = BPF_CORE_READ(dev, parent);
	c->steps++;
	return 0;
}

/* One of the expanders that the region is spread over: its endpoint, and the card. */
static long climb_target(__u32 i, struct climb *c)
{
	struct cxl_region *region =
		(void *)c->region - bpf_core_field_offset(struct cxl_region, dev);
	struct cxl_endpoint_decoder *decoder;
	__u32 steps = c->steps;

	if (i >= MAX_TARGETS ||
	    bpf_core_read(&decoder, sizeof(decoder), &region->params.targets[i]) || !decoder)
		return 0;
	c->memdev = NULL;
	c->at = (void *)decoder + bpf_core_field_offset(struct cxl_endpoint_decoder, cxld) +
		bpf_core_field_offset(struct cxl_decoder, dev);
	bpf_loop(MAX_STEPS, climb_one, c, 0);
	/* from the card on each is further away than the endpoint */
	c->steps = steps + 2;
	c->at = c->memdev;
	bpf_loop(MAX_STEPS, climb_one, c, 0);
	c->steps = steps;
	return 0;
}

/* Learn what is above DEV, a device of the dax bus. */
__subprog void learn_above(struct device *dev)
{
	struct climb c = { .steps = 1 };

	if (!dev || !device_name(&c.device, dev))
		return;
	c.at = BPF_CORE_READ(dev, parent);
	bpf_loop(MAX_STEPS, climb_one, &c, 0);
	if (!c.region || !bpf_core_field_exists(((struct cxl_region *)0)->params.targets))
		return;
	c.steps = 3;
	bpf_loop(MAX_TARGETS, climb_target, &c, 0);
}

/* --- forgetting --- */

struct below_search {
	struct daxguard_below key;
	bool found;
};

static long search_below(struct bpf_map *map, const struct daxguard_name *device,
			 struct daxguard_transition *t, struct below_search *s)
{
	s->key.device = *device;
	s->found = bpf_map_lookup_elem(&below, &s->key) != NULL;
	return s->found;
}

/* An ancestor of nothing is none.  One that becomes one meanwhile is put back. */
static __always_inline void drop_ancestor(struct below_search *s)
{
	struct daxguard_above above, *at;

	bpf_for_each_map_elem(&transitions, search_below, s, 0);
	if (s->found)
		return;
	at = bpf_map_lookup_elem(&ancestors, &s->key.ancestor);
	if (!at)
		return;
	above = *at;
	bpf_map_delete_elem(&ancestors, &s->key.ancestor);
	bpf_for_each_map_elem(&transitions, search_below, s, 0);
	if (s->found)
		bpf_map_update_elem(&ancestors, &s->key.ancestor, &above, BPF_ANY);
}

static long forget_one_above(struct bpf_map *map, const struct daxguard_below *key,
			     struct daxguard_above *above, struct daxguard_name *device)
{
	struct below_search s = { .key = *key };

	if (!same_name(&s.key.device, device))
		return 0;
	bpf_map_delete_elem(&below, &s.key);
	drop_ancestor(&s);
	return 0;
}

/* What is known of the device NAME is of one that was: it may still be open somewhere. */
__subprog void forget_former(const struct daxguard_name *name)
{
	struct daxguard_name key;

	if (!name)
		return;
	key = *name;
	bpf_for_each_map_elem(&below, forget_one_above, &key, 0);
}

/* The device NAME is no more; nothing to do where one of that name is there. */
__subprog void forget_above(const struct daxguard_name *name)
{
	struct daxguard_name key;
	bool known;

	if (!name)
		return;
	key = *name;
	if (find_dax(&key, &known) || !known)
		return;
	bpf_for_each_map_elem(&below, forget_one_above, &key, 0);
}

/* --- who it was that took it along --- */

struct culprit {
	struct daxguard_name device;
	struct daxguard_ancestor ancestor;
	__u32 steps; /* 0: none */
};

/* Is the device on its way out: taken from its driver, or from its bus? */
static __always_inline bool is_going(struct device *dev)
{
	struct device_private *p = BPF_CORE_READ(dev, p);

	return BPF_CORE_READ(dev, links.status) == DL_DEV_UNBINDING ||
	       (p && BPF_CORE_READ_BITFIELD_PROBED(p, dead));
}

static long search_culprit(struct bpf_map *map, const struct daxguard_below *key,
			   struct daxguard_above *above, struct culprit *c)
{
	struct daxguard_ancestor now = {};
	struct daxguard_below was = *key;
	struct device *dev = (void *)above->device;

	if (!same_name(&was.device, &c->device) || above->steps <= c->steps)
		return 0;
	/* what has that address now may be something else */
	if (!ancestor_key(&now, dev) || !same_ancestor(&now, &was.ancestor))
		return 0;
	if (!is_going(dev))
		return 0;
	c->ancestor = was.ancestor;
	c->steps = above->steps;
	return 0;
}

/* The farthest ancestor of DEVICE that is on its way out; steps 0 where there is none. */
static __always_inline void find_culprit(struct culprit *c)
{
	bpf_for_each_map_elem(&below, search_culprit, c, 0);
}

#endif
