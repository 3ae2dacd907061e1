/* SPDX-License-Identifier: GPL-2.0-only */
/* What cppcheck has to know of libbpf's macros; on its command line a ";" parts two of them. */
#define LIBBPF_OPTS(type, name, ...) struct type name
#define bpf_object__for_each_map(map, obj) for (map = (void *)(obj); map;)
#define bpf_object__for_each_program(prog, obj) for (prog = (void *)(obj); prog;)
/* which it knows by this name only */
#define _Noreturn __attribute__((noreturn))
