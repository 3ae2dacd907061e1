// SPDX-License-Identifier: GPL-2.0-only
/* A page of memory that is not there until it is filled in: whoever touches it sleeps
 * (userfaultfd). */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dgprobe.h"

void absent_page_make(struct absent_page *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	page->size = sysconf(_SC_PAGESIZE);
	page->addr = mmap(NULL, page->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	if (page->addr == MAP_FAILED)
		cannot("map a page: %m");
	page->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (page->uffd < 0 || ioctl(page->uffd, UFFDIO_API, &api))
		cannot("use userfaultfd: %m");
	reg.range.start = (unsigned long)page->addr;
	reg.range.len = page->size;
	if (ioctl(page->uffd, UFFDIO_REGISTER, &reg))
		cannot("register a page with userfaultfd: %m");
}

/* Returns once somebody sleeps on the page. */
void absent_page_await_fault(struct absent_page *page)
{
	struct pollfd p = { .fd = page->uffd, .events = POLLIN };
	struct uffd_msg msg;
	int n;

	do {
		n = poll(&p, 1, WAIT_MS);
	} while (n < 0 && errno == EINTR);
	if (n != 1 || read(page->uffd, &msg, sizeof(msg)) != sizeof(msg) ||
	    msg.event != UFFD_EVENT_PAGEFAULT)
		cannot("see the page being touched");
}

void absent_page_fill(struct absent_page *page, const char *text)
{
	char *content = aligned_alloc(page->size, page->size);
	struct uffdio_copy copy = {
		.dst = (unsigned long)page->addr,
		.src = (unsigned long)content,
		.len = page->size,
	};

	if (!content)
		cannot("allocate a page");
	memset(content, 0, page->size);
	strncpy(content, text, page->size - 1);
	if (ioctl(page->uffd, UFFDIO_COPY, &copy))
		cannot("fill in a page: %m");
	free(content);
}
