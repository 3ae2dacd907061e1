/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one object: a decision, the maps it reads, and the programs that ask it.
 * Each part is a file of its own; they share static functions, hence the includes.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "daxguard.h"
#include "maps.h"
#include "event.h"
#include "file.h"
#include "task.h"
#include "owner.h"
#include "object.h"
#include "holder.h"
#include "transition.h"
#include "block.h"
#include "syscall.h"
#include "decide.h"
#include "knob.h"
#include "writes.h"
#include "opens.h"
#include "learn.h"
#include "bind.h"
#include "exit.h"
#include "lsm.h"
#include "hook.h"
#include "observe.h"
#include "slip.h"
#include "control.h"

char LICENSE[] SEC("license") = "GPL";
