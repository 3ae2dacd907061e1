// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32-bit program that writes to a file or removes a module, for a 64-bit kernel: of
 * i386 or of 32-bit Arm.  Without a library, as no 32-bit one need be there to build it.
 *
 * usage: dgprobe32 WAY FILE TEXT             exits as dgprobe attempt does
 *        dgprobe32 delete-module MODULE      as dgprobe delete-module
 */
#define EPERM 1
#define EBUSY 16
#define O_WRONLY 1
#define O_NONBLOCK 04000

_Static_assert(sizeof(void *) == 4, "this is for a 32-bit compiler");

/* the same on both */
#define NR_EXIT 1
#define NR_WRITE 4
#define NR_OPEN 5
#define NR_PIPE 42
#define NR_DELETE_MODULE 129
#define NR_WRITEV 146
#define NR_PWRITE64 181
#define NR_SENDFILE 187
#define NR_SENDFILE64 239

/* as in dgprobe.h */
enum {
	LET_THROUGH,
	REFUSED,
	NOT_ATTEMPTED,
	OTHER_ERROR
};

#define STDERR 2
#define AT_NULL 0
#define AT_SYSINFO 32

#ifdef __i386__
#define NR_SPLICE 313
#define NR_PWRITEV 334
#define NR_MEMFD_CREATE 356
#define NR_PWRITEV2 379

/* The kernel's own way in for this processor, which a library would call. */
static unsigned long fast_way_in;

__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %esp, %eax\n"
	"	and $-16, %esp\n"
	"	sub $12, %esp\n"
	"	push %eax\n"
	"	call begin\n");

/* The sixth argument is 0. */
static long by_int_80(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	__asm__ volatile("push %%ebp; xor %%ebp, %%ebp; int $0x80; pop %%ebp"
			 : "=a"(ret)
			 : "0"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "cc");
	return ret;
}

static long call5(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	if (!fast_way_in)
		return by_int_80(nr, a, b, c, d, e);
	__asm__ volatile(
		"push %%ebp; push %1; xor %%ebp, %%ebp; call *(%%esp); add $4, %%esp; pop %%ebp"
		: "=a"(ret)
		: "m"(fast_way_in), "0"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
		: "memory", "cc");
	return ret;
}
#elif defined(__arm__)
#define NR_SPLICE 340
#define NR_PWRITEV 362
#define NR_MEMFD_CREATE 385
#define NR_PWRITEV2 393

__asm__(".globl _start\n"
	"_start:\n"
	"	mov r0, sp\n"
	"	bl begin\n");

static long call5(long nr, long a, long b, long c, long d, long e)
{
	register long r7 __asm__("r7") = nr;
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = 0;

	__asm__ volatile("svc #0"
			 : "+r"(r0)
			 : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
			 : "memory", "cc");
	return r0;
}
#else
#error "write its way into the kernel"
#endif

struct piece {
	const char *text;
	unsigned long len;
};

static unsigned long length(const char *text)
{
	unsigned long n = 0;

	while (text[n])
		n++;
	return n;
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static void say(const char *text)
{
	call5(NR_WRITE, STDERR, (long)text, length(text), 0, 0);
}

static _Noreturn void quit(int status)
{
	for (;;)
		call5(NR_EXIT, status, 0, 0, 0, 0);
}

static _Noreturn void cannot(const char *what)
{
	say("dgprobe32: cannot ");
	say(what);
	say("\n");
	quit(NOT_ATTEMPTED);
}

static int verdict(long ret, long refusal)
{
	char digits[] = "0000";
	long rest = -ret;

	if (ret >= 0)
		return LET_THROUGH;
	if (ret == -refusal)
		return REFUSED;
	for (int i = 3; i >= 0; i--, rest /= 10)
		digits[i] = '0' + rest % 10;
	say("dgprobe32: errno ");
	say(digits);
	say("\n");
	return OTHER_ERROR;
}

/* From a pipe that holds the text. */
static long by_splice(int to, const char *text, unsigned long len)
{
	int ends[2];

	if (call5(NR_PIPE, (long)ends, 0, 0, 0, 0) ||
	    call5(NR_WRITE, ends[1], (long)text, len, 0, 0) != (long)len)
		cannot("fill a pipe");
	return call5(NR_SPLICE, ends[0], 0, to, 0, len);
}

/* From a file in memory. */
static long by_sendfile(long nr, int to, const char *text, unsigned long len)
{
	long from = call5(NR_MEMFD_CREATE, (long)"text", 0, 0, 0, 0);
	unsigned long long start = 0;

	if (from < 0 || call5(NR_WRITE, from, (long)text, len, 0, 0) != (long)len)
		cannot("fill a file");
	return call5(nr, to, from, (long)&start, len, 0);
}

/* One write of the text. */
static long put(const char *way, int fd, const char *text)
{
	struct piece pieces[] = { { text, 1 }, { text + 1, length(text + 1) } };
	struct piece one = { text, length(text) };
	long vector = (long)&one;

#ifdef __i386__
	if (same(way, "int80"))
		return by_int_80(NR_WRITE, fd, (long)text, one.len, 0, 0);
#endif
	if (same(way, "write"))
		return call5(NR_WRITE, fd, (long)text, one.len, 0, 0);
	if (same(way, "pwrite64"))
		return call5(NR_PWRITE64, fd, (long)text, one.len, 0, 0);
	if (same(way, "writev"))
		return call5(NR_WRITEV, fd, vector, 1, 0, 0);
	if (same(way, "pwritev"))
		return call5(NR_PWRITEV, fd, vector, 1, 0, 0);
	if (same(way, "pwritev2"))
		return call5(NR_PWRITEV2, fd, vector, 1, 0, 0);
	if (same(way, "two-pieces"))
		return call5(NR_WRITEV, fd, (long)pieces, 2, 0, 0);
	if (same(way, "splice"))
		return by_splice(fd, text, one.len);
	if (same(way, "sendfile"))
		return by_sendfile(NR_SENDFILE, fd, text, one.len);
	if (same(way, "sendfile64"))
		return by_sendfile(NR_SENDFILE64, fd, text, one.len);
	cannot("write in that way");
}

static int attempt(const char *way, const char *file, const char *text)
{
	long fd = call5(NR_OPEN, (long)file, O_WRONLY, 0, 0, 0);

	if (fd == -EBUSY)
		return REFUSED;
	if (fd < 0)
		cannot("open the file");
	return verdict(put(way, fd, text), EBUSY);
}

/* What the kernel says of itself lies behind the environment. */
static void find_way_in(unsigned long *word)
{
	while (*word++)
		;
#ifdef __i386__
	for (; *word != AT_NULL; word += 2)
		if (*word == AT_SYSINFO)
			fast_way_in = word[1];
#endif
}

/* _start() calls it. */
_Noreturn void begin(unsigned long *stack);

_Noreturn void begin(unsigned long *stack)
{
	long argc = *stack;
	char **argv = (char **)(stack + 1);
	int status = NOT_ATTEMPTED;

	find_way_in(stack + argc + 2);
	if (argc == 3 && same(argv[1], "delete-module"))
		status = verdict(call5(NR_DELETE_MODULE, (long)argv[2], O_NONBLOCK, 0, 0, 0),
				 EPERM);
	else if (argc == 4)
		status = attempt(argv[1], argv[2], argv[3]);
	else
		say("usage: dgprobe32 WAY FILE TEXT | delete-module MODULE\n");
	quit(status);
}
