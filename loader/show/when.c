/* SPDX-License-Identifier: GPL-2.0-only */
/* Points in time as people write them, in nanoseconds since 1970. */
#include "show/when.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "number.h"

#define MAX_S (UINT64_MAX / NS_PER_S - 1)

/* Exactly NR digits at *TEXT, which moves behind them.  -1 where there are fewer. */
static int digits(const char **text, int nr)
{
	int sum = 0;

	for (; nr; nr--, (*text)++) {
		if (**text < '0' || **text > '9')
			return -1;
		sum = sum * 10 + (**text - '0');
	}
	return sum;
}

static int skip(const char **text, const char *any_of)
{
	if (!**text || !strchr(any_of, **text))
		return -EINVAL;
	(*text)++;
	return 0;
}

/* ".5" and the like, or nothing: in nanoseconds. */
static int fraction(const char **text, __u64 *ns)
{
	__u64 unit = NS_PER_S / 10;

	*ns = 0;
	if (**text != '.')
		return 0;
	(*text)++;
	if (**text < '0' || **text > '9')
		return -EINVAL;
	for (; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
		*ns += unit * (**text - '0');
	return 0;
}

/* "Z" or "+01:00", in seconds. */
static int zone(const char **text, long *offset)
{
	int sign, hours, minutes;

	*offset = 0;
	if (!skip(text, "Zz"))
		return 0;
	sign = **text == '-' ? -1 : 1;
	if (skip(text, "+-"))
		return -EINVAL;
	hours = digits(text, 2);
	if (hours < 0 || hours > 23 || skip(text, ":"))
		return -EINVAL;
	minutes = digits(text, 2);
	if (minutes < 0 || minutes > 59)
		return -EINVAL;
	*offset = sign * (hours * 3600L + minutes * 60L);
	return 0;
}

/* timegm() turns 31 February into March: such a date is none. */
static int to_seconds(struct tm *tm, time_t *seconds)
{
	struct tm same = *tm;

	if (tm->tm_year < 70 || tm->tm_hour < 0 || tm->tm_hour > 23 || tm->tm_min < 0 ||
	    tm->tm_min > 59 || tm->tm_sec < 0 || tm->tm_sec > 60)
		return -EINVAL;
	*seconds = timegm(&same);
	return same.tm_mon == tm->tm_mon ? 0 : -EINVAL;
}

static int date_and_time(const char **text, struct tm *tm)
{
	memset(tm, 0, sizeof(*tm));
	tm->tm_year = digits(text, 4) - 1900;
	if (skip(text, "-"))
		return -EINVAL;
	tm->tm_mon = digits(text, 2) - 1;
	if (skip(text, "-"))
		return -EINVAL;
	tm->tm_mday = digits(text, 2);
	if (skip(text, "Tt "))
		return -EINVAL;
	tm->tm_hour = digits(text, 2);
	if (skip(text, ":"))
		return -EINVAL;
	tm->tm_min = digits(text, 2);
	if (skip(text, ":"))
		return -EINVAL;
	tm->tm_sec = digits(text, 2);
	return 0;
}

static int parse_rfc3339(const char *text, __u64 *when)
{
	time_t seconds;
	struct tm tm;
	long offset;
	__u64 ns;

	if (date_and_time(&text, &tm) || fraction(&text, &ns) || zone(&text, &offset) ||
	    *text || to_seconds(&tm, &seconds))
		return -EINVAL;
	seconds -= offset;
	if (seconds < 0 || (__u64)seconds > MAX_S)
		return -EINVAL;
	*when = seconds * NS_PER_S + ns;
	return 0;
}

static int unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	default:
		return 0;
	}
}

/* Further back than 1970 is 1970: all there is. */
static int parse_ago(const char *text, __u64 now, __u64 *when)
{
	size_t len = strlen(text);
	char number[24];
	__u64 ago;
	int unit;

	if (!len || len > sizeof(number))
		return -EINVAL;
	unit = unit_seconds(text[len - 1]);
	memcpy(number, text, len - 1);
	number[len - 1] = 0;
	if (!unit || parse_number(number, 10, MAX_S / unit, &ago))
		return -EINVAL;
	ago *= unit * NS_PER_S;
	*when = ago < now ? now - ago : 0;
	return 0;
}

int parse_when(const char *text, __u64 now, __u64 *when)
{
	__u64 seconds;

	if (text[0] == '@') {
		if (parse_number(text + 1, 10, MAX_S, &seconds))
			return -EINVAL;
		*when = seconds * NS_PER_S;
		return 0;
	}
	if (strchr(text, ':'))
		return parse_rfc3339(text, when);
	return parse_ago(text + (text[0] == '-'), now, when);
}

void format_when(__u64 when, char *buf, size_t size)
{
	time_t seconds = when / NS_PER_S;
	struct tm tm;
	char day[32];

	gmtime_r(&seconds, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%06lluZ", day, when % NS_PER_S / 1000);
}

__u64 when_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

__u64 when_of(__u64 boot_ns)
{
	return when_now() - now_ns() + boot_ns;
}
