// SPDX-License-Identifier: GPL-2.0-only
/* The smallest program there is: what its exec costs is the kernel's alone. */

_Noreturn void _start(void);

/* exit_group(0); the library that would do it is longer than all the rest */
void _start(void)
{
#ifdef __x86_64__
	__asm__ volatile("syscall" : : "a"(231), "D"(0) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	__asm__ volatile("mov x8, #94; mov x0, #0; svc #0" : : : "x0", "x8", "memory");
#else
#error "write its exit_group(0)"
#endif
	__builtin_unreachable();
}
