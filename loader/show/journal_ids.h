/* SPDX-License-Identifier: GPL-2.0-only */
/* What the journal knows daxguard's messages by: dist/daxguard.catalog has a text for each. */
#ifndef DAXGUARD_JOURNAL_IDS_H
#define DAXGUARD_JOURNAL_IDS_H

/* Of each event of DAXGUARD_EVENTS, with its priority; numbers never change. */
#define JOURNAL_EVENTS(EVENT)                                  \
	EVENT(BEGIN, 6, "dfeb90ed3c0a4e3ea6b0bd06cf1c55a2")    \
	EVENT(END, 6, "6d1aecf11a3e4115bb1d955f43b90175")      \
	EVENT(REFUSED, 5, "cbc8c64146ec48d6abe23ec899926c71")  \
	EVENT(AUDITED, 5, "610811a674c44392830da24cdeb8b0bf")  \
	EVENT(SLIPPED, 2, "d419e1ce7f3447ac99d22410000c4f90")  \
	EVENT(EXPIRED, 4, "3bb8ae1eac8a4a09baca2e6048f845be")  \
	EVENT(RELEASED, 4, "7df417ea437348f4aede63da7a4c55af") \
	EVENT(DESYNC, 4, "da467dbf8cf84d0e826a0050fea62bee")   \
	EVENT(LEAK, 2, "8a4c1941fbeb49a08685185e93faf3fc")     \
	EVENT(SEEN, 6, "3596bea941b24d3f9fe8076c09da175d")     \
	EVENT(HEALED, 5, "dc9384fa137441b1b639a19074b27d52")

/* Of events that are lost. */
#define JOURNAL_GAP "bbb91cb38cb54883a87afee551c16683"

/* Of what the command itself has to say. */
#define JOURNAL_ERROR "022e8530ce7448adab03aac6259178f0"
#define JOURNAL_WARNING "634dd88676ea4020af55e37c75dfe9e9"

#endif
