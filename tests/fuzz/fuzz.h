/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fuzz targets share: libFuzzer's entry, and a check that stops it. */
#ifndef DAXGUARD_FUZZ_H
#define DAXGUARD_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What has to be true for every input. */
#define need(what)                                                                           \
	do {                                                                                 \
		if (!(what)) {                                                               \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                             \
		}                                                                            \
	} while (0)

#endif
