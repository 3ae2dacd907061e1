// SPDX-License-Identifier: GPL-2.0-only
/* The verb delete-module: rmmod by each of the ways that a 64-bit program has into the kernel,
 * on x86-64 three. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dgprobe.h"

#ifdef __x86_64__
#define NR_IA32_DELETE_MODULE 129
#define X32_SYSCALL_BIT 0x40000000

/* As a 32-bit program enters; also a 64-bit one may, with an argument that 32 bits hold. */
static long by_int_80(const char *name)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long ret;

	if (low == MAP_FAILED)
		cannot("get memory below 4 GiB: %m");
	snprintf(low, 4096, "%s", name);
	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"((long)NR_IA32_DELETE_MODULE), "b"(low), "c"((long)O_NONBLOCK)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return (int)ret;
}
#endif

static long by_syscall(long nr, const char *name)
{
	long ret = syscall(nr, name, O_NONBLOCK);

	return ret ? -errno : 0;
}

/* EPERM is how a refusal looks here; a kernel without that way in says ENOSYS. */
int verb_delete_module(int argc, char **argv)
{
	long ret;

	(void)argc;
	if (!strcmp(argv[1], "64"))
		ret = by_syscall(SYS_delete_module, argv[2]);
#ifdef __x86_64__
	else if (!strcmp(argv[1], "ia32"))
		ret = by_int_80(argv[2]);
	else if (!strcmp(argv[1], "x32"))
		ret = by_syscall(SYS_delete_module | X32_SYSCALL_BIT, argv[2]);
#endif
	else
		usage();
	errno = -ret;
	if (ret == -ENOSYS)
		cannot("call the kernel as %s: %m", argv[1]);
	if (ret && ret != -EPERM)
		fprintf(stderr, "dgprobe: delete_module of %s: %m\n", argv[2]);
	return ret == -EPERM ? REFUSED : ret ? OTHER_ERROR : LET_THROUGH;
}
