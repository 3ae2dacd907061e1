/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps: what every program shares, and what the loader pins. */
#ifndef DAXGUARD_MAPS_H
#define DAXGUARD_MAPS_H

#include "base.h"
#include "origins.h"

/*
 * Hash maps are preallocated: an element can then be made in any context, also on
 * a real-time kernel, and "map full" is the only way to fail.
 */
#define MAX_DEVICES 1024
#define MAX_BLOCKS 65536
#define MAX_FILES 16384
#define MAX_ANCESTORS 8192
#define MAX_BELOW 16384
#define MAX_TALLY 4096

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, struct daxguard_policy);
} policy SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct daxguard_allow_key);
	__type(value, struct daxguard_allow);
} allow SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, struct daxguard_policy_more);
} policy_more SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct daxguard_allow_key);
	__type(value, struct daxguard_allow);
} controllers SEC(".maps") __weak;

/* As many as both lists that name them have room for. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256 + 64);
	__type(key, struct daxguard_path);
	__type(value, struct daxguard_program);
} programs SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct daxguard_identity);
} identity SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, struct daxguard_device);
} devices SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_BLOCKS);
	__type(key, __u32);
	__type(value, struct daxguard_block);
} blocks SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, struct daxguard_transition);
} transitions SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DAXGUARD_NR_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps") __weak;

/* What has happened; "events" wakes who waits for more. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, DAXGUARD_HISTORY);
	__type(key, __u32);
	__type(value, struct daxguard_history);
} history SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_TALLY);
	__type(key, struct daxguard_tally_key);
	__type(value, struct daxguard_tally);
} tally SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_FILES);
	__type(key, __u64);
	__type(value, struct daxguard_open);
} opens SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_FILES);
	__type(key, struct daxguard_thread);
	__type(value, struct daxguard_write);
} writes SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct daxguard_thread);
	__type(value, struct daxguard_write);
} changing SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, struct daxguard_holder);
} holders SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, struct daxguard_adopted);
} adopted SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, struct daxguard_object);
} dax_devs SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_BLOCKS);
	__type(key, __u32);
	__type(value, struct daxguard_object);
} block_devs SEC(".maps") __weak;

/* What takes dax devices along when it goes, and which: above.h. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_ANCESTORS);
	__type(key, struct daxguard_ancestor);
	__type(value, struct daxguard_above);
} ancestors SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_BELOW);
	__type(key, struct daxguard_below);
	__type(value, struct daxguard_above);
} below SEC(".maps") __weak;

/* Devices that "daxguard unplug" has taken from their driver. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, struct daxguard_object);
} unplugged SEC(".maps") __weak;

/* Devices whose owner wants no block online yet: the generation of its transition. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, __u64);
} kept_offline SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_DEVICES);
	__type(key, struct daxguard_name);
	__type(value, struct daxguard_bound);
} bound SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct daxguard_lineage);
} lineage SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct daxguard_request);
} requests SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct daxguard_limit_key);
	__type(value, struct daxguard_limit);
} limits SEC(".maps") __weak;

/* The maps "state" and "history_next", and what belongs to one load alone: daxguard.bpf.c. */
extern struct daxguard_state daxguard_state;
extern __u64 daxguard_history_next;
extern struct daxguard_run daxguard_run;

#endif
